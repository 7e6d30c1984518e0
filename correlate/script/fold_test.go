// SPDX-License-Identifier: Apache-2.0

package script

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// The generated runs are the whole table: made into a $UpCase file again, they
// are the file that they came from.
func TestUpcase_table(t *testing.T) {
	const want = "41c26bc7a12bdaeb26025c93118697c7e3ef81ee048b00fe5cce2a472e0e0742"
	var file []byte
	for unit := rune(0); unit < 1<<16; unit++ {
		file = binary.LittleEndian.AppendUint16(file, uint16(upcase(unit)))
	}
	if got := fmt.Sprintf("%x", sha256.Sum256(file)); got != want {
		t.Errorf("SHA-256 of the table is %s, want %s", got, want)
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"":             "",
		"shell.aspx":   "SHELL.ASPX",
		"SHELL.ASPX":   "SHELL.ASPX",
		"a_b-c~1.{x}":  "A_B-C~1.{X}",
		"gemäß.aspx":   "GEMÄß.ASPX",
		"\u017F":       "\u017F", // long s
		"\u0130\u0131": "\u0130\u0131",
		"\u212A":       "\u212A", // Kelvin
		"\uFF41":       "\uFF21",
		"ﬁ":            "ﬁ",
		"e\u0301":      "E\u0301",
		"ÿ":            "Ÿ",
		"\u0250":       "\u2C6F", // three bytes for two
		"\u2C65":       "\u023A", // two bytes for three
		"\U00010428":   "\U00010428",
		"σς":           "Σς", // the final sigma stays
		"\xe4a\xc3":    "\xe4A\xc3",
		"\xed\xa0\x80": "\xed\xa0\x80",
		"\uFFFDx":      "\uFFFDX",
	} {
		if got := FoldString(in); got != want {
			t.Errorf("FoldString(%q) is %q, want %q", in, got, want)
		}
		if got := string(Fold([]byte("x"), []byte(in))); got != "x"+want {
			t.Errorf("Fold(x, %q) is %q, want it appended", in, got)
		}
	}
}

func TestEqualFold_bytes(t *testing.T) {
	for _, row := range []struct {
		a, b string
		want bool
	}{
		{"Shell", "sHELL", true},
		{"shell", "shell.", false},
		{"\xe4", "\xe4", true},
		{"\xe4", "\xe5", false},
		{"\xe4", "\uFFFD", false},
		{"\xe4", "ä", false},
		{"ſ", "s", false},
		{"\u0250", "\u2C6F", true},
	} {
		if got := EqualFold(row.a, row.b); got != row.want {
			t.Errorf("EqualFold(%q, %q) is %v, want %v", row.a, row.b, got, row.want)
		}
	}
}

func FuzzFold(f *testing.F) {
	f.Add([]byte("Shell.aspx"), []byte("sHELL.ASPX"))
	f.Add([]byte("gemäß\xe4.aspx"), []byte("GEMÄß\xe4.aspx"))
	f.Add([]byte("\u0250\u2C65\u017F"), []byte("\xed\xa0\x80\uFFFD"))
	f.Add([]byte("\xc3"), []byte("\xa4"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		once := Fold(nil, a)
		if twice := Fold(nil, once); !bytes.Equal(once, twice) {
			t.Errorf("%q: folded %q, and again %q", a, once, twice)
		}
		if s := FoldString(string(a)); s != string(once) {
			t.Errorf("%q: FoldString gives %q, Fold %q", a, s, once)
		}
		if utf8.Valid(a) != utf8.Valid(once) || utf8.RuneCount(a) != utf8.RuneCount(once) {
			t.Errorf("%q: folded %q, other characters than before", a, once)
		}
		if got, want := EqualFold(string(a), string(b)), bytes.Equal(once, Fold(nil, b)); got != want {
			t.Errorf("%q, %q: EqualFold %v, folded alike %v", a, b, got, want)
		}
		if !equalFold(a, string(once)) {
			t.Errorf("%q is not equal to its own folding %q", a, once)
		}
		if apart := Fold(Fold(nil, []byte("x")), a); !strings.HasSuffix(string(apart), string(once)) {
			t.Errorf("%q: folded behind x gives %q", a, apart)
		}
	})
}
