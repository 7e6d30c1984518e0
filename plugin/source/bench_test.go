// SPDX-License-Identifier: Apache-2.0

package source

import (
	"testing"

	"webshell/correlate"
	"webshell/plugin/chunk/chunktest"
	"webshell/plugin/source/sourcetest"
)

const (
	// benchLines is as many lines as tail puts in one chunk of about 2 MB.
	benchLines  = 6000
	benchChunks = 16
	benchPath   = `C:\inetpub\logs\LogFiles\W3SVC1\u_ex260302.log`
)

// mixChunks makes chunks as tail cuts them of one file that begins with its columns.
func mixChunks(chunks int) [][]byte {
	mix := sourcetest.NewMix(1)
	offset := uint64(0)
	var all [][]byte
	for i := range chunks {
		var c []byte
		add := func(line string) {
			c = append(c, chunktest.Tail(benchPath, offset, line)...)
			offset += uint64(len(line)) + 2
		}
		if i == 0 {
			add(sourcetest.Fields)
		}
		var b []byte
		for range benchLines {
			b = mix.AppendLine(b[:0])
			add(string(b))
		}
		all = append(all, c)
	}
	return all
}

func BenchmarkFlush(b *testing.B) {
	chunks := mixChunks(benchChunks)
	size := 0
	for _, c := range chunks {
		size += len(c)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	wall := instant(b, "2026-03-02T12:00:00Z")
	for b.Loop() {
		s := NewSet(tailOptions(), newEngine(b, correlate.Windows))
		for _, c := range chunks {
			if err := s.Flush(c, "iis", wall); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(benchLines*benchChunks), "ns/record")
}
