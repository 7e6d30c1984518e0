// SPDX-License-Identifier: Apache-2.0

package chunk_test

import (
	"math"
	"testing"

	"webshell/plugin/chunk"
	"webshell/plugin/chunk/chunktest"
)

// valueOf gives v, encoded by fr, as the value of the only key of a body.
func valueOf(t *testing.T, fr chunktest.Framing, v any) chunk.Value {
	t.Helper()
	var r chunk.Reader
	r.Reset(chunktest.Event(fr, 0, 0, "v", v), chunk.Limits{})
	ev, ok := r.Next()
	if !ok {
		t.Fatalf("%#v: no event: %v %v", v, r.Err(), r.FirstBad())
	}
	val, ok := ev.Body.Get("v")
	if !ok {
		t.Fatalf("%#v: no value", v)
	}
	return val
}

func TestValue_integers(t *testing.T) {
	for _, test := range []struct {
		raw    chunktest.Raw
		kind   chunk.Kind
		i      int64
		u      uint64
		hasInt bool
		hasU   bool
	}{
		{chunktest.Raw{0x7f}, chunk.Uint, 127, 127, true, true},
		{chunktest.Raw{0xff}, chunk.Int, -1, 0, true, false},
		{chunktest.Raw{0xe0}, chunk.Int, -32, 0, true, false},
		{chunktest.Raw{0xcc, 0xff}, chunk.Uint, 255, 255, true, true},
		{chunktest.Raw{0xcd, 0xff, 0xfe}, chunk.Uint, 65534, 65534, true, true},
		{chunktest.Raw{0xce, 0xff, 0xff, 0xff, 0xfe}, chunk.Uint, 4294967294, 4294967294, true, true},
		{chunktest.Raw{0xcf, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, chunk.Uint, math.MaxInt64, math.MaxInt64, true, true},
		{chunktest.Raw{0xcf, 0x80, 0, 0, 0, 0, 0, 0, 0}, chunk.Uint, 0, 1 << 63, false, true},
		{chunktest.Raw{0xd0, 0x80}, chunk.Int, -128, 0, true, false},
		{chunktest.Raw{0xd0, 0x05}, chunk.Int, 5, 5, true, true},
		{chunktest.Raw{0xd1, 0x80, 0}, chunk.Int, -32768, 0, true, false},
		{chunktest.Raw{0xd2, 0x80, 0, 0, 0}, chunk.Int, math.MinInt32, 0, true, false},
		{chunktest.Raw{0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0}, chunk.Int, math.MinInt64, 0, true, false},
		{chunktest.Raw{0xd3, 0, 0, 0, 0, 0, 0, 0, 9}, chunk.Int, 9, 9, true, true},
		{chunktest.Raw{0xc0}, chunk.Nil, 0, 0, false, false},
		{chunktest.Raw{0xa1, '1'}, chunk.String, 0, 0, false, false},
	} {
		v := valueOf(t, chunktest.Old(), test.raw)
		i, hasInt := v.Int()
		u, hasU := v.Uint()
		if v.Kind != test.kind || hasInt != test.hasInt || hasU != test.hasU || hasInt && i != test.i || hasU && u != test.u {
			t.Errorf("% x: %v %d %v %d %v, want %+v", test.raw, v.Kind, i, hasInt, u, hasU, test)
		}
	}
}

func TestValue_textsOfEveryWidth(t *testing.T) {
	for _, width := range widths {
		fr := chunktest.Framing{Text: width}
		for _, text := range []string{"", "a", "thirty-one bytes are one header", "thirty-two bytes are one too many"} {
			str, bin := valueOf(t, fr, text), valueOf(t, fr, []byte(text))
			if str.Kind != chunk.String || string(str.Bytes()) != text || str.Bytes() == nil {
				t.Errorf("width %d: %v %q, want string %q", width, str.Kind, str.Bytes(), text)
			}
			if bin.Kind != chunk.Binary || string(bin.Bytes()) != text || bin.Bytes() == nil {
				t.Errorf("width %d: %v %q, want binary %q", width, bin.Kind, bin.Bytes(), text)
			}
			ext := valueOf(t, fr, chunktest.Ext{Type: -3, Data: []byte(text)})
			typ, data, ok := ext.Ext()
			if !ok || typ != -3 || string(data) != text || ext.Bytes() != nil {
				t.Errorf("width %d: ext %d %q %v, want -3 %q", width, typ, data, ok, text)
			}
		}
	}
}

func TestValue_fixedExt(t *testing.T) {
	for i, code := range []byte{0xd4, 0xd5, 0xd6, 0xd7, 0xd8} {
		raw := append(chunktest.Raw{code, 9}, make([]byte, 1<<i)...)
		typ, data, ok := valueOf(t, chunktest.Old(), raw).Ext()
		if !ok || typ != 9 || len(data) != 1<<i {
			t.Errorf("% x: type %d, %d bytes, %v", raw, typ, len(data), ok)
		}
	}
}

func TestValue_otherKind(t *testing.T) {
	kinds := []any{nil, true, -1, 1, 1.5, "s", []byte("b"), chunktest.Ext{}, []any{1}, chunktest.Pairs{"a", 1}}
	for _, of := range kinds {
		v := valueOf(t, chunktest.Old(), of)
		_, isBool := v.Bool()
		_, isInt := v.Int()
		_, isFloat := v.Float()
		_, _, isExt := v.Ext()
		_, isArray := v.Array()
		_, isMap := v.Map()
		got := map[chunk.Kind]bool{
			chunk.Bool: isBool, chunk.Int: isInt, chunk.Uint: isInt, chunk.Float: isFloat, chunk.Ext: isExt,
			chunk.ArrayKind: isArray, chunk.MapKind: isMap, chunk.String: v.Bytes() != nil, chunk.Binary: v.Bytes() != nil,
		}
		same := func(a, b chunk.Kind) bool {
			number := func(k chunk.Kind) bool { return k == chunk.Int || k == chunk.Uint }
			text := func(k chunk.Kind) bool { return k == chunk.String || k == chunk.Binary }
			return a == b || number(a) && number(b) || text(a) && text(b)
		}
		for kind, ok := range got {
			if ok != same(kind, v.Kind) {
				t.Errorf("%#v: reads as %v: %v", of, kind, ok)
			}
		}
	}
}

func TestValue_cutByHand(t *testing.T) {
	for _, whole := range [][]byte{
		chunktest.Append(nil, int64(-5e9)), chunktest.Append(nil, 1.5), chunktest.Append(nil, eventTime(1, 1)),
		chunktest.Framing{Text: chunktest.W32}.Append(nil, "text"), chunktest.Framing{Width: chunktest.W32}.Append(nil, []any{1, "b"}),
		chunktest.Framing{Width: chunktest.W16}.Append(nil, chunktest.Pairs{"a", 1, "b", []any{2}}),
	} {
		for n := range len(whole) {
			exerciseValue(chunk.Value{Kind: chunk.String, Raw: whole[:n:n]}, 8)
		}
	}
}

func TestMap_iteration(t *testing.T) {
	body := chunktest.Pairs{"a", 1, []byte("bin"), 2, 3, "number key", nil, "nil key", []any{4}, "array key", "a", 5, "", 6}
	m, _ := valueOf(t, chunktest.TailFraming(), body).Map()
	if m.Len() != 7 {
		t.Errorf("%d entries, want 7", m.Len())
	}
	var got []string
	var key []byte
	var val chunk.Value
	for it := m.Iter(); it.Next(&key, &val); {
		got = append(got, string(key))
	}
	if want := []string{"a", "bin", "a", ""}; len(got) != len(want) || got[1] != "bin" || got[3] != "" {
		t.Errorf("keys %q, want %q", got, want)
	}
	if v, ok := m.Get("a"); !ok || v.Raw[0] != 5 {
		t.Errorf("a is %v % x, want the last, 5", ok, v.Raw)
	}
	if _, ok := m.Get("number key"); ok {
		t.Error("a value was taken for a key")
	}
}

func TestViews_zero(t *testing.T) {
	var m chunk.Map
	var a chunk.Array
	var v chunk.Value
	mi, ai := m.Iter(), a.Iter()
	var key []byte
	if m.Len() != 0 || a.Len() != 0 || mi.Next(&key, &v) || ai.Next(&v) || m.Value().Kind != chunk.Invalid {
		t.Error("the zero views are not empty")
	}
	exerciseValue(v, 4)
	for k := chunk.Invalid; k <= chunk.MapKind; k++ {
		if k.String() == "unknown" {
			t.Errorf("kind %d has no name", k)
		}
	}
	if got := chunk.Kind(99).String(); got != "unknown" {
		t.Errorf("kind 99 is called %q", got)
	}
}
