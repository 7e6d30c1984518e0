// SPDX-License-Identifier: Apache-2.0

package chunk_test

import (
	"fmt"
	"testing"

	"webshell/plugin/chunk"
	"webshell/plugin/chunk/chunktest"
)

// benchEvents is as many records as tail puts in one chunk of about 2 MB.
const benchEvents = 8000

const (
	benchPath = `C:\inetpub\logs\LogFiles\W3SVC1\u_ex260302.log`
	benchLine = "2026-03-02 10:00:07 10.0.0.5 POST /up/shell.aspx cmd=whoami 443 - 203.0.113.7 " +
		"Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)+AppleWebKit/537.36+(KHTML,+like+Gecko)+Chrome/120.0.0.0 - 200 0 0 %d"
)

// tailChunk is a chunk as tail makes it.
func tailChunk(events int) []byte {
	var b []byte
	offset := uint64(0)
	for i := range events {
		line := fmt.Sprintf(benchLine, i)
		b = append(b, chunktest.Tail(benchPath, offset, line)...)
		offset += uint64(len(line)) + 2
	}
	return b
}

// recordChunk is a chunk of records that a parser has taken apart.
func recordChunk(events int) []byte {
	var b []byte
	for i := range events {
		b = append(b, chunktest.Event(chunktest.TailFraming(), chunktest.TailTime, 0,
			"date", "2026-03-02", "time", "10:00:07", "s-sitename", "W3SVC1", "s-computername", "WEB01",
			"s-ip", "10.0.0.5", "cs-method", "GET", "cs-uri-stem", "/up/shell.aspx", "cs-uri-query", "-",
			"s-port", "443", "c-ip", "203.0.113.7", "cs(User-Agent)", "curl/8.4.0", "cs(Referer)", "-",
			"sc-status", 200, "time-taken", i)...)
	}
	return b
}

// nestedChunk is a chunk of IIS's event stream, where the columns nest.
func nestedChunk(events int) []byte {
	var b []byte
	for i := range events {
		b = append(b, chunktest.Event(chunktest.Old(), chunktest.TailTime, 0,
			"provider_name", "Microsoft-Windows-IIS-Logging", "event_id", 6200, "level", 4,
			"payload", chunktest.Pairs{
				"date", "2026-03-02", "time", "10:00:07", "c-ip", "203.0.113.7", "cs-method", "GET",
				"cs-uri-stem", "/up/shell.aspx", "sc-status", 200, "time-taken", i,
			})...)
	}
	return b
}

func perRecord(b *testing.B, data []byte, events int) {
	b.Helper()
	b.SetBytes(int64(len(data)))
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(events), "ns/record")
}

// BenchmarkReader walks the framing alone.
func BenchmarkReader(b *testing.B) {
	for _, shape := range []struct {
		name string
		make func(int) []byte
	}{{"tail", tailChunk}, {"parsed", recordChunk}, {"nested", nestedChunk}} {
		b.Run("shape="+shape.name, func(b *testing.B) {
			data := shape.make(benchEvents)
			var r chunk.Reader
			b.ReportAllocs()
			for b.Loop() {
				if n := countEvents(&r, data); n != benchEvents {
					b.Fatalf("%d events, want %d: %v", n, benchEvents, r.Err())
				}
			}
			perRecord(b, data, benchEvents)
		})
	}
}

func countEvents(r *chunk.Reader, data []byte) (n int) {
	r.Reset(data, chunk.Limits{})
	for {
		if _, ok := r.Next(); !ok {
			return n
		}
		n++
	}
}

// BenchmarkReaderFields walks the framing and looks three keys up in each body.
func BenchmarkReaderFields(b *testing.B) {
	data := tailChunk(benchEvents)
	var r chunk.Reader
	b.ReportAllocs()
	for b.Loop() {
		if n := readFields(&r, data); n != benchEvents {
			b.Fatalf("%d records, want %d: %v", n, benchEvents, r.Err())
		}
	}
	perRecord(b, data, benchEvents)
}

// readFields counts the events that have a path, an offset and a line.
func readFields(r *chunk.Reader, data []byte) (n int) {
	var key []byte
	var val chunk.Value
	r.Reset(data, chunk.Limits{})
	for {
		ev, ok := r.Next()
		if !ok {
			return n
		}
		found := 0
		for it := ev.Body.Iter(); it.Next(&key, &val); {
			switch string(key) {
			case "path", "log":
				if len(val.Bytes()) > 0 {
					found++
				}
			case "offset":
				if _, ok := val.Int(); ok {
					found++
				}
			}
		}
		if found == 3 {
			n++
		}
	}
}
