// SPDX-License-Identifier: Apache-2.0

package report

import (
	"errors"
	"log/slog"
	"strconv"
	"testing"
)

// FuzzHandler: whatever is logged, every printed line is printable, valid and short.
func FuzzHandler(f *testing.F) {
	f.Add("started", "tag", "a\nb", "bad \xff")
	f.Add("\u202e", "k=v", "\x00", "")
	f.Fuzz(func(t *testing.T, message, key, value, err string) {
		sink := &recorder{inCallback: true}
		slog.New(NewHandler(sink, slog.LevelInfo)).Info(message, key, value, "err", errors.New(err))
		for _, one := range sink.lines {
			if len(one) > len("INFO ")+len(continued)+maxPrintBytes {
				t.Errorf("line of %d bytes", len(one))
			}
			for i, r := range one {
				if !strconv.IsPrint(r) {
					t.Errorf("%U at %d of %q", r, i, one)
				}
			}
		}
	})
}
