// SPDX-License-Identifier: Apache-2.0

package windows

import (
	"fmt"
	"strings"
	"testing"

	"webshell/correlate/script"
)

// row is one way to call a file that an alert names, and what must come of it. A near miss is called by somebody else
// in the same story, in each order too, and must not be reported.
type row struct {
	file, dir string
	url       string
	by        string // MatchedBy
	path      string // PathMatch
	rating    string // Confidence
	miss      []string
	late      bool // not remembered before the alert comes
}

const (
	partial = "partial"
	full    = "full"
	none    = "none"
	unknown = "unknown"
)

// temporary is where ASP.NET keeps what it compiles.
const temporary = `C:\Windows\Microsoft.NET\Framework64\v4.0.30319\Temporary ASP.NET Files\`

// table is SPEC section 2's, row by row.
var table = []row{
	// The last segment, as it is. Near misses: a longer name, a shorter one, a folder of the name.
	{"shell.aspx", upFolder, "/up/shell.aspx", "exact", partial, "medium",
		[]string{"/up/shell.aspxx", "/up/xshell.aspx", "/up/shell.asp", "/up/shell.aspx.bak", "/shell.aspx.d/index.aspx"}, false},
	{"shell.aspx", upFolder, "/other/shell.aspx", "exact", none, "low", []string{"/other/shell.aspx.txt"}, false},
	{"shell.aspx", "", "/up/shell.aspx", "exact", unknown, "medium", []string{"/up/shells.aspx"}, false},
	{"shell.aspx", upFolder, "/shell.aspx", "exact", unknown, "medium", []string{"/shell.aspx-"}, false},

	// Case, by NTFS's table. Near misses: other letters by NTFS that are the same by Unicode.
	{"shell.aspx", upFolder, "/UP/SHELL.ASPX", "case", partial, "medium", []string{"/up/ſhell.aspx", "/up/SHELL.ASP"}, false},
	{"kelvin.aspx", upFolder, "/up/KELVIN.aspx", "case", partial, "medium", []string{"/up/\u212Aelvin.aspx"}, false},
	{"indigo.aspx", upFolder, "/up/INDIGO.aspx", "case", partial, "medium", []string{"/up/\u0130ndigo.aspx", "/up/\u0131ndigo.aspx"}, false},
	{"ａ.aspx", upFolder, "/up/Ａ.aspx", "case", partial, "medium", []string{"/up/a.aspx"}, false},
	{"fluß.aspx", upFolder, "/up/FLUß.aspx", "case", partial, "medium", []string{"/up/fluss.aspx", "/up/flu\u1E9E.aspx"}, false},
	{"ﬁ.aspx", upFolder, "/up/ﬁ.ASPX", "case", partial, "medium", []string{"/up/fi.aspx"}, false},
	{"gemäß.aspx", upFolder, "/up/GEMÄß.aspx", "case", partial, "medium", []string{"/up/gema\u0308ß.aspx"}, false},
	{"ä.aspx", upFolder, "/up/\xe4.aspx", "case", partial, "medium", []string{"/up/\xe5.aspx"}, false},

	// "+" as space, and as it is.
	{"my shell.aspx", upFolder, "/up/my+shell.aspx", "exact", partial, "medium", []string{"/up/my-shell.aspx", "/up/myshell.aspx"}, false},
	{"my+shell.aspx", upFolder, "/up/my+shell.aspx", "exact", partial, "medium", []string{"/up/my%20shell.aspx"}, false},
	{"a b+c.aspx", upFolder, "/up/a+b+c.aspx", "exact", partial, "medium", []string{"/up/a-b+c.aspx"}, false},

	// Path info. Near misses: of a static file, of a name that no handler runs.
	{"shell.aspx", upFolder, "/up/shell.aspx/x/y.png", "path_info", partial, "medium", []string{"/up/shell.aspx.png/x/y.aspx"}, false},
	{"shell.aspx", upFolder, "/up/shell.aspx/", "path_info", partial, "medium", []string{"/up/shell.aspxx/"}, false},
	{"app.js", upFolder, "/up/app.js", "exact", partial, "medium", []string{"/up/app.js/x", "/up/app.js/x.aspx", "/up/app.js/"}, false},
	{"menu.shtml", upFolder, "/up/menu.shtml", "exact", partial, "medium", []string{"/up/menu.shtml/x", "/up/menu.shtml/y.png"}, false},
	{"shell.dll", upFolder, "/up/shell.dll/x", "path_info", partial, "medium", []string{"/up/shell.dl/x.aspx"}, false},
	// A folder of such a name is no obstacle.
	{"shell.aspx", wwwroot + `\lib\chart.js\dist`, "/lib/chart.js/dist/shell.aspx", "exact", partial, "medium", []string{"/lib/shell.js/dist/x.aspx"}, false},

	// In front of a .php segment, listed or not. Near misses: in front of another script; a part that is no file.
	{"logo.jpg", upFolder, "/up/logo.jpg/x.php", "php_path_info", partial, "medium", []string{"/up/logo.jpg/x.aspx", "/up/logo.jpgx/x.php"}, false},
	{"logo.jpg", upFolder, "/up/LOGO.JPG/y/x.php7/z", "case,php_path_info", partial, "medium", []string{"/up/logojpg/x.php"}, false},

	// Cookieless segments.
	{"shell.aspx", upFolder, "/(S(x))/up/shell.aspx", "cookieless", partial, "medium", []string{"/S(x)/up/shell.aspx.txt"}, false},
	{"shell.aspx", upFolder, "/up/she/(S(x))ll.aspx", "cookieless", partial, "medium", []string{"/up/she(S(x))ll.aspx"}, false},
	{"shell.aspx", upFolder, "/up/(A(b)S(c)F(d))/shell.aspx", "cookieless", partial, "medium", []string{"/up/shell(A(b)).aspx"}, false},

	// Parameters. Near misses: behind what takes none.
	{"shell.jsp", upFolder, "/up/shell.jsp;j=1", "parameters", partial, "medium", []string{"/up/shell.aspx;j=1", "/up/a;shell.jsp"}, false},
	{"shell.cfm", upFolder, "/up/shell.cfm;a;b", "parameters", partial, "medium", []string{"/up/shell.jsp;a;b"}, false},

	// One more decoding. Near misses: two, a NUL, overlong UTF-8.
	{"shell.aspx", upFolder, "/up/%73hell.aspx", "encoded", partial, "medium", []string{"/up/%2573hell.aspx", "/up/%2573hell%2easpx"}, false},
	{"shell.aspx", upFolder, "/%75p/shell.aspx", "encoded", partial, "medium", []string{"/up/shell.aspx%00", "/up/shell.aspx%00.aspx"}, false},
	{"shell.aspx", upFolder, "/up/%u0073hell.aspx", "encoded", partial, "medium", []string{"/up/%c1%b3hell.aspx", "/up/%c0%afshell.aspx.x"}, false},
	{"ä.aspx", upFolder, "/up/%E4.aspx", "case,encoded", partial, "medium", []string{"/up/%E5.aspx"}, false},

	// Separators and dots.
	{"shell.aspx", upFolder, "/up//x/../shell.aspx", "normalized", partial, "medium", []string{"/up//shell.aspx/../x.aspx"}, false},
	{"shell.aspx", upFolder, `/up\shell.aspx`, "normalized", partial, "medium", []string{`/up\xshell.aspx`}, false},
	{"shell.aspx", upFolder, "/./up/shell.aspx", "normalized", partial, "medium", []string{"/up/.shell.aspx"}, false},

	// Attempts.
	{"shell.aspx", upFolder, "/up/shell.aspx.", "trailing", partial, "low", []string{"/up/shell.aspx.x"}, false},
	{"shell.aspx", upFolder, "/up/shell.aspx+", "trailing", partial, "low", []string{"/up/shell.aspx+x"}, false},
	{"shell.aspx", upFolder, "/up/shell.aspx::$DATA", "stream", partial, "low", []string{"/up/x.aspx:shell.aspx"}, false},
	{"shellcode.aspx", upFolder, "/up/SHELLC~1.ASP", "short_name", partial, "low", []string{"/up/SHELLC~9.ASP", "/up/SHELLD~1.ASP"}, false},
	// A short name that needs no alias gets none.
	{"shell.asp", upFolder, "/up/shell.asp", "exact", partial, "medium", []string{"/up/SHELL~1.ASP"}, false},

	// Without its extension: only once the alert is there. Near misses: a static file's, a longer name.
	{"shell.aspx", upFolder, "/up/shell", "extensionless", partial, "medium", []string{"/up/shell/x", "/up/shells", "/up/shell.htm"}, true},
	{"app.js", upFolder, "/up/app.JS", "case", partial, "medium", []string{"/up/app"}, false},
	{"shell.aspx", upFolder, "/up/shell.", "trailing,extensionless", partial, "low", []string{"/up/shel."}, true},

	// An extension that the list does not cover: watched from the alert on.
	{"x.txt", upFolder, "/up/x.txt", "exact", partial, "medium", []string{"/up/x.txt.bak", "/up/xx.txt", "/up/x.txt/y", "/up/x"}, true},
	{"x.txt", upFolder, "/up/X.TXT", "case", partial, "medium", []string{"/up/x\u200B.txt"}, true},
	{"x.txt", upFolder, "/up/x%2etxt", "encoded", partial, "medium", []string{"/up/x%252etxt"}, true},
	{"x.txt", upFolder, "/up/x.txt/y.php", "php_path_info", partial, "medium", []string{"/up/x.tx/y.php"}, false},

	// What an alert names.
	{upFolder + `\shell.aspx`, "", "/up/shell.aspx", "exact", partial, "medium", []string{"/up/shell" + "x.aspx"}, false},
	{"shell.aspx:s", upFolder, "/up/shell.aspx", "exact", partial, "medium", []string{"/up/s"}, false},
	{"shell.aspx->(SCRIPT0005)", upFolder, "/up/shell.aspx", "exact", partial, "medium", []string{"/up/(SCRIPT0005)"}, false},
	{"shell.aspx", `\Device\HarddiskVolume3\inetpub\wwwroot\up`, "/up/shell.aspx", "exact", partial, "medium", nil, false},
	{"shell.aspx", `\\?\` + upFolder, "/up/shell.aspx", "exact", partial, "medium", nil, false},
	{"shell.aspx", `\\localhost\C$\inetpub\wwwroot\up`, "/up/shell.aspx", "exact", partial, "medium", nil, false},
	{"shell.aspx", "C:/inetpub/wwwroot/up/shell.aspx", "/up/shell.aspx", "exact", partial, "medium", nil, false},
	// A container is named, never its part.
	{upFolder + `\a.zip->shell.aspx`, "", "/up/a.zip", "exact", partial, "medium", []string{"/up/shell.aspx", "/up/a.zip/shell.aspx"}, true},
	{"shell.aspx", upFolder + `\a.zip->d`, "/up/a.zip", "exact", partial, "medium", []string{"/up/shell.aspx"}, true},

	// Compiled pages: the hash tells /up/ from /admin/ without a site map.
	{"shell.aspx.5d8c77b3.compiled", temporary + `root\1a2b\3c4d`, "/up/shell.aspx", "compiled", full, "high", []string{"/up/shell.ashx"}, false},
	{"shell.aspx.5d8c77b3.compiled", temporary + `root\1a2b\3c4d`, "/admin/shell.aspx", "compiled", none, "low", nil, false},
	{"shell.aspx.fdf7a39c.compiled", temporary + `root\1a2b\3c4d`, "/admin/shell.aspx", "compiled", full, "high", nil, false},
	{"shell.aspx.5d8c77b3.compiled", temporary + `app\1a2b\3c4d`, "/app/up/shell.aspx", "compiled", full, "high", nil, false},
	{"shell.aspx.5d8c77b3.compiled", temporary + `app\1a2b\3c4d`, "/up/shell.aspx", "compiled", none, "low", nil, false},
	{"App_Web_shell.aspx.5d8c77b3.x1qz_k3.dll", wwwroot + `\bin`, "/UP/Shell.aspx/x", "case,path_info,compiled", full, "high", nil, false},
	{"App_Web_shell.aspx.cdcab7d2.dll", wwwroot + `\bin`, "/shell.aspx", "compiled", unknown, "medium", nil, false},
	{"shell.aspx.c5ddd09.compiled", "", "/app/uploads/shell.aspx", "compiled", full, "high", []string{"/app/uploads/SHELL~1.ASP"}, false},
}

// TestTable plays each row in both orders, on the engine and on the sources, and holds the rule to the letter beside it.
func TestTable(t *testing.T) {
	for _, r := range table {
		name := fmt.Sprintf("%q in %q by %q", r.file, r.dir, r.url)
		each(t, nil, func(t *testing.T, f feed) { r.requestFirst(t, f, name) })
		each(t, nil, func(t *testing.T, f feed) { r.alertFirst(t, f, name) })
		each(t, kql, func(t *testing.T, f feed) { r.rule(t, f, name) })
	}
}

func (r *row) want() string {
	return strings.Join([]string{server, r.url, r.by, r.path, r.rating}, " | ")
}

func (r *row) finding() finding { return finding{file: r.file, dir: r.dir} }

func (r *row) callAll(f feed, seconds int) {
	f.call(seconds, call{url: r.url})
	for i, url := range r.miss {
		f.call(seconds, call{url: url, ip: fmt.Sprint("198.51.100.", i)})
	}
	f.call(seconds, call{url: r.url, host: "WEB02.contoso.com", ip: "198.51.100.99"})
}

func (r *row) requestFirst(t *testing.T, f feed, name string) {
	t.Helper()
	r.callAll(f, 0)
	f.alert(60, r.finding())
	want := []string{r.want()}
	if r.late {
		want = nil
	}
	r.check(t, f, name+", request first", want)
}

func (r *row) alertFirst(t *testing.T, f feed, name string) {
	t.Helper()
	f.call(0, call{url: "/home.aspx", ip: "198.51.100.98"})
	f.alert(60, r.finding())
	r.callAll(f, 120)
	r.check(t, f, name+", alert first", []string{r.want()})
}

func (r *row) check(t *testing.T, f feed, name string, want []string) {
	t.Helper()
	got := settle(t, f.engine(), 600).facts()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s (%T):\ngot  %q\nwant %q", name, f, got, want)
	}
}

// rule expects what the Sentinel rule says of the same story: the last segment equals the name, both with a listed
// extension, whatever else may have called the file.
func (r *row) rule(t *testing.T, f feed, name string) {
	t.Helper()
	r.callAll(f, 0)
	f.alert(60, r.finding())
	r.callAll(f, 120)
	ext, err := script.NewExtensions(script.KQL())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for _, url := range append([]string{r.url}, r.miss...) {
		last := url[strings.LastIndexByte(url, '/')+1:]
		want[url] = last == r.file && ext.MatchString(url) && ext.MatchString(r.file)
	}
	got := settle(t, f.engine(), 600)
	for url, isWanted := range want {
		if d := got.of(url); (d != nil) != isWanted || d != nil && (d.RequestCount != 2 || d.Computer != server) {
			t.Errorf("%s under kql (%T): %q reported %v, want %v", name, f, url, d != nil, isWanted)
		}
	}
}
