// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"webshell/correlate"
)

func TestAppendString(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", `""`},
		{"plain", "cmd=who ami", `"cmd=who ami"`},
		{"html is left alone", "<a href='x'>&", `"<a href='x'>&"`},
		{"quote and backslash", `C:\a"b`, `"C:\\a\"b"`},
		{"controls", "\n\r\t\x00\x1b\x7f", `"\n\r\t\u0000\u001b` + "\x7f" + `"`},
		{"letters", "Größe 網站 😀", `"Größe 網站 😀"`},
		{"line separators", "a\u2028b\u2029c", `"a\u2028b\u2029c"`},
		{"windows-1252", "Gr\xf6\xdfe", "\"Gr\uFFFD\uFFFDe\""},
		{"cut character", "\xe7\xb6", "\"\uFFFD\uFFFD\""},
		{"overlong slash", "\xc0\xaf", "\"\uFFFD\uFFFD\""},
		{"surrogate", "\xed\xa0\x80", "\"\uFFFD\uFFFD\uFFFD\""},
		{"a real U+FFFD", "\uFFFD", "\"\uFFFD\""},
	} {
		if got := string(appendString(nil, c.in)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// validUTF8 is the contract's rule, slowly: one U+FFFD for each byte that belongs to no valid encoding.
func validUTF8(s string) string { return string([]rune(s)) }

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "a", `"\`, "\x00\x1f", "\u2028", "\xff\xfe", "\xe2\x80", "😀\xf0\x9f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		line := appendString(nil, s)
		if !utf8.Valid(line) {
			t.Fatalf("%q: not valid UTF-8: %q", s, line)
		}
		if bytes.ContainsAny(line, "\n\r") {
			t.Fatalf("%q: a line end in %q", s, line)
		}
		var got string
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatalf("%q: %v in %q", s, err, line)
		}
		if want := validUTF8(s); got != want {
			t.Fatalf("%q: got %q, want %q", s, got, want)
		}
	})
}

// TestAppend_roundTrip writes random hostile detections in every format: one line, valid, ours, and deterministic.
func TestAppend_roundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, name := range Names() {
		f, err := New(name)
		if err != nil {
			t.Fatal(err)
		}
		for range 500 {
			d := randomDetection(rng)
			line := f.Append(nil, d)
			if !utf8.Valid(line) || bytes.ContainsAny(line, "\n\r") || !json.Valid(line) {
				t.Fatalf("%s: no line of JSON: %q", name, line)
			}
			if !IsOwn(getter(decode(t, line))) {
				t.Fatalf("%s: not known as ours: %s", name, line)
			}
			if !bytes.Equal(line, f.Append(nil, d)) {
				t.Fatalf("%s: two lines of one detection differ", name)
			}
		}
	}
}

// TestSentinel_roundTrip compares what encoding/json reads back with the detection.
func TestSentinel_roundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		d := randomDetection(rng)
		m := decode(t, appendSentinel(nil, d))
		for key, want := range map[string]any{
			"AttackerIP": validUTF8(d.AttackerIP), "ShellLocation": validUTF8(d.ShellLocation), "DetectionId": d.ID,
			"RequestUserAgents": anys(d.RequestUserAgents), "RequestQueryStrings": anys(d.RequestQueryStrings),
			"RequestCount": float64(d.RequestCount), "FileName": validUTF8(d.FileName), "Truncated": anys(d.Truncated),
		} {
			if !reflect.DeepEqual(m[key], want) {
				t.Fatalf("%s: got %#v, want %#v", key, m[key], want)
			}
		}
		if got := len(m["Requests"].([]any)); got != len(d.Requests) {
			t.Fatalf("%d requests, want %d", got, len(d.Requests))
		}
	}
}

// anys is what encoding/json reads a set of strings as.
func anys(vs []string) []any {
	out := []any{}
	for _, v := range vs {
		out = append(out, validUTF8(v))
	}
	return out
}

// getter reads a decoded record by path, as the plugin does.
func getter(m map[string]any) func(path ...string) (string, bool) {
	return func(path ...string) (string, bool) {
		var v any = m
		for _, key := range path {
			inner, ok := v.(map[string]any)
			if !ok {
				return "", false
			}
			v = inner[key]
		}
		s, ok := v.(string)
		return s, ok
	}
}

// randomDetection fills fields with text that an attacker would choose.
func randomDetection(rng *rand.Rand) *correlate.Detection {
	d := &correlate.Detection{ID: randomID(rng), Revision: rng.Int64N(9) + 1, First: rng.IntN(2) == 0}
	v := reflect.ValueOf(d).Elem()
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; name != "ID" && name != "Revision" {
			randomValue(rng, v.Field(i))
		}
	}
	return d
}

// randomID makes a DetectionId.
func randomID(rng *rand.Rand) string {
	var b strings.Builder
	for range idDigits {
		b.WriteByte(hexDigits[rng.IntN(16)])
	}
	return b.String()
}

// randomValue fills v, whatever its kind.
func randomValue(rng *rand.Rand, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(randomText(rng))
	case reflect.Int64:
		v.SetInt(rng.Int64() >> rng.IntN(64))
	case reflect.Uint8:
		v.SetUint(rng.Uint64N(5))
	case reflect.Slice:
		s := reflect.MakeSlice(v.Type(), rng.IntN(4), 4)
		for i := range s.Len() {
			randomValue(rng, s.Index(i))
		}
		v.Set(s)
	case reflect.Struct:
		for i := range v.NumField() {
			randomValue(rng, v.Field(i))
		}
	}
}

// randomText mixes bytes that need care.
func randomText(rng *rand.Rand) string {
	words := []string{"", "a", "\x00", "\"", "\\", "\xff", "\xe2\x80\xa8", "\xf0\x9f", "{", "[", ",", ":", "/up/x.aspx", "203.0.113.7", "\n", "200", "SHA256:00", "😀"}
	var b strings.Builder
	for range rng.IntN(5) {
		b.WriteString(words[rng.IntN(len(words))])
	}
	return b.String()
}

func TestIsOwn_others(t *testing.T) {
	own := decode(t, appendSentinel(nil, sample()))
	for name, change := range map[string]func(m map[string]any){
		"no rule":       func(m map[string]any) { delete(m, "RuleId") },
		"another rule":  func(m map[string]any) { m["RuleId"] = "5d2f0b5c" },
		"no id":         func(m map[string]any) { delete(m, "DetectionId") },
		"a short id":    func(m map[string]any) { m["DetectionId"] = "6f0c" },
		"capital digit": func(m map[string]any) { m["DetectionId"] = strings.Repeat("F", idDigits) },
		"a number":      func(m map[string]any) { m["DetectionId"] = 7 },
	} {
		m := map[string]any{}
		for k, v := range own {
			m[k] = v
		}
		change(m)
		if IsOwn(getter(m)) {
			t.Errorf("%s: taken for ours", name)
		}
	}
}

func BenchmarkSentinel(b *testing.B) {
	d := sample()
	dst := appendSentinel(nil, d)
	b.SetBytes(int64(len(dst)))
	b.ReportAllocs()
	for b.Loop() {
		dst = appendSentinel(dst[:0], d)
	}
}
