// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package source

import (
	"testing"
	"time"
	"unsafe"

	"github.com/fluent/fluent-bit-go/output"

	"webshell/plugin/source/sourcetest"
)

// BenchmarkBaseline reads the same chunks with the stock decoder of fluent-bit-go, which only decodes, and with this
// package, which does the whole job, in turn, so that both see the same machine. x-baseline is how many times faster
// the whole job is; the best times of each chunk are compared. Rows named read leave out what is remembered of the
// calls of scripts, four records in ten.
func BenchmarkBaseline(b *testing.B) {
	for _, bm := range []struct {
		name   string
		chunks [][]byte
		play   func(*testing.B, [][]byte, best)
	}{
		{"lines=mix", lineChunks(4, sourcetest.NewMix(1).Values), flushAll},
		{"lines=static", lineChunks(4, ofScripts(false)), flushAll},
		{"parsed=mix", recordChunks(4, sourcetest.NewMix(1).Values), flushAll},
		{"etw=mix", shapeChunks(4, "event_tracing_windows", sourcetest.NewMix(1).Values), flushAll},
		{"etw=read", shapeChunks(4, "event_tracing_windows", sourcetest.NewMix(1).Values), readAll},
		{"winevtlog_map=mix", shapeChunks(4, "winevtlog EventData", sourcetest.NewMix(1).Values), flushAll},
		{"winevtlog_map=read", shapeChunks(4, "winevtlog EventData", sourcetest.NewMix(1).Values), readAll},
		{"winevtlog_inserts=mix", shapeChunks(4, "winevtlog StringInserts", sourcetest.NewMix(1).Values), flushAll},
		{"winevtlog_inserts=read", shapeChunks(4, "winevtlog StringInserts", sourcetest.NewMix(1).Values), readAll},
		{"logmonitor=mix", shapeChunks(4, "LogMonitor", sourcetest.NewMix(1).Values), flushAll},
		{"logmonitor=read", shapeChunks(4, "LogMonitor", sourcetest.NewMix(1).Values), readAll},
	} {
		b.Run(bm.name, func(b *testing.B) {
			stock, ours := newBest(len(bm.chunks)), newBest(len(bm.chunks))
			for b.Loop() {
				for i, c := range bm.chunks {
					start := time.Now()
					stockDecode(c)
					stock.note(i, start)
				}
				bm.play(b, bm.chunks, ours)
			}
			records := float64(len(bm.chunks) * benchLines)
			b.ReportMetric(float64(stock.sum())/records, "stock-ns/record")
			b.ReportMetric(float64(ours.sum())/records, "ours-ns/record")
			b.ReportMetric(float64(stock.sum())/float64(ours.sum()), "x-baseline")
		})
	}
}

func stockDecode(data []byte) (n int) {
	dec := output.NewDecoder(unsafe.Pointer(&data[0]), len(data))
	for {
		if ret, _, _ := output.GetRecord(dec); ret != 0 {
			return n
		}
		n++
	}
}
