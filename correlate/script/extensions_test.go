// SPDX-License-Identifier: Apache-2.0

package script

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestExtensions(t *testing.T) {
	for _, row := range []struct {
		list string // items separated by blanks
		text string
		want bool
	}{
		{".js", "/app.js", true},
		{".js", "/app.js/x", true},
		{".js", "/app.js.map", true},
		{".js", "/A.JS", true},
		{".js", "/data.json", false},
		{".js", "/app.jsx", false},
		{".js", "/appjs", false},
		{".js", "/app.js_", true},
		{".js", "/app.jsä", true}, // only ASCII letters and digits touch
		{".js", "/app.js1", false},
		{".js", ".json.js", true},
		{".js", "..js", true},
		{".js", "", false},
		{".js", ".", false},
		{".js", "/app.j", false},
		{".js", "/app.j\u017F", false},
		{".php", "shell.php.txt", true},
		{".php", "shell.php5", false},
		{".php .php5", "shell.php5", true},
		{".config", "web.config", true},
		{".extension", "a.extension", true}, // too long for the table
		{".extension", "a.extensions", false},
		{".extensions", "a.extension", false},
		{".tar.gz", "a.TAR.GZ", true},
		{".tar.gz", "a.tar.gzip", false},
		{"shell", "/up/shell.txt", true},
		{"shell", "/up/shells.txt", false},
		{"shell", "/up/myshell", false},
		{"shell", "/up/my-Shell", true},
		{"shell", "/shells/shell", true},
		{"-", "a-b", true},
		{".ä", "a.äb", true},
		{".", "a.b", true},
		{".aspx shell", "shell", true},
	} {
		e, err := NewExtensions(strings.Fields(row.list))
		if err != nil {
			t.Fatal(err)
		}
		if got := e.MatchString(row.text); got != row.want {
			t.Errorf("%s in %q: got %v, want %v", row.list, row.text, got, row.want)
		}
	}
}

func TestNewExtensions_empty(t *testing.T) {
	if _, err := NewExtensions([]string{".js", ""}); err == nil {
		t.Error("an empty item gives no error")
	}
	e, err := NewExtensions(nil)
	if err != nil {
		t.Fatal(err)
	}
	if e.MatchString("/app.js") || (*Extensions)(nil).MatchString("/app.js") {
		t.Error("an empty list matches")
	}
	if got := Readings(nil, []byte("/app.aspx/x"), nil); len(got) != 1 {
		t.Errorf("without a list there are %d readings, want the last segment alone", len(got))
	}
	if Rememberable([]byte("/%61pp.aspx"), nil) {
		t.Error("without a list a stem is remembered")
	}
}

func TestLists(t *testing.T) {
	rule := []string{".php", ".jsp", ".js", ".aspx", ".asmx", ".asax", ".cfm", ".shtml"}
	if got := KQL(); !slices.Equal(got, rule) {
		t.Errorf("KQL() is %v, want %v", got, rule)
	}
	all := Windows()
	if !slices.Equal(all[:len(rule)], rule) || len(all) != len(rule)+32 {
		t.Errorf("Windows() is %v, want the rule's and 32 more", all)
	}
	slices.Sort(all)
	if len(slices.Compact(all)) != len(rule)+32 {
		t.Error("Windows() has an item twice")
	}
	Windows()[0], KQL()[0] = "x", "x"
	if Windows()[0] != ".php" || KQL()[0] != ".php" {
		t.Error("a list is not fresh")
	}
}

// TestExtensions_reference holds Match against a regular expression that says
// what a term is.
func TestExtensions_reference(t *testing.T) {
	list := append(Windows(), ".extension", "shell", "-x", ".tar.gz")
	e, err := NewExtensions(list)
	if err != nil {
		t.Fatal(err)
	}
	alternatives := make([]string, 0, len(list))
	for _, item := range list {
		pattern := regexp.QuoteMeta(item)
		if isAlnum(item[0]) {
			pattern = `(?:^|[^0-9a-z])` + pattern
		}
		alternatives = append(alternatives, pattern)
	}
	term := regexp.MustCompile(`(?:` + strings.Join(alternatives, "|") + `)(?:[^0-9a-z]|$)`)
	random := rand.New(rand.NewPCG(3, 4))
	pieces := append(list, "js", "p", "x", "5", ".", "/", "-", "_", "ä", "S", ".PHP", "\xe4", "shell")
	for range 20_000 {
		var b strings.Builder
		for range 1 + random.IntN(4) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		if got, want := e.MatchString(b.String()), term.MatchString(lowerASCII(b.String())); got != want {
			t.Fatalf("%q: got %v, want %v", b.String(), got, want)
		}
	}
}

// A long extension and one of several parts run too, if they are listed.
func TestReadings_needles(t *testing.T) {
	ext, err := NewExtensions([]string{".extension", ".tar.gz", "x y"})
	if err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]int{
		"/a.extension/x":  2,
		"/a.extensions/x": 1,
		"/a.tar.gz/x":     2,
		"/a.gz/x":         1,
	} {
		if got := Readings(nil, []byte(url), ext); len(got) != want {
			t.Errorf("%q: %d readings, want %d", url, len(got), want)
		}
	}
	for url, want := range map[string]bool{"/x+y": true, "/x%20y": true, "/x-y": false, "/xx+y": false} {
		if got := Rememberable([]byte(url), ext); got != want {
			t.Errorf("%q: rememberable %v, want %v", url, got, want)
		}
	}
}

func TestBy(t *testing.T) {
	all := By(1<<len(byWords) - 1)
	want := "exact,case,path_info,php_path_info,cookieless,parameters,encoded,normalized,trailing,stream," +
		"short_name,default_document,extensionless,compiled,host_short,host_netbios,host_address"
	if got := all.String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := HostAddress.String(); got != "host_address" {
		t.Errorf("the last bit is %q", got)
	}
	if got := By(0).Names(); got == nil || len(got) != 0 {
		t.Errorf("the names of nothing are %#v, want an empty list", got)
	}
	for _, row := range []struct{ a, b, want By }{
		{0, 0, Exact},
		{Exact, Exact, Exact},
		{Exact, Case, Case},
		{Exact, HostShort, Exact | HostShort},
		{Exact | HostShort, PathInfo, PathInfo | HostShort},
		{Case, Compiled, Case | Compiled},
	} {
		if got := row.a.With(row.b); got != row.want {
			t.Errorf("%v with %v is %v, want %v", row.a, row.b, got, row.want)
		}
	}
}
