// SPDX-License-Identifier: Apache-2.0

package source

import (
	"testing"
	"time"

	"webshell/correlate"
	"webshell/plugin/chunk/chunktest"
	"webshell/plugin/source/sourcetest"
)

const (
	// benchLines is as many lines as tail puts in one chunk of about 2 MB.
	benchLines  = 6000
	benchChunks = 16
)

// lineChunks are chunks as tail cuts them of one file that begins with its columns.
func lineChunks(chunks int, next func() []string) (all [][]byte) {
	offset := uint64(len(sourcetest.Fields)) + 2
	for i := range chunks {
		var c []byte
		if i == 0 {
			c = chunktest.Tail(remotePath, 0, sourcetest.Fields)
		}
		for range benchLines {
			line := joined(next())
			c = append(c, chunktest.Tail(remotePath, offset, line)...)
			offset += uint64(len(line)) + 2
		}
		all = append(all, c)
	}
	return all
}

// recordChunks are the same requests as a parser leaves them.
func recordChunks(chunks int, next func() []string) (all [][]byte) {
	for range chunks {
		var c []byte
		for range benchLines {
			c = append(c, chunktest.Event(chunktest.TailFraming(), chunktest.TailTime, 0, columnPairs(next(), false)...)...)
		}
		all = append(all, c)
	}
	return all
}

// shapeChunks are the same requests in one of the shapes of IIS's event stream.
func shapeChunks(chunks int, name string, next func() []string) (all [][]byte) {
	event := shapes()[name]
	for range chunks {
		var c []byte
		for range benchLines {
			c = append(c, event(next(), 0)...)
		}
		all = append(all, c)
	}
	return all
}

// ofScripts lets only calls of scripts through, or only others.
func ofScripts(are bool) func() []string {
	mix := sourcetest.NewMix(1)
	return func() []string {
		for {
			if v := mix.Values(); v[6][1] != 'c' == are { // assets are below /content
				return v
			}
		}
	}
}

// BenchmarkFlush is the whole job of a flush but its outputs: from the framing to the engine's memory.
func BenchmarkFlush(b *testing.B) {
	for _, bm := range []struct {
		name   string
		chunks [][]byte
	}{
		{"lines=mix", lineChunks(benchChunks, sourcetest.NewMix(1).Values)},
		{"lines=static", lineChunks(benchChunks, ofScripts(false))},
		{"lines=script", lineChunks(benchChunks, ofScripts(true))},
		{"parsed=mix", recordChunks(benchChunks, sourcetest.NewMix(1).Values)},
		{"etw=mix", shapeChunks(benchChunks, "event_tracing_windows", sourcetest.NewMix(1).Values)},
		{"winevtlog=mix", shapeChunks(benchChunks, "winevtlog EventData", sourcetest.NewMix(1).Values)},
		{"logmonitor=mix", shapeChunks(benchChunks, "LogMonitor", sourcetest.NewMix(1).Values)},
	} {
		b.Run(bm.name, func(b *testing.B) { benchFlush(b, bm.chunks) })
	}
}

func benchFlush(b *testing.B, chunks [][]byte) {
	size := int64(0)
	for _, c := range chunks {
		size += int64(len(c))
	}
	b.SetBytes(size)
	b.ReportAllocs()
	best := newBest(len(chunks))
	for b.Loop() {
		flushAll(b, chunks, best)
	}
	records := float64(len(chunks) * benchLines)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/records, "ns/record")
	b.ReportMetric(float64(best.sum().Nanoseconds())/records, "best-ns/record")
}

// best is the least time that each part of a repeated job took: what it costs while nobody else wants the processor.
type best []time.Duration

func newBest(parts int) best {
	all := make(best, parts)
	for i := range all {
		all[i] = 1 << 62
	}
	return all
}

func (all best) note(i int, start time.Time) { all[i] = min(all[i], time.Since(start)) }

func (all best) sum() (sum time.Duration) {
	for _, d := range all {
		sum += d
	}
	return sum
}

// flushAll plays chunks into a new engine.
func flushAll(b *testing.B, chunks [][]byte, best best) {
	flushInto(b, newEngine(b, correlate.Windows), chunks, instant(b, wallClock), best)
}

// readAll plays chunks into an engine whose clock stands so far ahead that it remembers none of them: what it costs to
// read them.
func readAll(b *testing.B, chunks [][]byte, best best) {
	engine, wall := newEngine(b, correlate.Windows), instant(b, wallClock).Add(90*24*time.Hour)
	if o := engine.MoveClock(wall, wall); o != correlate.Accepted {
		b.Fatal(o)
	}
	flushInto(b, engine, chunks, wall, best)
	if n := engine.Stats().Clients; n > 0 {
		b.Fatalf("%d clients are remembered", n)
	}
}

func flushInto(b *testing.B, engine *correlate.Correlator, chunks [][]byte, wall correlate.Instant, best best) {
	s := NewSet(tailOptions(), engine)
	for i, c := range chunks {
		start := time.Now()
		if err := s.Flush(c, "iis", wall); err != nil {
			b.Fatal(err)
		}
		best.note(i, start)
	}
}
