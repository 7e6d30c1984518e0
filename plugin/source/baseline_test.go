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
// the whole job is; the best times of each chunk are compared.
func BenchmarkBaseline(b *testing.B) {
	for _, bm := range []struct {
		name   string
		chunks [][]byte
	}{
		{"lines=mix", lineChunks(4, sourcetest.NewMix(1).Values)},
		{"parsed=mix", recordChunks(4, sourcetest.NewMix(1).Values)},
	} {
		b.Run(bm.name, func(b *testing.B) {
			stock, ours := newBest(len(bm.chunks)), newBest(len(bm.chunks))
			for b.Loop() {
				for i, c := range bm.chunks {
					start := time.Now()
					stockDecode(c)
					stock.note(i, start)
				}
				flushAll(b, bm.chunks, ours)
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
