// SPDX-License-Identifier: Apache-2.0

package script

import (
	"strings"
	"testing"
)

// feature hides a name in a URL in one way. The name of the alert, "my shell.jsp",
// is one that all features can be used on, also two at once: what comes first in
// features is done first.
type feature struct {
	name string
	hide func(url string) string // from "/up/my shell.jsp", other features done before
	by   By
}

var features = []feature{
	{"case", strings.ToUpper, Case},
	{"joined", func(url string) string { return replaceLast(url, "shell", "SHELL", "/(S(x))") }, Cookieless},
	{"plus", func(url string) string { return strings.Replace(url, " ", "+", 1) }, 0},
	{"encoded", func(url string) string { return url[:len("/up/")] + "%" + hex(url[4]) + url[5:] }, Encoded},
	{"backslash", func(url string) string { return url[:3] + `\` + url[4:] }, Normalized},
	{"cookieless", func(url string) string { return "/(A(b)S(c))" + url }, Cookieless},
	{"normalized", func(url string) string { return "/x/./.." + url }, Normalized},
	{"trailing", func(url string) string { return url + ". ." }, Trailing},
	{"stream", func(url string) string { return url + "::$DATA" }, Stream},
	{"parameters", func(url string) string { return url + ";j=1" }, Parameters},
	{"path info", func(url string) string { return url + "/x/y.png" }, PathInfo},
	{"slash", func(url string) string { return url + "/" }, PathInfo},
}

// replaceLast puts what in the middle of the one of two words that url has.
func replaceLast(url, word, other, what string) string {
	for _, w := range []string{word, other} {
		url = strings.Replace(url, w, w[:2]+what+w[2:], 1)
	}
	return url
}

func hex(c byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[c>>4], digits[c&15]})
}

func TestReadings_pairs(t *testing.T) {
	ext := windowsExtensions(t)
	for i, f := range features {
		checkFeatures(t, ext, f)
		for _, g := range features[i+1:] {
			checkFeatures(t, ext, f, g)
			for _, h := range features {
				if h.name != f.name && h.name != g.name && h.by == Case {
					checkFeatures(t, ext, h, f, g)
				}
			}
		}
	}
}

// checkFeatures hides the name in each way of all, in order, and expects that it
// is found with all of them named, and that no other name is found.
func checkFeatures(t *testing.T, ext *Extensions, all ...feature) {
	t.Helper()
	url, want, name := "/up/my shell.jsp", Exact, ""
	for _, f := range all {
		url, want, name = f.hide(url), want.With(f.by), name+f.name+" "
	}
	if got, ok := matchURL(t, url, "my shell.jsp", ext); !ok || got != want {
		t.Errorf("%s%q: got %v %q, want %q", name, url, ok, got, want)
	}
	for _, miss := range []string{"my shall.jsp", "my ſhell.jsp", "my shell.jspx", "shell.jsp", "my shell", "up", "x"} {
		if by, ok := matchURL(t, url, miss, ext); ok {
			t.Errorf("%s%q for %q: matches by %q", name, url, miss, by)
		}
	}
	if !Rememberable([]byte(url), ext) {
		t.Errorf("%s%q: not rememberable", name, url)
	}
}

func TestReadings_folders(t *testing.T) {
	ext := windowsExtensions(t)
	for _, row := range []struct{ url, name, folder string }{
		{"/shell.aspx", "shell.aspx", "/"},
		{"shell.aspx", "shell.aspx", "/"},
		{"/up/load/shell.aspx", "shell.aspx", "/up/load"},
		{"/up/shell.aspx/x/y", "shell.aspx", "/up"},
		{"//up/./x/../shell.aspx", "shell.aspx", "/up"},
		{"/x/../shell.aspx", "shell.aspx", "/"},
		{"/up/(S(x))/a/shell.aspx", "shell.aspx", "/up/a"},
		{"/up/a/(S(x))b/shell.aspx", "shell.aspx", "/up/a/(S(x))b"},
		{"/up/she/(S(x))ll.aspx", "shell.aspx", "/up"},
		{"/%75p/shell.aspx", "shell.aspx", "/up"},
		{"/x/%2e%2e/shell.aspx", "shell.aspx", "/"},
		{`\up\shell.aspx`, "shell.aspx", "/up"},
		{"/up%2fa/shell.aspx", "shell.aspx", "/up/a"},
	} {
		found := false
		for _, r := range Readings(nil, []byte(row.url), ext) {
			if string(r.Name) != row.name {
				continue
			}
			if found = true; string(r.Folder) != row.folder {
				t.Errorf("%q: folder %q, want %q", row.url, r.Folder, row.folder)
			}
		}
		if !found {
			t.Errorf("%q: no reading %q", row.url, row.name)
		}
	}
}

func TestReadings_bounds(t *testing.T) {
	ext := windowsExtensions(t)
	for name, url := range map[string]string{
		"segments":    "/shell.aspx" + strings.Repeat("/a.aspx", 300) + "/last.aspx",
		"readings":    strings.Repeat("/%61+.aspx;:\xe4.", 40) + "/x.php/last.aspx",
		"semicolons":  "/" + strings.Repeat(";", 60000) + "/last.aspx",
		"long":        "/shell.aspx/" + strings.Repeat("x", maxStem) + "/last.aspx",
		"parentheses": "/" + strings.Repeat("(S(x)", 12000) + "/last.aspx",
	} {
		got := Readings(nil, []byte(url), ext)
		if len(got) == 0 || len(got) > MaxReadings {
			t.Errorf("%s: %d readings, want 1 to %d", name, len(got), MaxReadings)
			continue
		}
		if string(got[0].Name) != "last.aspx" {
			t.Errorf("%s: the first reading is %q, want the literal last segment", name, got[0].Name)
		}
	}
	most := Readings(nil, []byte("/s.aspx"+strings.Repeat("/a", maxSegments-1)), ext)
	if n := len(most); n != 2 {
		t.Errorf("%d segments: %d readings, want 2", maxSegments, n)
	}
}

func TestReadings_allocations(t *testing.T) {
	ext := windowsExtensions(t)
	dst := make([]Reading, 0, MaxReadings)
	for url, want := range map[string]float64{
		"/uploads/images/shell.aspx": 0,
		"/shell.aspx/x/y.png":        0,
		"/(S(x))/shell.aspx":         0,
		"/%73hell.aspx":              1,
	} {
		stem := []byte(url)
		if got := testing.AllocsPerRun(100, func() { dst = Readings(dst[:0], stem, ext) }); got > want {
			t.Errorf("Readings(%q): %v allocations, want %v", url, got, want)
		}
		if got := testing.AllocsPerRun(100, func() { ext.Match(stem) }); got != 0 {
			t.Errorf("Match(%q): %v allocations, want 0", url, got)
		}
	}
	stem := []byte("/assets/images/background.png")
	if got := testing.AllocsPerRun(100, func() { Rememberable(stem, ext) }); got != 0 {
		t.Errorf("Rememberable: %v allocations, want 0", got)
	}
}

func TestReadings_appends(t *testing.T) {
	ext := windowsExtensions(t)
	dst := Readings(nil, []byte("/shell.aspx"), ext)
	dst = Readings(dst, []byte("/shell.aspx/x"), ext)
	if len(dst) != 3 {
		t.Fatalf("got %d readings, want 1 of the first URL and 2 of the second", len(dst))
	}
	if !dst[2].By.Low() == dst[2].Low || dst[2].By != PathInfo {
		t.Errorf("got %v, want path_info", dst[2])
	}
}
