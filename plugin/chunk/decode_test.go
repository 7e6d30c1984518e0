// SPDX-License-Identifier: Apache-2.0

package chunk_test

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"webshell/plugin/chunk"
	"webshell/plugin/chunk/chunktest"
)

func TestDecode_kinds(t *testing.T) {
	for _, test := range []struct {
		name     string
		in, want any
	}{
		{"nil", nil, nil},
		{"true", true, true},
		{"false", false, false},
		{"small", 5, int64(5)},
		{"negative", -70000, int64(-70000)},
		{"signed 64", int64(math.MinInt64), int64(math.MinInt64)},
		{"unsigned that fits", uint64(math.MaxInt64), int64(math.MaxInt64)},
		{"unsigned that does not", uint64(math.MaxUint64), uint64(math.MaxUint64)},
		{"float", 1.5, 1.5},
		{"float of 32 bits", float32(0.5), 0.5},
		{"string", "shell.aspx", "shell.aspx"},
		{"empty string", "", ""},
		{"invalid UTF-8", "a\xffb", "a\xffb"},
		{"long string", strings.Repeat("x", 70_000), strings.Repeat("x", 70_000)},
		{"binary", []byte("b"), "b"},
		{"empty binary", []byte{}, ""},
		{"ext", chunktest.Ext{Type: 5, Data: []byte("abc")}, nil},
		{"event time", eventTime(1, 2), nil},
		{"behind an ext", []any{chunktest.Ext{Data: make([]byte, 300)}, "x"}, []any{nil, "x"}},
		{"empty array", []any{}, []any{}},
		{"empty map", chunktest.Pairs{}, map[string]any{}},
		{"last duplicate", chunktest.Pairs{"a", 1, "b", 2, "a", "last", []byte("b"), 3}, map[string]any{"a": "last", "b": int64(3)}},
		{"keys that are no text", chunktest.Pairs{1, "x", nil, "y", []any{1}, "z", "a", 1}, map[string]any{"a": int64(1)}},
		{"nested", []any{chunktest.Pairs{"a", []any{chunktest.Pairs{}}}}, []any{map[string]any{"a": []any{map[string]any{}}}}},
	} {
		for _, width := range widths {
			fr := chunktest.Framing{Width: width}
			got, err := chunk.Decode(valueOf(t, fr, test.in), chunk.DecodeLimits{})
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("%s: %#v, %v; want %#v", test.name, got, err, test.want)
			}
		}
	}
}

func TestDecode_limits(t *testing.T) {
	in := chunktest.Append(nil, chunktest.Pairs{"a", []any{1, []any{2}}, "b", "text"}) // 8 values, 3 deep
	for _, test := range []struct {
		name string
		lim  chunk.DecodeLimits
		want error
	}{
		{"at every limit", chunk.DecodeLimits{Depth: 3, Values: 8, Bytes: len(in)}, nil},
		{"depth", chunk.DecodeLimits{Depth: 2}, chunk.ErrTooDeep},
		{"values", chunk.DecodeLimits{Values: 7}, chunk.ErrTooLarge},
		{"bytes", chunk.DecodeLimits{Bytes: len(in) - 1}, chunk.ErrTooLarge},
	} {
		got, err := chunk.Decode(chunk.Value{Raw: in}, test.lim)
		if !errors.Is(err, test.want) || (got == nil) != (test.want != nil) {
			t.Errorf("%s: %v, %v; want %v", test.name, got, err, test.want)
		}
	}
}

func TestDecode_notWhole(t *testing.T) {
	whole := chunktest.Append(nil, chunktest.Pairs{"a", []any{1, "b"}, "c", 1.5})
	for n := range len(whole) {
		if got, err := chunk.Decode(chunk.Value{Raw: whole[:n]}, chunk.DecodeLimits{}); !errors.Is(err, chunk.ErrTruncated) {
			t.Errorf("%d of %d bytes: %v, %v; want %v", n, len(whole), got, err, chunk.ErrTruncated)
		}
	}
	if _, err := chunk.Decode(chunk.Value{Raw: []byte{0x91, 0xc1}}, chunk.DecodeLimits{}); !errors.Is(err, chunk.ErrMalformed) {
		t.Errorf("%v, want %v", err, chunk.ErrMalformed)
	}
	for name, header := range hostileHeaders {
		if _, err := chunk.Decode(chunk.Value{Raw: header}, chunk.DecodeLimits{}); err == nil {
			t.Errorf("%s: decoded", name)
		}
	}
}

func TestDecode_sharesNoMemory(t *testing.T) {
	raw := chunktest.Append(nil, chunktest.Pairs{"key", []any{"text", []byte("binary")}})
	got, err := chunk.Decode(chunk.Value{Raw: raw}, chunk.DecodeLimits{})
	clear(raw)
	want := map[string]any{"key": []any{"text", "binary"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("after the chunk was overwritten: %#v, %v; want %#v", got, err, want)
	}
}
