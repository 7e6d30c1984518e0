// SPDX-License-Identifier: Apache-2.0

package script

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

func FuzzReadings(f *testing.F) {
	for _, row := range urlTable {
		f.Add([]byte(row.url))
		f.Add([]byte(row.miss))
	}
	ext := windowsExtensions(f)
	f.Fuzz(func(t *testing.T, stem []byte) { checkReadings(t, stem, ext) })
}

// TestReadings_reference holds Readings against the reference on URLs put
// together at random from what readings are made of.
func TestReadings_reference(t *testing.T) {
	ext := windowsExtensions(t)
	pieces := []string{
		"/", "/", "/", `\`, ".", "..", "+", " ", "%", "%2e", "%2F", "%5c", "%25", "%00", "%u0073", "%uD83D%uDE00",
		"%E4", "\xe4", "ä", ":", ";", "(S(x))", "(A(b)S(c))", "(", ")", "::$DATA", "a", "B", "shell", "x.y",
		".aspx", ".php", ".jsp", ".js", ".ASPX", "~1", ".stm", "%41", ".cfm;", ".a:",
	}
	random := rand.New(rand.NewPCG(1, 2)) // any seed will do; a fixed one can be run again
	for range 10_000 {
		var b strings.Builder
		for range 1 + random.IntN(12) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		checkReadings(t, []byte(b.String()), ext)
		if t.Failed() {
			return
		}
	}
}

func checkReadings(t *testing.T, stem []byte, ext *Extensions) {
	t.Helper()
	before := bytes.Clone(stem)
	got := Readings(nil, stem, ext)
	if !bytes.Equal(before, stem) {
		t.Fatalf("%q: the stem was written to", before)
	}
	checkEqual(t, stem, got, referenceReadings(string(stem)))
	if len(got) > MaxReadings {
		t.Errorf("%q: %d readings, want at most %d", stem, len(got), MaxReadings)
	}
	remembered := Rememberable(stem, ext)
	for i, r := range got {
		if len(r.Name) == 0 || r.By == 0 || r.Low != r.By.Low() {
			t.Errorf("%q: reading %q by %q, low %v", stem, r.Name, r.By, r.Low)
		}
		if literal := i == 0 && bytes.Equal(r.Name, KQLName(stem)); !literal && bytes.ContainsAny(r.Name, `/\`) {
			t.Errorf("%q: the name %q holds a separator", stem, r.Name)
		}
		if ext.Match(r.Name) && !remembered {
			t.Errorf("%q: is not remembered for %q", stem, r.Name)
		}
	}
	if want := slowRememberable(stem); remembered != want {
		t.Errorf("%q: rememberable %v, want %v", stem, remembered, want)
	}
	if name := KQLName(stem); len(name) > 0 && (len(got) == 0 || !bytes.Equal(got[0].Name, name)) {
		t.Errorf("%q: the literal last segment is not the first reading", stem)
	}
}

// checkEqual compares with the reference, folders without their first slash.
func checkEqual(t *testing.T, stem []byte, got, want []Reading) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%q: got %d readings %v, want %d %v", stem, len(got), got, len(want), want)
		return
	}
	for i, w := range want {
		g := got[i]
		sameFolder := strings.Trim(string(g.Folder), "/") == strings.Trim(string(w.Folder), "/")
		if !bytes.Equal(g.Name, w.Name) || g.By != w.By || !sameFolder {
			t.Errorf("%q: reading %d is %q in %q by %q, want %q in %q by %q",
				stem, i, g.Name, g.Folder, g.By, w.Name, w.Folder, w.By)
		}
	}
}

// slowRememberable is Rememberable for the default list.
func slowRememberable(stem []byte) bool {
	if len(stem) > maxStem {
		return hasTermSlow(string(stem))
	}
	texts, ansi := referenceSources(string(stem))
	for i, text := range texts {
		if hasTermSlow(text.String()) {
			return true
		}
		parts, _, _ := referenceParts(text, ansi[i])
		for _, p := range referenceJoin(parts) {
			if hasTermSlow(p.name) {
				return true
			}
		}
	}
	return false
}

func hasTermSlow(s string) bool { return referenceTerm.MatchString(lowerASCII(s)) }

// FuzzReadings_encoded holds that nothing is decoded twice: a name whose every
// byte is escaped twice has no reading that is the name.
func FuzzReadings_encoded(f *testing.F) {
	ext := windowsExtensions(f)
	f.Add("shell.aspx")
	f.Add("%41.aspx")
	f.Add("ä.php")
	f.Fuzz(func(t *testing.T, name string) {
		if name == "" || len(name) > 1000 || strings.ContainsAny(name, "/\\%+:;(\x00") || strings.Trim(name, ". ") != name {
			t.Skip("no plain file name")
		}
		once, twice := "/", "/"
		for i := range len(name) {
			once += "%" + hex(name[i])
			twice += "%25" + hex(name[i])
		}
		if by, ok := byName(Readings(nil, []byte(once), ext), name); !ok || by&Encoded == 0 {
			t.Errorf("%q: got %v %q, want the name by one decoding", once, ok, by)
		}
		if by, ok := byName(Readings(nil, []byte(twice), ext), name); ok {
			t.Errorf("%q: reads as %q by %q", twice, name, by)
		}
	})
}

func byName(readings []Reading, name string) (By, bool) {
	for _, r := range readings {
		if string(r.Name) == name {
			return r.By, true
		}
	}
	return 0, false
}
