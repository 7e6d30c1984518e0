// SPDX-License-Identifier: Apache-2.0

package forward

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/vmihailenco/msgpack/v5"
)

func TestAppendJSON(t *testing.T) {
	long := strings.Repeat("x", 300)
	for _, c := range []struct {
		name, in string
		want     any
	}{
		{"empty", `{}`, map[string]any{}},
		{"kinds", `{"s":"a","t":true,"f":false,"n":null,"a":[],"o":{}}`,
			map[string]any{"s": "a", "t": true, "f": false, "n": nil, "a": []any{}, "o": map[string]any{}}},
		{"integers", `{"a":0,"b":127,"c":128,"d":-32,"e":-33,"f":9223372036854775807,"g":-9223372036854775808}`,
			map[string]any{"a": int64(0), "b": int64(127), "c": int64(128), "d": int64(-32), "e": int64(-33), "f": int64(math.MaxInt64), "g": int64(math.MinInt64)}},
		{"fractions", `{"a":1.5,"b":1e300,"c":18446744073709551616}`, map[string]any{"a": 1.5, "b": 1e300, "c": 18446744073709551616.0}},
		{"text", `{"a":"` + long + `","b":"` + long[:200] + `","c":"\ud83d\ude00\n\u0000"}`, map[string]any{"a": long, "b": long[:200], "c": "😀\n\x00"}},
		{"nested", `{"a":[[1,{"b":[2]}]]}`, map[string]any{"a": []any{[]any{int64(1), map[string]any{"b": []any{int64(2)}}}}}},
	} {
		b, err := appendJSON([]byte("prefix"), []byte(c.in))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := unpack(t, b[len("prefix"):]); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %#v, want %#v", c.name, got, c.want)
		}
	}
}

// unpack reads one value, all integers as int64.
func unpack(t *testing.T, b []byte) any {
	t.Helper()
	dec := msgpack.NewDecoder(bytes.NewReader(b))
	dec.UseLooseInterfaceDecoding(true)
	v, err := dec.DecodeInterface()
	if err != nil {
		t.Fatal(err)
	}
	return loose(v)
}

// loose makes unsigned integers that fit signed ones.
func loose(v any) any {
	switch v := v.(type) {
	case uint64:
		return int64(v)
	case []any:
		for i := range v {
			v[i] = loose(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = loose(v[k])
		}
	}
	return v
}

func TestAppendJSON_refused(t *testing.T) {
	deep := strings.Repeat(`{"a":`, maxDepth) + "{}" + strings.Repeat("}", maxDepth)
	for _, in := range []string{"", "1", "[]", "{", `{"a"}`, `{"a":1}{}`, `{"a":1} x`, `{1:2}`, deep, `{"a":1e999}`} {
		if b, err := appendJSON(nil, []byte(in)); err == nil {
			t.Errorf("%.40q: got %x, want an error", in, b)
		}
	}
}

// FuzzAppendJSON compares with encoding/json and msgpack's own encoder on whatever is valid.
func FuzzAppendJSON(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":[1,-2,3.5,"x",null,true]}`, `{"a":{"b":{"c":"ü\u0000"}}}`, `{"a":1,"a":2}`, `[1]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := appendJSON(nil, in)
		var want map[string]any
		if json.Unmarshal(in, &want) != nil || err != nil || in[0] != '{' {
			return
		}
		v, ok := unpack(t, got).(map[string]any)
		if !ok || len(v) != len(want) {
			t.Fatalf("%q: got %v, want %v", in, v, want)
		}
		for k := range want {
			if _, ok := v[k]; !ok {
				t.Fatalf("%q: %q is missing", in, k)
			}
		}
	})
}

// FuzzAnswers feeds what a hostile receiver may answer: bounded memory, depth and time.
func FuzzAnswers(f *testing.F) {
	for _, s := range []string{"", "\x81\xa3ack\xa4abcd", "\x92\xa4HELO\x82\xa5nonce\xc4\x02ab\xa4auth\xa0", "\xdd\xff\xff\xff\xff",
		"\xdf\x7f\xff\xff\xff", "\x81\xc6\xff\xff\xff\xff", "\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91", "\x91\xc7\xff\x00", "\x92\xc1\xcb", "HTTP/1.1"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		a := newAnswers(bytes.NewReader(in))
		for range 100 {
			v, err := a.next()
			if err != nil {
				return
			}
			switch v.(type) {
			case []any, map[string]any:
			default:
				t.Fatalf("%x gives %T", in, v)
			}
			_ = checkAck(v, "id")
		}
	})
}

// TestAnswers_memory reads claims of gigabytes: nothing is taken for them before the bytes are there.
func TestAnswers_memory(t *testing.T) {
	for name, in := range map[string]string{
		"string": "\x91\xdb\x7f\xff\xff\xff", "bytes": "\x91\xc6\xff\xff\xff\xff", "array": "\xdd\xff\xff\xff\xff",
		"map": "\xdf\xff\xff\xff\xff", "array in array": "\x91\xdd\xff\xff\xff\xff",
	} {
		in += strings.Repeat("\x00", maxAnswerBytes)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := newAnswers(strings.NewReader(in)).next()
		runtime.ReadMemStats(&after)
		allocated := after.TotalAlloc - before.TotalAlloc
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		if allocated > 2*maxAnswerBytes {
			t.Errorf("%s: %d bytes allocated", name, allocated)
		}
	}
}

func TestNewChunk_empty(t *testing.T) {
	if _, err := newChunk("t", []Record{{JSON: []byte("[]")}}, false); err == nil {
		t.Error("no error for a record that is no object")
	}
}

func BenchmarkNewChunk(b *testing.B) {
	rs := records(200)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := newChunk(DefaultTag, rs, false); err != nil {
			b.Fatal(err)
		}
	}
}
