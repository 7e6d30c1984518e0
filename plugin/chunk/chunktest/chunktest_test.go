// SPDX-License-Identifier: Apache-2.0

package chunktest

import (
	"bytes"
	"encoding/hex"
	"math"
	"strings"
	"testing"

	"github.com/vmihailenco/msgpack/v5"
)

func TestTail_bytes(t *testing.T) {
	got := Tail("a.log", 70033, "GET /")
	want := "dd00000002" + "dd00000002" + "d700" + "69a55fa7" + "00000000" + "df00000000" +
		"df00000003" + "a470617468" + "a5612e6c6f67" + "a66f6666736574" + "ce00011191" + "a36c6f67" + "a5474554202f"
	if hex.EncodeToString(got) != want {
		t.Errorf("got  %x\nwant %s", got, want)
	}
}

// TestAppend_readByMsgpack reads what Append writes with a decoder that is not ours.
func TestAppend_readByMsgpack(t *testing.T) {
	for _, n := range []int64{0, 127, 128, 255, 256, 65535, 65536, 1 << 40, -1, -32, -33, -128, -129, -32769, math.MinInt64} {
		var got int64
		if err := msgpack.Unmarshal(Append(nil, n), &got); err != nil || got != n {
			t.Errorf("%d reads as %d, %v", n, got, err)
		}
	}
	for _, width := range []Width{Shortest, W8, W16, W32} {
		f := Framing{Width: width, Text: width}
		for _, n := range []int{0, 1, 15, 16, 31, 32, 200} {
			text, list := strings.Repeat("x", n), make([]any, n)
			var gotText string
			var gotBytes []byte
			var gotList []any
			var gotMap map[string]any
			if err := msgpack.Unmarshal(f.Append(nil, text), &gotText); err != nil || gotText != text {
				t.Errorf("width %d, text of %d: %q, %v", width, n, gotText, err)
			}
			if err := msgpack.Unmarshal(f.Append(nil, []byte(text)), &gotBytes); err != nil || string(gotBytes) != text {
				t.Errorf("width %d, binary of %d: %q, %v", width, n, gotBytes, err)
			}
			if err := msgpack.Unmarshal(f.Append(nil, list), &gotList); err != nil || len(gotList) != n {
				t.Errorf("width %d, array of %d: %d, %v", width, n, len(gotList), err)
			}
			if err := msgpack.Unmarshal(f.Append(nil, Pairs{"k", 1.5}), &gotMap); err != nil || gotMap["k"] != 1.5 {
				t.Errorf("width %d, map: %v, %v", width, gotMap, err)
			}
		}
	}
}

func TestAppend_wideHeaders(t *testing.T) {
	list := make([]any, 300)
	for _, test := range []struct {
		got  []byte
		want byte
	}{
		{Framing{}.Append(nil, list), 0xdc},
		{Framing{Width: W8}.Append(nil, list), 0xdc},
		{Framing{Width: W32}.Append(nil, list), 0xdd},
		{Framing{}.Append(nil, make([]any, 70_000)), 0xdd},
		{Framing{Text: W32}.Append(nil, "x"), 0xdb},
		{Framing{}.Append(nil, strings.Repeat("x", 70_000)), 0xdb},
		{Framing{Text: W16}.Append(nil, Ext{}), 0xc8},
		{Framing{Width: W16}.Append(nil, Pairs{}), 0xde},
	} {
		if test.got[0] != test.want {
			t.Errorf("header % x, want %x", test.got[:5], test.want)
		}
	}
}

func TestAppend_mistakes(t *testing.T) {
	for name, f := range map[string]func(){
		"a type without encoding": func() { Append(nil, struct{}{}) },
		"a key without a value":   func() { Append(nil, Pairs{"a"}) },
		"a header too narrow":     func() { Framing{Text: W8}.Append(nil, strings.Repeat("x", 256)) },
		"an unknown form of time": func() { Event(Framing{Time: NoTime + 1}, 0, 0) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

func TestChunk_joins(t *testing.T) {
	a, b := Event(Old(), 1, 0, "k", 1), Event(New(), 2, 0)
	if got := Chunk(a, b); !bytes.Equal(got, append(bytes.Clone(a), b...)) {
		t.Errorf("got %x", got)
	}
}
