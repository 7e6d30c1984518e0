// SPDX-License-Identifier: Apache-2.0

package sitemap

import (
	_ "embed"
	"slices"
	"strings"
	"testing"

	"webshell/correlate/script"
)

//go:embed testdata/exchange.config
var exchangeFixture []byte

const (
	exchange = `C:\Program Files\Microsoft\Exchange Server\V15`
	hive     = `C:\Program Files\Common Files\microsoft shared\Web Server Extensions`
)

// The drop folders that FACTS section 5 lists, each with a near miss.
func TestBuiltin(t *testing.T) {
	for _, row := range []struct{ site, url, directory, want string }{
		{"W3SVC1", "/owa/auth", exchange + `\FrontEnd\HttpProxy\owa\auth`, "full"},
		{"W3SVC1", "/OWA/Auth", exchange + `\FrontEnd\HttpProxy\owa\auth`, "full"},
		{"", "/owa/auth", `E:\Exchange\FrontEnd\HttpProxy\owa\auth`, "full"},
		{"W3SVC1", "/owa/auth/Current/themes", exchange + `\FrontEnd\HttpProxy\owa\auth\Current\themes`, "full"},
		{"W3SVC1", "/owa/auth", exchange + `\FrontEnd\HttpProxy\ecp\auth`, "none"},
		{"W3SVC1", "/owa/auth", exchange + `\FrontEnd\HttpProxy\owa\auth\Current`, "none"},
		{"W3SVC1", "/x/owa/auth", exchange + `\FrontEnd\HttpProxy\owa\auth`, "none"},
		{"W3SVC2", "/owa/auth", exchange + `\FrontEnd\HttpProxy\owa\auth`, "none"},
		{"W3SVC1", "/owa/auth", `C:\inetpub\wwwroot\owa\auth`, ""},
		{"W3SVC1", "/owa/auth", `C:\HttpProxy\owa\auth`, ""},
		{"W3SVC1", "/ecp/auth", exchange + `\FrontEnd\HttpProxy\ecp\auth`, "full"},
		{"W3SVC1", "/oab", exchange + `\FrontEnd\HttpProxy\OAB`, "full"},
		{"W3SVC1", "/oab/x", exchange + `\FrontEnd\HttpProxy\OAB`, "none"},
		{"W3SVC1", "/microsoft-server-activesync", exchange + `\FrontEnd\HttpProxy\sync`, "full"},
		{"W3SVC1", "/owa/calendar", exchange + `\FrontEnd\HttpProxy\owa`, "full"},
		{"W3SVC2", "/owa", exchange + `\ClientAccess\owa`, "full"},
		{"W3SVC2", "/ecp", exchange + `\ClientAccess\ecp`, "full"},
		{"W3SVC2", "/ecp", exchange + `\ClientAccess\owa`, "none"},
		{"W3SVC2", "/ews", exchange + `\ClientAccess\exchweb\ews`, "full"},
		{"W3SVC1", "/owa/auth", exchange + `\ClientAccess\owa\auth`, "full"}, // the front end hands it on
		{"W3SVC1", "/a/ClientAccess/owa", `D:\web\a\ClientAccess\owa`, ""},   // a copy
		{"W3SVC1", "/aspnet_client", `C:\inetpub\wwwroot\aspnet_client`, "full"},
		{"W3SVC1", "/aspnet_client/system_web", `\inetpub\wwwroot\aspnet_client\system_web`, "full"},
		{"W3SVC1", "/x/aspnet_client", `C:\inetpub\wwwroot\aspnet_client`, ""},
		{"W3SVC1", "/aspnet_client", `D:\web\aspnet_client`, ""},

		{"W3SVC3", "/_layouts", hive + `\16\TEMPLATE\LAYOUTS`, "full"},
		{"W3SVC3", "/_layouts/15", hive + `\16\TEMPLATE\LAYOUTS`, "full"},
		{"W3SVC3", "/_layouts/16", hive + `\15\TEMPLATE\LAYOUTS`, "full"},
		{"W3SVC3", "/sites/hr/_layouts/15", hive + `\15\TEMPLATE\LAYOUTS`, "full"},
		{"W3SVC3", "/sites/hr/_layouts/15/a/b", hive + `\15\TEMPLATE\LAYOUTS\a\b`, "full"},
		{"W3SVC3", "/_layouts/15", hive + `\16\TEMPLATE\LAYOUTS\15`, "full"},
		{"W3SVC3", "/_layouts/1033", hive + `\16\TEMPLATE\LAYOUTS\1033`, "full"},
		{"W3SVC3", "/_layouts/1033", hive + `\16\TEMPLATE\LAYOUTS`, "none"},
		{"W3SVC3", "/layouts", hive + `\16\TEMPLATE\LAYOUTS`, "none"},
		{"W3SVC3", "/_layouts/15", hive + `\16\TEMPLATE\ADMIN`, "none"},
		{"W3SVC3", "/_layouts/15", hive + `\x\TEMPLATE\LAYOUTS`, ""},
		{"W3SVC3", "/_layouts/15", `C:\TEMPLATE\LAYOUTS`, ""},
		{"W3SVC3", "/_controltemplates/15", hive + `\15\TEMPLATE\CONTROLTEMPLATES`, "full"},
		{"W3SVC3", "/_vti_bin", hive + `\16\ISAPI`, "full"},
		{"W3SVC3", "/sites/hr/_vti_bin/x", hive + `\16\ISAPI\x`, "full"},
		{"W3SVC3", "/_admin", hive + `\16\TEMPLATE\ADMIN`, "full"},
		{"W3SVC3", strings.Repeat("/_layouts", maxStarts+1), hive + `\16\TEMPLATE\LAYOUTS`, "none"},

		{"W3SVC1", "/up", `C:\inetpub\wwwroot\up`, ""},
		{"W3SVC1", "/", "", ""},
	} {
		checkMatch(t, Builtin(), row.site, row.url, row.directory, row.want)
		checkMatch(t, nil, row.site, row.url, row.directory, row.want)
	}
}

// With a configuration the built-in maps add what it can't say: that the front
// end hands requests on, and that SharePoint's folders are below every site.
func TestBuiltin_configured(t *testing.T) {
	m := parse(t, exchangeFixture, func(name string) string {
		return map[string]string{"SystemDrive": "C:", "ExchangeInstallPath": exchange + `\`}[name]
	})
	for _, row := range []struct{ site, url, directory, want string }{
		{"W3SVC1", "/owa/auth", exchange + `\FrontEnd\HttpProxy\owa\auth`, "full"},
		{"W3SVC1", "/owa/auth", `E:\Exchange\FrontEnd\HttpProxy\owa\auth`, "none"},
		{"W3SVC1", "/owa/auth", exchange + `\ClientAccess\owa\auth`, "full"},
		{"W3SVC1", "/owa/auth", exchange + `\ClientAccess\ecp\auth`, "none"},
		{"W3SVC1", "/owa/Calendar", exchange + `\FrontEnd\HttpProxy\owa`, "full"},
		{"W3SVC2", "/owa/auth", exchange + `\ClientAccess\owa\auth`, "full"},
		{"W3SVC2", "/owa/auth", exchange + `\FrontEnd\HttpProxy\owa\auth`, "none"},
		{"W3SVC1", "/aspnet_client", `C:\inetpub\wwwroot\aspnet_client`, "full"},
		{"W3SVC1", "/_layouts/15", hive + `\16\TEMPLATE\LAYOUTS`, "none"},
		{"W3SVC3", "/_layouts/15", hive + `\16\TEMPLATE\LAYOUTS`, "full"},
		{"W3SVC3", "/_layouts/16", hive + `\16\TEMPLATE\LAYOUTS`, "full"},
		{"W3SVC3", "/sites/hr/_layouts/15/x", hive + `\16\TEMPLATE\LAYOUTS\x`, "full"},
		{"W3SVC3", "/sites/hr", `C:\inetpub\wwwroot\wss\VirtualDirectories\80\sites\hr`, "full"},
		{"W3SVC3", "/sites/hr/_layouts/15", hive + `\16\ISAPI`, "none"},
		{"W3SVC4", "/owa/auth", exchange + `\FrontEnd\HttpProxy\owa\auth`, "full"}, // a site made since
	} {
		checkMatch(t, m, row.site, row.url, row.directory, row.want)
	}
}

func TestBuiltin_Folder(t *testing.T) {
	want := []Place{
		{Folder: `FrontEnd\HttpProxy\owa\auth`, Application: "/owa"},
		{Folder: `ClientAccess\owa\auth`, Application: "/owa"},
	}
	if got := Builtin().Folder("W3SVC1", "/owa/auth"); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := Builtin().Folder("W3SVC2", "/owa/auth"); !slices.Equal(got, want[1:]) {
		t.Errorf("back end: got %+v, want %+v", got, want[1:])
	}
}

func TestBuiltin_URLs(t *testing.T) {
	for folder, want := range map[string][]URL{
		exchange + `\FrontEnd\HttpProxy\ecp\auth`: {{Folder: "/ecp/auth", Application: "/ecp"}},
		hive + `\16\TEMPLATE\LAYOUTS\x`:           {{Folder: "/_layouts/x", Application: "/"}},
		`C:\inetpub\wwwroot`:                      {},
	} {
		if got := Builtin().URLs(folder); !slices.Equal(got, want) {
			t.Errorf("%s: got %+v, want %+v", folder, got, want)
		}
	}
}

func TestMap_Match_compiled(t *testing.T) {
	const (
		root  = "cdcab7d2" // FACTS section 5: of "~", "~/up", "~/admin"
		up    = "5d8c77b3"
		admin = "fdf7a39c"
		temp  = `C:\Windows\Microsoft.NET\Framework64\v4.0.30319\Temporary ASP.NET Files\`
	)
	m := fixtureMap(t)
	for _, row := range []struct{ site, url, hash, directory, want string }{
		{"W3SVC1", "/app/up", up, temp + `app\1a\2b`, "full"},
		{"W3SVC1", "/APP/UP", up, temp + `app\1a\2b`, "full"},
		{"W3SVC1", "/app/up", admin, temp + `app\1a\2b`, "none"},
		{"W3SVC1", "/app", root, temp + `app\1a\2b`, "full"},
		{"W3SVC1", "/app/up", root, temp + `app\1a\2b`, "none"},
		{"W3SVC1", "/up", up, temp + `app\1a\2b`, "none"},
		{"W3SVC1", "/up", up, temp + `root\1a\2b`, "full"},
		{"W3SVC1", "/app/up", up, temp + `root\1a\2b`, "none"},
		{"W3SVC1", "/app/admin/up", up, temp + `admin\1a\2b`, "full"},
		{"W3SVC1", "/app/admin", admin, temp + `app\1a\2b`, "none"}, // an application of its own
		{"W3SVC1", "/app/up", up, `D:\apps\shop\bin`, "full"},
		{"W3SVC1", "/app/up", up, `E:\admin\bin`, "none"},
		{"W3SVC1", "/up", up, `C:\inetpub\wwwroot\bin`, "full"},
		{"W3SVC1", "/lost/up", up, `E:\anywhere\bin`, "full"},
		{"W3SVC1", "/app/up", up, "", "full"},
		{"W3SVC20", "/app/up", up, temp + `root\1a\2b`, "none"},
		{"W3SVC9", "/app/up", up, temp + `app\1a\2b`, ""},
		{"", "/up", up, `D:\intranet\bin`, "full"},
		{"", "/up", up, `D:\other\bin`, "none"},
	} {
		var target script.Target
		for _, found := range script.Targets("x.aspx."+row.hash+".compiled", row.directory) {
			if found.Hash != "" {
				target = found
			}
		}
		match, known := m.Match(row.site, row.url, target)
		if got := match.String(); known != (row.want != "") || known && got != row.want {
			t.Errorf("%s %s and %s in %s: got %s, known %v, want %q", row.site, row.url, row.hash, row.directory, got, known, row.want)
		}
	}
}

// SharePoint's folders are compiled without the path of the site before them.
func TestMap_Match_compiledSharePoint(t *testing.T) {
	m := parse(t, exchangeFixture, nil)
	target := script.Target{Name: "x.aspx", Hash: script.FolderHash("~/_layouts/15"), Application: "/", By: script.Compiled}
	for url, want := range map[string]script.PathMatch{
		"/_layouts/15":            script.PathFull,
		"/sites/hr/_layouts/15":   script.PathFull,
		"/sites/hr/_layouts/15/x": script.PathNone,
		"/sites/hr":               script.PathNone,
	} {
		if got, known := m.Match("W3SVC3", url, target); got != want || !known {
			t.Errorf("%s: got %v, known %v, want %v", url, got, known, want)
		}
	}
}
