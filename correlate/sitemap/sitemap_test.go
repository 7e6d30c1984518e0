// SPDX-License-Identifier: Apache-2.0

package sitemap

import (
	_ "embed"
	"slices"
	"strings"
	"testing"

	"webshell/correlate/script"
)

//go:embed testdata/applicationHost.config
var fixture []byte

// testEnv is the environment of the server of the fixture.
func testEnv(name string) string {
	if script.EqualFold(name, "SystemDrive") {
		return "C:"
	}
	return ""
}

func parse(tb testing.TB, config []byte, env func(string) string) *Map {
	tb.Helper()
	m, err := Parse(config, env)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func fixtureMap(tb testing.TB) *Map { return parse(tb, fixture, testEnv) }

func TestMap_Folder(t *testing.T) {
	m := fixtureMap(t)
	for _, row := range []struct{ site, url, application, want string }{
		{"W3SVC1", "/", "/", `C:\inetpub\wwwroot`},
		{"w3svc1", "/", "/", `C:\inetpub\wwwroot`},
		{"Default+Web+Site", "/up", "/", `C:\inetpub\wwwroot\up`},
		{"W3SVC1", "/up", "/", `C:\inetpub\wwwroot\up`},
		{"W3SVC1", "/up/", "/", `C:\inetpub\wwwroot\up`},
		{"W3SVC1", "/a/../up/./x", "/", `C:\inetpub\wwwroot\up\x`},
		{"W3SVC1", "/my+up", "/", `C:\inetpub\wwwroot\my up,C:\inetpub\wwwroot\my+up`},
		{"W3SVC1", "/\xfc", "/", `C:\inetpub\wwwroot\ü`},
		{"W3SVC1", "/app", "/app", `D:\apps\shop`},
		{"W3SVC1", "/APP/x", "/app", `D:\apps\shop\x`},
		{"W3SVC1", "/apple", "/", `C:\inetpub\wwwroot\apple`},
		{"W3SVC1", "/app/img", "/app", `D:\media\shop`},
		{"W3SVC1", "/app/img/a", "/app", `D:\media\shop\a`},
		{"W3SVC1", "/app/imga", "/app", `D:\apps\shop\imga`},
		{"W3SVC1", "/app/admin/x", "/app/admin", `E:\admin\x`},
		{"W3SVC1", "/media/a", "/", `D:\media\a`},
		{"W3SVC1", "/media/old+files/a", "/", `\\fs01.contoso.com\archive\media\a`},
		{"W3SVC1", "/media/old files/a", "/", `\\fs01.contoso.com\archive\media\a`},
		{"W3SVC1", "/own/a", "/own", `own\a`},
		{"W3SVC1", "/lost/a", "", ""},
		{"W3SVC20", "/app", "/", `D:\intranet\app`},
		{"W3SVC20", "/bücher/a", "/Bücher", `\\fs01\books\web\a`},
		{"W3SVC20", "/b\xfccher/a", "/Bücher", `\\fs01\books\web\a`},
		{"W3SVC3", "/app", "", ""},
		{"W3SVC", "/app", "", ""},
		{"", "/x", "/", `C:\inetpub\wwwroot\x,D:\intranet\x`},
		{"-", "/x", "/", `C:\inetpub\wwwroot\x,D:\intranet\x`},
	} {
		var got []string
		for _, p := range m.Folder(row.site, row.url) {
			got = append(got, p.Folder)
			if p.Application != row.application || !p.FromConfig {
				t.Errorf("%s %s: got %+v, want application %q of the configuration", row.site, row.url, p, row.application)
			}
		}
		if got := strings.Join(got, ","); got != row.want {
			t.Errorf("%s %s: got %s, want %s", row.site, row.url, got, row.want)
		}
	}
}

func TestMap_Match(t *testing.T) {
	m := fixtureMap(t)
	for _, row := range []struct {
		site, url, directory string
		want                 string // "" for not known
	}{
		{"W3SVC1", "/up", `C:\inetpub\wwwroot\up`, "full"},
		{"W3SVC1", "/UP", `c:\InetPub\WWWroot\up\`, "full"},
		{"W3SVC1", "/up", `C:\inetpub\wwwroot\admin`, "none"},
		{"W3SVC1", "/up", `D:\inetpub\wwwroot\up`, "none"},
		{"W3SVC1", "/up", `C:\backup\up`, "none"},
		{"W3SVC1", "/up", `C:\x\inetpub\wwwroot\up`, "none"},
		{"W3SVC1", "/up/x", `C:\inetpub\wwwroot\up`, "none"},
		{"W3SVC1", "/up", `C:\inetpub\wwwroot\up\x`, "none"},
		{"W3SVC1", "/", `C:\inetpub\wwwroot`, "full"},
		{"W3SVC1", "/", `C:\inetpub\wwwroot\up`, "none"},
		{"W3SVC1", "/up", `\Device\HarddiskVolume3\inetpub\wwwroot\up`, "full"},
		{"W3SVC1", "/up", `\\?\C:\inetpub\wwwroot\up`, "full"},
		{"W3SVC1", "/up", `\inetpub\wwwroot\up`, "full"},
		{"W3SVC1", "/up", `\\localhost\C$\inetpub\wwwroot\up`, "full"},
		{"W3SVC1", "/up", `\\fs01\inetpub\wwwroot\up`, "none"},
		{"W3SVC1", "/up", `wwwroot\up`, "partial"},
		{"W3SVC1", "/a/up", `up`, "partial"},
		{"W3SVC1", "/a/up", `up\x`, "none"},
		{"W3SVC1", "/up", "", ""},
		{"W3SVC1", "/my+up", `C:\inetpub\wwwroot\my up`, "full"},
		{"W3SVC1", "/my+up", `C:\inetpub\wwwroot\my+up`, "full"},
		{"W3SVC1", "/b\xfccher", `C:\inetpub\wwwroot\Bücher`, "full"},
		{"W3SVC1", "/up.", `C:\inetpub\wwwroot\up`, "full"},
		{"W3SVC1", "/up::$INDEX_ALLOCATION", `C:\inetpub\wwwroot\up`, "full"},
		{"W3SVC1", "/up:$i30:$index_allocation", `C:\inetpub\wwwroot\up`, "full"},
		{"W3SVC1", "/up:x", `C:\inetpub\wwwroot\up`, "none"},
		{"W3SVC1", "/ASPNET~1", `C:\inetpub\wwwroot\aspnet_client`, "full"},
		{"W3SVC1", "/aspnet_client", `C:\inetpub\wwwroot\ASPNET~1`, "full"},
		{"W3SVC1", "/BSPNET~1", `C:\inetpub\wwwroot\aspnet_client`, "none"},
		{"W3SVC1", "/app/x", `D:\apps\shop\x`, "full"},
		{"W3SVC1", "/app/x", `C:\inetpub\wwwroot\app\x`, "none"},
		{"W3SVC1", "/app/img", `D:\media\shop`, "full"},
		{"W3SVC1", "/app/img", `D:\apps\shop\img`, "none"},
		{"W3SVC1", "/app/admin", `E:\admin`, "full"},
		{"W3SVC1", "/app/admin/", `E:\admin`, "full"},
		{"W3SVC1", "/media/old+files", `\\fs01\archive\media`, "full"},
		{"W3SVC1", "/media/old+files", `\\FS01.contoso.com\archive\media`, "full"},
		{"W3SVC1", "/media/old+files", `\\fs01.fabrikam.com\archive\media`, "none"},
		{"W3SVC1", "/media/old+files", `\\fs0\archive\media`, "none"},
		{"W3SVC1", "/media/old+files", `D:\media\old files`, "none"},
		{"W3SVC1", "/media/old+files", `\archive\media`, "none"},
		{"W3SVC1", "/own/x", `F:\home\own\x`, "partial"},
		{"W3SVC1", "/own/x", `own\x`, "partial"},
		{"W3SVC1", "/own/x", `F:\home\other\x`, "none"},
		{"W3SVC1", "/lost/x", `F:\home\x`, ""},
		{"W3SVC20", "/up", `D:\intranet\up`, "full"},
		{"W3SVC20", "/up", `C:\inetpub\wwwroot\up`, "none"},
		{"W3SVC20", "/b\xfccher", `\\fs01\books\web`, "full"},
		{"W3SVC3", "/up", `C:\inetpub\wwwroot\up`, ""},
		{"", "/up", `C:\inetpub\wwwroot\up`, "full"},
		{"", "/up", `D:\intranet\up`, "full"},
		{"-", "/up", `D:\other\up`, "none"},
		{"W3SVC1", strings.Repeat("/a", maxURLParts+1), `C:\inetpub\wwwroot\a`, ""},
		{"W3SVC1", "/a", `C:` + strings.Repeat(`\a`, maxFolderParts+1), ""},
	} {
		checkMatch(t, m, row.site, row.url, row.directory, row.want)
	}
}

func checkMatch(t *testing.T, m *Map, site, url, directory, want string) {
	t.Helper()
	target := script.Target{Name: "x.aspx", Folder: script.CleanFolder(directory)}
	match, known := m.Match(site, url, target)
	got := match.String()
	if !known {
		got = ""
		if match != script.PathUnknown {
			t.Errorf("%s %.60s and %.60s: %v, though not known", site, url, directory, match)
		}
	}
	if got != want {
		t.Errorf("%s %.60s and %.60s: got %q, want %q", site, url, directory, got, want)
	}
}

// Two pages called default.aspx on one server, one of them alerted.
func TestMap_Match_sameName(t *testing.T) {
	m := fixtureMap(t)
	alerted := script.Targets("default.aspx", `C:\inetpub\wwwroot\app`)[0]
	for url, want := range map[string]script.PathMatch{"/app": script.PathNone, "/x/app": script.PathNone, "/": script.PathNone} {
		if got, _ := m.Match("W3SVC1", url, alerted); got != want {
			t.Errorf("%s: got %v, want %v", url, got, want)
		}
	}
	alerted = script.Targets("default.aspx", `D:\intranet\app`)[0]
	if got, _ := m.Match("W3SVC20", "/app", alerted); got != script.PathFull {
		t.Errorf("the right site: got %v, want full", got)
	}
	if got, _ := m.Match("W3SVC1", "/app", alerted); got != script.PathNone {
		t.Errorf("the other site: got %v, want none", got)
	}
}

func TestMap_DefaultDocuments(t *testing.T) {
	m := fixtureMap(t)
	server := "Default.htm Default.asp index.htm index.html iisstart.htm default.aspx"
	for _, row := range []struct{ site, url, want string }{
		{"W3SVC20", "/", server},
		{"W3SVC20", "/app", server},
		{"W3SVC1", "/", server},
		{"W3SVC1", "/apple", server},
		{"W3SVC1", "/app", "start.aspx home.php Default.htm Default.asp index.html default.aspx"},
		{"W3SVC1", "/APP/x", "start.aspx home.php Default.htm Default.asp index.html default.aspx"},
		{"W3SVC1", "/app/admin", server},
		{"W3SVC1", "/media", ""},
		{"W3SVC1", "/media/x", ""},
		{"W3SVC1", "/media/old+files/x", "list.asp"},
		{"W3SVC9", "/", ""},
		{"", "/", server + " start.aspx home.php list.asp"},
	} {
		if got := strings.Join(m.DefaultDocuments(row.site, row.url), " "); got != row.want {
			t.Errorf("%s %s: got %s, want %s", row.site, row.url, got, row.want)
		}
	}
	if got := Builtin().DefaultDocuments("W3SVC1", "/"); got != nil {
		t.Errorf("without a configuration: got %v, want none", got)
	}
}

func TestMap_URLs(t *testing.T) {
	m := fixtureMap(t)
	for _, row := range []struct{ folder, want string }{
		{`C:\inetpub\wwwroot\up`, "W3SVC1 /up"},
		{`\inetpub\wwwroot`, "W3SVC1 /"},
		{`D:\media\shop\a`, "W3SVC1 /app/img/a,W3SVC1 /media/shop/a"},
		{`C:\inetpub\wwwroot\app`, ""}, // an application takes it away
		{`D:\intranet\x y`, "W3SVC20 /x y"},
		{`\\fs01\books\web`, "W3SVC20 /Bücher"},
		{`\\fs01\archive\media\x`, "W3SVC1 /media/old files/x"},
		{`F:\home\own\x`, "W3SVC1 /own/x"},
		{`E:\other`, ""},
		{`relative`, ""},
	} {
		var got []string
		for _, u := range m.URLs(row.folder) {
			got = append(got, u.SiteName+" "+u.Folder)
		}
		if got := strings.Join(got, ","); got != row.want {
			t.Errorf("%s: got %s, want %s", row.folder, got, row.want)
		}
	}
	want := URL{SiteName: "W3SVC1", Folder: "/app/admin", Application: "/app/admin", FromConfig: true}
	if got := m.URLs(`E:\admin`); !slices.Equal(got, []URL{want}) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
