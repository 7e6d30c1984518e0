// SPDX-License-Identifier: Apache-2.0

package w3c

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"webshell/correlate"
)

// allFields are IIS's 22 columns in its own order.
const allFields = "#Fields: date time s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username " +
	"c-ip cs-version cs(User-Agent) cs(Cookie) cs(Referer) cs-host sc-status sc-substatus sc-win32-status sc-bytes cs-bytes time-taken"

// benchLine has 245 bytes, the mean of the mix that FACTS section 3 was measured with.
const benchLine = "2026-03-02 10:00:07 W3SVC1 WEB01 10.0.0.5 GET /shop/catalog/list.aspx id=4711&page=2 443 - 203.0.113.7 HTTP/1.1 " +
	"Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)+Gecko/124.0 SID=8f14e45fceea1 https://www.contoso.com/ " +
	"www.contoso.com 200 0 0 51234 612 93"

func mustColumns(tb testing.TB, text string, o *Options) *Columns {
	tb.Helper()
	c, err := ParseFields([]byte(text), o)
	if err != nil {
		tb.Fatalf("ParseFields(%q): %v", text, err)
	}
	return c
}

func TestBenchLine(t *testing.T) {
	if n := len(benchLine); n != 245 {
		t.Fatalf("benchLine has %d bytes, want 245", n)
	}
}

// seconds gives benchLine at n different seconds, in order.
func seconds(n int) [][]byte {
	var lines [][]byte
	for i := range n {
		b := []byte(benchLine)
		copy(b[11:], correlate.Instant(int64(i)*1e9).Time().Format("15:04:05"))
		lines = append(lines, b)
	}
	return lines
}

func BenchmarkPeek(b *testing.B) {
	c := mustColumns(b, allFields, nil)
	b.Run("same_second", func(b *testing.B) { benchPeek(b, c, seconds(1)) })
	b.Run("new_second", func(b *testing.B) { benchPeek(b, c, seconds(1000)) })
	b.Run("baseline_fields", func(b *testing.B) {
		b.SetBytes(int64(len(benchLine)))
		b.ReportAllocs()
		line := []byte(benchLine)
		for b.Loop() {
			if f := bytes.Fields(line); string(f[6]) == "" {
				b.Fatal("no stem")
			}
		}
	})
}

func benchPeek(b *testing.B, c *Columns, lines [][]byte) {
	b.SetBytes(int64(len(lines[0])))
	b.ReportAllocs()
	var l Line
	i := 0
	for b.Loop() {
		if err := l.Peek(c, lines[i]); err != nil {
			b.Fatal(err)
		}
		if i++; i == len(lines) {
			i = 0
		}
	}
}

func BenchmarkSplit(b *testing.B) {
	c := mustColumns(b, allFields, nil)
	line := []byte(benchLine)
	b.Run("fast", func(b *testing.B) {
		b.SetBytes(int64(len(line)))
		b.ReportAllocs()
		var l Line
		if err := l.Peek(c, line); err != nil {
			b.Fatal(err)
		}
		req := new(correlate.Request)
		for b.Loop() {
			if err := l.Split(c, req); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("baseline_split", func(b *testing.B) {
		b.SetBytes(int64(len(line)))
		b.ReportAllocs()
		columns := strings.Fields(allFields)[1:]
		for b.Loop() {
			m := make(map[string]string, len(columns))
			for i, v := range strings.Split(string(line), " ") {
				m[columns[i]] = v
			}
		}
	})
	b.Run("baseline_fields", func(b *testing.B) {
		b.SetBytes(int64(len(line)))
		b.ReportAllocs()
		for b.Loop() {
			bytes.Fields(line)
		}
	})
}

// pairs are the keys and values of benchLine.
func pairs() (keys, values [][]byte) {
	return bytes.Fields([]byte(allFields))[1:], bytes.Split([]byte(benchLine), []byte(" "))
}

func BenchmarkRecord(b *testing.B) {
	keys, values := pairs()
	b.Run("field_of", func(b *testing.B) { benchRecord(b, keys, values) })
	b.Run("baseline_map", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			m := make(map[string]string, len(keys))
			for i, key := range keys {
				m[strings.ToLower(string(key))] = string(values[i])
			}
		}
	})
}

func benchRecord(b *testing.B, keys, values [][]byte) {
	b.ReportAllocs()
	r, req := new(Record), new(correlate.Request)
	for b.Loop() {
		r.Reset()
		for i, key := range keys {
			r.Set(FieldOf(key), values[i])
		}
		if err := requestOf(r, nil, 0, req); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFieldOf(b *testing.B) {
	b.ReportAllocs()
	key := []byte("cs(User-Agent)")
	for b.Loop() {
		FieldOf(key)
	}
}

func BenchmarkClient(b *testing.B) {
	o := &Options{ClientIPField: "X-Forwarded-For", TrustedProxies: prefixes("10.0.0.0/8", "2001:db8::/32")}
	header, peer := []byte("198.51.100.1,+203.0.113.9:50123,+10.1.2.3"), []byte("10.0.0.1")
	b.ReportAllocs()
	for b.Loop() {
		o.client(header, peer)
	}
}

// variedLines are lines whose values differ in length, so that branches can't be learnt.
func variedLines(n int) [][]byte {
	rng := rand.New(rand.NewPCG(1, 2))
	pad := func(lo, hi int) string { return strings.Repeat("a", lo+rng.IntN(hi-lo+1)) }
	var lines [][]byte
	for range n {
		lines = append(lines, fmt.Appendf(nil, "2026-03-02 10:00:%02d W3SVC1 WEB01 10.0.0.%s GET /%s %s 443 - %s HTTP/1.1 %s %s %s www.contoso.com 200 0 0 %s %s %s",
			rng.IntN(3), strings.Repeat("1", 1+rng.IntN(3)), pad(4, 50), pad(1, 40), pad(7, 15), pad(60, 120), pad(1, 40), pad(1, 50),
			strings.Repeat("7", 3+rng.IntN(4)), strings.Repeat("6", 2+rng.IntN(3)), strings.Repeat("9", 1+rng.IntN(4))))
	}
	return lines
}

func BenchmarkLine(b *testing.B) {
	c := mustColumns(b, allFields, nil)
	lines := variedLines(1024)
	b.ReportAllocs()
	var l Line
	req := new(correlate.Request)
	i := 0
	for b.Loop() {
		line := lines[i&1023]
		i++
		if l.Peek(c, line) != nil || l.Split(c, req) != nil {
			b.Fatal("refused")
		}
	}
}
