// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"testing"

	"webshell/correlate"
)

// BenchmarkRead reads one record of each feed from its JSON text, decoding included.
func BenchmarkRead(b *testing.B) {
	r := NewReader(Options{LogKey: "log"})
	for _, tt := range fixtures {
		b.Run(tt.file, func(b *testing.B) {
			record := map[string]any{"log": readFixture(b, tt.file)}
			b.SetBytes(int64(len(record["log"].(string))))
			b.ReportAllocs()
			for b.Loop() {
				r.Read(record, arrival, func(*correlate.Alert) {})
			}
		})
	}
}
