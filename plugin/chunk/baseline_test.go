// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package chunk_test

import (
	"testing"
	"time"
	"unsafe"

	"github.com/fluent/fluent-bit-go/output"

	"webshell/plugin/chunk"
)

// BenchmarkBaseline reads the same chunk with the stock decoder of fluent-bit-go
// and with this package, in turn, so that both see the same machine. It reports
// what each costs a record and how many times faster ours is.
func BenchmarkBaseline(b *testing.B) {
	for _, shape := range []struct {
		name string
		make func(int) []byte
	}{{"tail", tailChunk}, {"parsed", recordChunk}} {
		b.Run("shape="+shape.name, func(b *testing.B) {
			const events = 500
			data := shape.make(events)
			var r chunk.Reader
			var stock, ours time.Duration
			for b.Loop() {
				start := time.Now()
				if n := stockCount(data); n != events {
					b.Fatalf("stock decoder: %d events, want %d", n, events)
				}
				middle := time.Now()
				if n := countFields(&r, data); n != events {
					b.Fatalf("%d events, want %d: %v", n, events, r.Err())
				}
				stock += middle.Sub(start)
				ours += time.Since(middle)
			}
			records := float64(b.N) * events
			b.ReportMetric(float64(stock)/records, "stock-ns/record")
			b.ReportMetric(float64(ours)/records, "ours-ns/record")
			b.ReportMetric(float64(stock)/float64(ours), "stock/ours")
		})
	}
}

func stockCount(data []byte) (n int) {
	dec := output.NewDecoder(unsafe.Pointer(&data[0]), len(data))
	for {
		ret, _, record := output.GetRecord(dec)
		if ret != 0 {
			return n
		}
		if len(record) > 0 {
			n++
		}
	}
}

// countFields visits every field of every event, as the stock decoder does.
func countFields(r *chunk.Reader, data []byte) (n int) {
	var key []byte
	var val chunk.Value
	r.Reset(data, chunk.Limits{})
	for {
		ev, ok := r.Next()
		if !ok {
			return n
		}
		fields := 0
		for it := ev.Body.Iter(); it.Next(&key, &val); {
			fields++
		}
		if fields > 0 {
			n++
		}
	}
}
