// SPDX-License-Identifier: Apache-2.0

package chunk_test

import (
	"bytes"
	"math"
	"reflect"
	"testing"

	"webshell/plugin/chunk"
)

func checkEvent(t *testing.T, ev *chunk.Event, want refEvent) {
	t.Helper()
	if ev.Time != want.time || ev.HasTime != want.hasTime || ev.Offset != want.offset {
		t.Fatalf("event at %d: time %d %v, want %d %v at %d", ev.Offset, ev.Time, ev.HasTime, want.time, want.hasTime, want.offset)
	}
	if !bytes.Equal(ev.Raw, ev.Body.Value().Raw) {
		t.Fatalf("event at %d: Raw is not the body", ev.Offset)
	}
	checkMap(t, ev.Metadata, want.meta.(refMap))
	checkMap(t, ev.Body, want.body.(refMap))
	if len(want.meta.(refMap)) > 0 {
		checkDecode(t, ev.Metadata.Value(), want.meta)
	}
	checkDecode(t, ev.Body.Value(), want.body)
}

// checkMap holds what the iterator gives to the reference, down to the leaves.
func checkMap(t *testing.T, m chunk.Map, want refMap) {
	t.Helper()
	if m.Len() != len(want) {
		t.Fatalf("map of %d entries, want %d", m.Len(), len(want))
	}
	var texts refMap
	for _, p := range want {
		switch key := p.key.(type) {
		case string:
			texts = append(texts, p)
		case refBytes:
			texts = append(texts, refPair{string(key), p.val})
		}
	}
	var key []byte
	var val chunk.Value
	i := 0
	for it := m.Iter(); it.Next(&key, &val); i++ {
		if i >= len(texts) || string(key) != texts[i].key {
			t.Fatalf("key %d is %q, want %v", i, key, texts)
		}
		checkValue(t, val, texts[i].val)
	}
	if i != len(texts) {
		t.Fatalf("%d entries with text keys, want %d", i, len(texts))
	}
}

func checkArray(t *testing.T, a chunk.Array, want []any) {
	t.Helper()
	if a.Len() != len(want) {
		t.Fatalf("array of %d, want %d", a.Len(), len(want))
	}
	var val chunk.Value
	i := 0
	for it := a.Iter(); it.Next(&val); i++ {
		checkValue(t, val, want[i])
	}
	if i != len(want) {
		t.Fatalf("%d elements, want %d", i, len(want))
	}
}

// checkValue holds the accessors of a value to the reference.
func checkValue(t *testing.T, v chunk.Value, want any) {
	t.Helper()
	if got := scalar(v); !sameValue(got, want) {
		t.Fatalf("%v value % x reads as %#v, want %#v", v.Kind, v.Raw, got, want)
	}
	switch want := want.(type) {
	case []any:
		a, ok := v.Array()
		if !ok {
			t.Fatalf("%v value % x is no array", v.Kind, v.Raw)
		}
		checkArray(t, a, want)
	case refMap:
		m, ok := v.Map()
		if !ok {
			t.Fatalf("%v value % x is no map", v.Kind, v.Raw)
		}
		checkMap(t, m, want)
	}
}

// scalar reads a value by the accessor for its kind.
func scalar(v chunk.Value) any {
	switch v.Kind {
	case chunk.Bool:
		b, _ := v.Bool()
		return b
	case chunk.Int:
		i, _ := v.Int()
		return i
	case chunk.Uint:
		u, _ := v.Uint()
		return u
	case chunk.Float:
		f, _ := v.Float()
		return f
	case chunk.String:
		return string(v.Bytes())
	case chunk.Binary:
		return refBytes(v.Bytes())
	case chunk.Ext:
		typ, data, _ := v.Ext()
		return refExt{typ, data}
	case chunk.Nil:
		return nil
	}
	return v.Kind
}

// sameValue compares a scalar; of an array or map only the kind.
func sameValue(got, want any) bool {
	switch w := want.(type) {
	case []any:
		return got == chunk.ArrayKind
	case refMap:
		return got == chunk.MapKind
	case refExt:
		g, ok := got.(refExt)
		return ok && g.typ == w.typ && bytes.Equal(g.data, w.data)
	case float64:
		g, ok := got.(float64)
		return ok && math.Float64bits(g) == math.Float64bits(w) || ok && math.IsNaN(g) && math.IsNaN(w)
	}
	return got == want
}

func checkDecode(t *testing.T, v chunk.Value, want any) {
	t.Helper()
	got, err := chunk.Decode(v, chunk.DecodeLimits{})
	if err != nil {
		t.Fatalf("decode % x: %v", v.Raw, err)
	}
	if want = refPlain(want); !samePlain(got, want) {
		t.Fatalf("decode % x: %#v, want %#v", v.Raw, got, want)
	}
}

// samePlain is reflect.DeepEqual in which NaN equals itself.
func samePlain(got, want any) bool {
	switch w := want.(type) {
	case float64:
		return sameValue(got, w)
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for i := range w {
			if !samePlain(g[i], w[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for key := range w {
			if val, ok := g[key]; !ok || !samePlain(val, w[key]) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(got, want)
}
