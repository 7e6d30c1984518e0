// SPDX-License-Identifier: Apache-2.0

package script

import "testing"

// urlTable has, for an alert that names a file, a URL that calls it, what has to
// be undone, and beside it a URL that does not call it.
var urlTable = []struct{ alert, url, by, miss string }{
	// As it is.
	{"shell.aspx", "/up/shell.aspx", "exact", "/up/shell.aspx.bak"},
	{"shell.aspx", "/shell.aspx", "exact", "/xshell.aspx"},
	{"shell.aspx", "shell.aspx", "exact", "shell.aspxx"},
	{"shell.aspx", "/v1.0/shell.aspx", "exact", "/shell.v1/aspx"},
	{"a..b.aspx", "/a..b.aspx", "exact", "/a../b.aspx"},
	{"100%.aspx", "/100%.aspx", "exact", "/100%/aspx"},
	{"%73hell.aspx", "/%73hell.aspx", "exact", "/shell.aspx"},
	{"a(1).aspx", "/a(1).aspx", "exact", "/a/(1).aspx"},
	{"a;b.aspx", "/a;b.aspx", "exact", "/a"},
	{"(S(x)).aspx", "/(S(x)).aspx", "exact", "/(S(y)).aspx"},

	// Case.
	{"shell.aspx", "/UP/SHELL.ASPX", "case", "/SHELL.ASP"},
	{"Shell.aspx", "/shell.ASPX", "case", "/ſhell.aspx"},
	{"kelvin.aspx", "/KELVIN.ASPX", "case", "/\u212Aelvin.aspx"},
	{"indigo.aspx", "/INDIGO.ASPX", "case", "/\u0130ndigo.aspx"},
	{"fluß.aspx", "/FLUß.ASPX", "case", "/fluss.aspx"},
	{"gemäß.aspx", "/GEMÄß.aspx", "case", "/gema\u0308ß.aspx"},
	{"ａ.aspx", "/Ａ.aspx", "case", "/a.aspx"},
	{"ﬁ.aspx", "/ﬁ.ASPX", "case", "/fi.aspx"},
	{"ÿ.aspx", "/Ÿ.aspx", "case", "/y.aspx"},
	{"привет.aspx", "/ПРИВЕТ.aspx", "case", "/privet.aspx"},
	{"\U00010428.aspx", "/\U00010428.ASPX", "case", "/\U00010400.aspx"},
	{"ä.aspx", "/\xe4.aspx", "case", "/\xe5.aspx"},
	{"€.aspx", "/\x80.aspx", "case", "/\x81.aspx"},

	// "+" as space.
	{"my shell.aspx", "/my+shell.aspx", "exact", "/my-shell.aspx"},
	{"my+shell.aspx", "/my+shell.aspx", "exact", "/my%20shell.aspx"},
	{"a b+c.aspx", "/a+b+c.aspx", "exact", "/a+b+c+.aspx"},
	{"my shell.aspx", "/My+Shell.aspx", "case", "/myshell.aspx"},

	// Path info.
	{"shell.aspx", "/shell.aspx/x/y.png", "path_info", "/shell.aspx.png/x"},
	{"shell.aspx", "/shell.aspx/", "path_info", "/shell/"},
	{"shell.aspx", "/shell.aspx/other.aspx", "path_info", "/shell.aspx/../other.aspx"},
	{"shell.dll", "/cgi/shell.dll/x", "path_info", "/cgi/shell.txt/x"},
	{"app.js", "/app.js", "exact", "/app.js/x"},
	{"menu.shtml", "/menu.shtml", "exact", "/menu.shtml/"},
	{"menu.stm", "/menu.stm", "exact", "/menu.stm/x.png"},
	{"menu.shtm", "/menu.shtm", "exact", "/menu.shtm/x.png"},
	{"shell.aspx", "/shell.aspx/(S(x))", "path_info", "/shell.aspx(S(x))"},
	{"shell.aspx", "/shell.aspx/%20", "path_info", "/shell.aspx%41/"},
	{"shell.aspx", "/lib/chart.js/dist/shell.aspx", "exact", "/shell.js/dist/aspx"},
	{"a.aspx", "/a.aspx/b.aspx/c.aspx", "path_info", "/a.aspx.aspx/b.aspx"},

	// PHP.
	{"logo.jpg", "/logo.jpg/x.php", "php_path_info", "/logo.jpg/x.aspx"},
	{"logo.jpg", "/a/logo.jpg/y/x.php7/z", "php_path_info", "/logojpg/x.php"},
	{"readme", "/x/readme", "exact", "/readme/x.php"},
	{"a.php", "/a.php/b.php", "path_info", "/aa.php/b.php"},

	// Cookieless.
	{"shell.aspx", "/(S(x))/shell.aspx", "cookieless", "/S(x)/shell.aspx/../x"},
	{"shell.aspx", "/she/(S(x))ll.aspx", "cookieless", "/she(S(x))ll.aspx"},
	{"shell.aspx", "/(A(b)S(c)F(d))/shell.aspx", "cookieless", "/shell(A(b)).aspx"},
	{"shell.aspx", "/up/(S(x))/(S(y))/shell.aspx", "cookieless", "/up/(S(x))shell.aspx"},
	{"shell.aspx", "/(S(x))shell.aspx", "cookieless", "/(Sx)shell.aspx"},
	{"shell.aspx", "/sh/(S(x))el/(S(y))l.aspx", "cookieless", "/sh/(S(x)el/(S(y))l.aspx"},

	// Parameters.
	{"shell.jsp", "/shell.jsp;j=1", "parameters", "/shell.aspx;j=1"},
	{"shell.cfm", "/shell.cfm;a;b", "parameters", "/a;shell.cfm"},
	{"shell.jspx", "/shell.jspx;x/y", "path_info,parameters", "/shell.jspx.x;y"},
	{"shell.cfml", "/shell.cfml;", "parameters", "/shell;.cfml"},
	{"shell.cfc", "/shell.cfc;method=x", "parameters", "/shell.cfc,method=x"},

	// One more decoding, never two.
	{"shell.aspx", "/%73hell.aspx", "encoded", "/%2573hell.aspx"},
	{"shell.aspx", "/%u0073hell.aspx", "encoded", "/%u73hell.aspx"},
	{"shell.aspx", "/%75p/shell.aspx", "encoded", "/shell.aspx%00"},
	{"shell.aspx", "/up%2Fshell.aspx", "encoded", "/up%252Fshell.aspx"},
	{"shell.aspx", "/up%5cshell.aspx", "encoded,normalized", "/up%c0%afshell.aspx"},
	{"ä.aspx", "/%C3%A4.aspx", "encoded", "/%25C3%25A4.aspx"},
	{"ä.aspx", "/%E4.aspx", "case,encoded", "/%E5.aspx"},
	{"ä.aspx", "/%u00e4.aspx", "encoded", "/%u0000e4.aspx"},
	{"😀.aspx", "/%uD83D%uDE00.aspx", "encoded", "/%uD83D.aspx"},
	{"a+b.aspx", "/a%2Bb.aspx", "encoded", "/a%2bb%2f.aspx"},
	{"a b.aspx", "/a%20b.aspx", "encoded", "/a%2Bb.aspx"},
	{"shell.aspx", "/shell%2easpx", "encoded", "/shell%2%65aspx"},
	{"shell.aspx", "/shell%2Easpx", "encoded", "/%c1%b3hell.aspx"},

	// Separators and dots.
	{"shell.aspx", "/up//x/../shell.aspx", "normalized", "/up//shell.aspx/.."},
	{"shell.aspx", `/up\shell.aspx`, "normalized", `/up\xshell.aspx`},
	{"shell.aspx", `/shell.aspx\x`, "path_info,normalized", `/shell.aspxx\x`},
	{"shell.aspx", "/./shell.aspx", "normalized", "/.shell.aspx"},
	{"shell.aspx", "/../../shell.aspx", "normalized", "/..shell.aspx"},
	{"shell.aspx", "/shell.aspx/.", "path_info", "/shell.aspx/.."},
	{"shell.aspx", "/shell.aspx/x/..", "path_info", "/shell.aspx/x/../.."},
	{"shell.aspx", "/x/%2e%2e/shell.aspx", "encoded,normalized", "/shell.aspx%2f%2e%2e/x"},

	// Attempts.
	{"shell.aspx", "/shell.aspx.", "trailing", "/shell.aspx.x"},
	{"shell.aspx", "/shell.aspx. .", "trailing", "/shell.aspx-."},
	{"shell.aspx", "/shell.aspx+", "trailing", "/shell.aspx+x"},
	{"shell.aspx", "/shell.aspx./x", "path_info,trailing", "/shell./aspx"},
	{"shell.aspx", "/shell.aspx::$DATA", "stream", "/x::shell.aspx"},
	{"shell.aspx", "/shell.aspx:s", "stream", "/:shell.aspx"},
	{"shell.aspx", "/shell.aspx.::$DATA", "trailing,stream", "/shell.asp:x"},
	{"shellcode.aspx", "/SHELLC~1.ASP", "short_name", "/SHELLC~5.ASP"},
	{"shell.asp", "/shell.asp", "exact", "/SHELL~1.ASP"},
	{"SomeStuff.aspx", "/SOBC84~1.ASP", "short_name", "/SOBC85~1.ASP"},
	{"shellcode.aspx", "/up/shellc~2.asp/x", "path_info,short_name", "/up/shellc~2/x"},

	// Without its extension.
	{"shell.aspx", "/up/shell", "extensionless", "/up/shell/x"},
	{"Shell.aspx", "/up/shell", "case,extensionless", "/up/shel"},
	{"app.js", "/app.JS", "case", "/app"},
	{"logo.jpg", "/logo.jpg", "exact", "/logo"},

	// What ASP.NET compiled.
	{"shell.aspx.cdcab7d2.compiled", "/shell.aspx", "compiled", "/shell.aspx.cdcab7d2"},
	{"App_Web_shell.aspx.cdcab7d2.dll", "/shell.aspx", "compiled", "/App_Web_shell.aspx"},
	{"App_Web_shell.aspx.cdcab7d2.x1-_2abc.dll", "/Shell.aspx/x", "case,path_info,compiled", "/shell.asp"},

	// What an alert's name may carry.
	{`C:\inetpub\wwwroot\shell.aspx`, "/shell.aspx", "exact", "/wwwroot"},
	{"shell.aspx:s", "/shell.aspx", "exact", "/s"},
	{"shell.aspx->(SCRIPT0005)", "/shell.aspx", "exact", "/(SCRIPT0005)"},
	{"shells.zip->shell.aspx", "/shells.zip", "exact", "/shell.aspx"},
}

func TestURLTable(t *testing.T) {
	ext := windowsExtensions(t)
	for _, row := range urlTable {
		by, ok := matchURL(t, row.url, row.alert, ext)
		if !ok || by.String() != row.by {
			t.Errorf("%q for %q: got %v %q, want %q", row.url, row.alert, ok, by, row.by)
		}
		if by, ok := matchURL(t, row.miss, row.alert, ext); ok {
			t.Errorf("%q for %q: matches by %q, want no match", row.miss, row.alert, by)
		}
	}
}

// matchURL returns the nearest match of a URL with a file that an alert names,
// and fails the test where LookupKeys and Match disagree.
func matchURL(t *testing.T, url, alert string, ext *Extensions) (best By, ok bool) {
	t.Helper()
	for _, target := range Targets(alert, "") {
		for _, r := range Readings(nil, []byte(url), ext) {
			by, matched := Match(r, target)
			checkKeys(t, r, target, by, matched)
			if matched && (!ok || by.less(best)) {
				best, ok = by, true
			}
		}
	}
	return best, ok
}

// checkKeys fails unless r is filed under a key of target exactly if it matches.
func checkKeys(t *testing.T, r Reading, target Target, by By, matched bool) {
	t.Helper()
	name, found := string(Fold(nil, r.Name)), false
	for _, key := range LookupKeys(target) {
		if key.Name != name {
			continue
		}
		found = true
		if want := r.By.With(key.By).With(by & Case); matched && by != want {
			t.Errorf("%q and %q: Match gives %q, the key %q", r.Name, target.Name, by, want)
		}
	}
	if found != matched {
		t.Errorf("%q and %q: Match gives %v, the keys %v", r.Name, target.Name, matched, found)
	}
}

func windowsExtensions(t testing.TB) *Extensions {
	t.Helper()
	ext, err := NewExtensions(Windows())
	if err != nil {
		t.Fatal(err)
	}
	return ext
}
