// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestScalarText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in    any
		plain string
		kusto string
	}{
		{nil, "", ""},
		{"a", "a", "a"},
		{[]byte("a"), "a", "a"},
		{true, "", "true"},
		{int64(-7), "-7", "-7"},
		{uint64(math.MaxUint64), "18446744073709551615", "18446744073709551615"},
		{7, "7", "7"},
		{int8(-7), "-7", "-7"},
		{int16(7), "7", "7"},
		{int32(7), "7", "7"},
		{uint(7), "7", "7"},
		{uint8(7), "7", "7"},
		{uint16(7), "7", "7"},
		{uint32(7), "7", "7"},
		{float32(1.5), "1.5", "1.5"},
		{1.0, "1", "1.0"},
		{math.Inf(1), "+Inf", ""},
		{json.Number("12"), "12", "12"},
		{json.Number("1.50"), "1.50", "1.5"},
		{json.Number("2e0"), "2e0", "2.0"},
		{json.Number("1e999"), "1e999", ""},
		{[]any{1, "<"}, "", `[1,"<"]`},
		{map[string]any{"b": nil, "a": 1}, "", `{"a":1,"b":null}`},
		{map[string]any{"a": math.NaN()}, "", ""},
		{deep(MaxDepth + 2), "", ""},
	}
	for _, tt := range tests {
		if got := scalarText(tt.in); got != tt.plain {
			t.Errorf("scalarText(%#v) = %q, want %q", tt.in, got, tt.plain)
		}
		if got := kustoText(tt.in); got != tt.kusto {
			t.Errorf("kustoText(%#v) = %q, want %q", tt.in, got, tt.kusto)
		}
	}
}

// deep nests n lists.
func deep(n int) any {
	var v any
	for range n {
		v = []any{v}
	}
	return v
}

func TestCutNote(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "a", strings.Repeat("x", MaxNote), strings.Repeat("x", MaxNote+1), strings.Repeat("é", MaxNote),
		"x" + strings.Repeat("é", MaxNote), strings.Repeat("𝄞", MaxNote), strings.Repeat("\x80", MaxNote+9)} {
		got := cutNote(s)
		if len(got) > MaxNote || !strings.HasPrefix(s, got) || utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Errorf("cutNote of %d bytes gave %d: %.20q", len(s), len(got), got)
		}
		if len(s) <= MaxNote && got != s {
			t.Errorf("cutNote(%.20q) = %.20q", s, got)
		}
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   string
		bare bool
		want string
	}{
		{`file:_C:\a.aspx`, false, `C:\a.aspx`},
		{`file:_C:\a.aspx->(SCRIPT0005)`, false, `C:\a.aspx`},
		{`containerfile:_C:\k.zip; file:_C:\k.zip->(Zip)->a.aspx`, false, `C:\k.zip`},
		{`file:_C:\a; b.aspx; file:_C:\c.aspx`, false, `C:\a; b.aspx C:\c.aspx`},
		{`webfile:_C:\a.aspx|https://contoso.com/x; file:_C:\b.aspx|pid:1`, false, `C:\a.aspx C:\b.aspx|pid:1`},
		{`amsi:_C:\a.aspx; process:_pid:1; regkey:_HKLM\x; behavior:_x; internalamsi:_0`, false, ``},
		{`C:\a.aspx`, true, `C:\a.aspx`},
		{`C:\a.aspx`, false, ``},
		{`\\web01\c$\a.aspx`, true, `\\web01\c$\a.aspx`},
		{`\Device\HarddiskVolume3\a.aspx`, true, `\Device\HarddiskVolume3\a.aspx`},
		{`a.aspx`, true, ``},
		{`FILE:_C:\a.aspx`, false, ``},
		{`:_C:\a.aspx`, false, ``},
		{`file:_`, false, ``},
		{`file:_->x`, false, ``},
		{``, true, ``},
	}
	for _, tt := range tests {
		if got := strings.Join(addPaths(nil, tt.in, tt.bare), " "); got != tt.want {
			t.Errorf("addPaths(%q, %t) = %q, want %q", tt.in, tt.bare, got, tt.want)
		}
	}
}

func TestLooseHashes(t *testing.T) {
	t.Parallel()
	md5, sha1 := strings.Repeat("a", 32), strings.Repeat("b", 40)
	for _, in := range []string{"MD5:" + md5 + ";SHA1:" + sha1, "md5=" + md5 + ", sha-1=" + sha1, md5 + " " + sha1 + " MD5:" + md5} {
		if got, want := strings.Join(looseHashes(in), " "), "MD5:"+md5+" SHA1:"+sha1; got != want {
			t.Errorf("looseHashes(%q) = %q, want %q", in, got, want)
		}
	}
	if got := looseHashes("abc; SHA256:"); len(got) != 0 {
		t.Errorf("got %q, want none", got)
	}
}
