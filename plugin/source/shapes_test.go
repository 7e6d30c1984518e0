// SPDX-License-Identifier: Apache-2.0

package source

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"webshell/correlate"
	"webshell/plugin/chunk/chunktest"
	"webshell/plugin/format"
	"webshell/plugin/source/sourcetest"
)

// shape makes an event of a request's values, in the order of sourcetest.Columns. offset is where its line stands.
type shape func(values []string, offset uint64) []byte

// shapes are all in which a request may come.
func shapes() map[string]shape {
	tail := chunktest.TailFraming()
	return map[string]shape{
		"raw line": func(v []string, offset uint64) []byte {
			return chunktest.Tail(remotePath, offset, joined(v))
		},
		"raw line, old framing": func(v []string, offset uint64) []byte {
			return chunktest.Event(chunktest.Old(), chunktest.TailTime, 0, "log", joined(v), "offset", offset, "path", remotePath)
		},
		"parsed": func(v []string, _ uint64) []byte {
			return chunktest.Event(tail, chunktest.TailTime, 0, columnPairs(v, false)...)
		},
		"parsed, numbers": func(v []string, _ uint64) []byte {
			return chunktest.Event(chunktest.New(), chunktest.TailTime, 0, columnPairs(v, true)...)
		},
		"event_tracing_windows": func(v []string, _ uint64) []byte {
			return etw(loggingProvider, loggingGUID, 6200, chunktest.Pairs(columnPairs(v, true)))
		},
		"winevtlog EventData": func(v []string, _ uint64) []byte {
			return winevtlog(loggingChannel, 6200, "EventData", chunktest.Pairs(columnPairs(v, false)))
		},
		"winevtlog StringInserts": func(v []string, _ uint64) []byte {
			return winevtlog(loggingChannel, 6200, "StringInserts", insertsOf(v))
		},
		"LogMonitor": func(v []string, _ uint64) []byte {
			return event("Source", "ETW", "LogEntry", chunktest.Pairs{"ProviderName", loggingProvider, "EventId", "6200",
				"EventData", chunktest.Pairs(columnPairs(v, true))})
		},
		"LogMonitor text": func(v []string, _ uint64) []byte {
			return event("log", textOf(v))
		},
	}
}

func joined(values []string) string {
	var b []byte
	for i, v := range values {
		if i > 0 {
			b = append(b, ' ')
		}
		b = append(b, v...)
	}
	return string(b)
}

// columnPairs are names and values; numbers come as such where asked.
func columnPairs(values []string, asNumbers bool) (pairs []any) {
	for i, v := range values {
		if n, err := strconv.Atoi(v); asNumbers && err == nil {
			pairs = append(pairs, sourcetest.Columns[i], n)
		} else {
			pairs = append(pairs, sourcetest.Columns[i], v)
		}
	}
	return pairs
}

// insertsOf are the values in the order of event 6200.
func insertsOf(values []string) []any {
	order := []string{"", "date", "time", "c-ip", "cs-username", "s-sitename", "s-computername", "s-ip", "cs-method", "cs-uri-stem",
		"cs-uri-query", "sc-status", "sc-win32-status", "sc-bytes", "cs-bytes", "time-taken", "s-port", "cs(User-Agent)", "cs(Cookie)",
		"cs(Referer)", "cs-version", "cs-host", "sc-substatus"}
	inserts := []any{2478079}
	for _, name := range order[1:] {
		inserts = append(inserts, values[slices.Index(sourcetest.Columns[:], name)])
	}
	return inserts
}

func textOf(values []string) string {
	data := map[string]any{}
	pairs := columnPairs(values, true)
	for i := 0; i < len(pairs); i += 2 {
		data[pairs[i].(string)] = pairs[i+1]
	}
	text, err := json.Marshal(map[string]any{"Source": "ETW", "LogEntry": map[string]any{
		"ProviderName": loggingProvider, "EventId": "6200", "EventData": data}})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// The same requests, in whichever shape they come, give the same detections, byte for byte.
func TestShapes_sameDetections(t *testing.T) {
	want := detectionsOf(t, func() string { return "raw line" })
	if n := bytes.Count(want, []byte("\n")); n < 300 {
		t.Fatalf("%d detections: too few to tell anything", n)
	}
	names := sortedKeys(shapes())
	for _, name := range names {
		t.Run(name, func(t *testing.T) { wantSame(t, detectionsOf(t, func() string { return name }), want) })
	}
	t.Run("all in turn", func(t *testing.T) {
		dice := rand.New(rand.NewPCG(1, 3))
		wantSame(t, detectionsOf(t, func() string { return names[dice.IntN(len(names))] }), want)
	})
}

// detectionsOf plays 10 000 requests, the shape of each named by next, and gives the final detections in the sentinel
// format, sorted.
func detectionsOf(t *testing.T, next func() string) []byte {
	t.Helper()
	const requests, each = 10000, 250
	f := newFeed(t, tailOptions())
	f.watch("page0.aspx", "page1.ashx", "page2.asmx", "page3.php", "page7.php", "page12.aspx")
	mix := sourcetest.NewMix(7)
	events := [][]byte{chunktest.Tail(remotePath, 0, sourcetest.Fields)}
	offset := uint64(len(sourcetest.Fields)) + 2
	all := shapes()
	for range requests {
		values, name := mix.Values(), next()
		events = append(events, all[name](values, offset))
		if strings.HasPrefix(name, "raw") { // the file holds these alone
			offset += uint64(len(joined(values))) + 2
		}
		if len(events) == each {
			f.flush("iis", events...)
			events = nil
		}
	}
	f.flush("iis", events...)
	f.finals()
	f.wantRefused("")
	return formatted(t, f.newest)
}

func formatted(t *testing.T, newest map[string]*correlate.Detection) []byte {
	t.Helper()
	fm, err := format.New("sentinel")
	if err != nil {
		t.Fatal(err)
	}
	var out []byte
	for _, id := range sortedKeys(newest) {
		d := *newest[id]
		d.Revision, d.TimeGenerated = 0, 0
		out = append(fm.Append(out, &d), '\n')
	}
	return out
}

func wantSame(t *testing.T, got, want []byte) {
	t.Helper()
	if bytes.Equal(got, want) {
		return
	}
	g, w := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range min(len(g), len(w)) {
		if !bytes.Equal(g[i], w[i]) {
			t.Fatalf("%d and %d detections, number %d differs:\n got %.3000s\nwant %.3000s", len(g)-1, len(w)-1, i, g[i], w[i])
		}
	}
	t.Fatalf("%d detections, want %d", len(g)-1, len(w)-1)
}
