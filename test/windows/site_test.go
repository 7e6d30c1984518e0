// SPDX-License-Identifier: Apache-2.0

package windows

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"webshell/correlate"
	"webshell/correlate/script"
	"webshell/correlate/sitemap"
	"webshell/plugin/iis"
)

// configOf is an applicationHost.config with one site for each folder, and default documents.
func configOf(documents []string, folders ...string) string {
	var b strings.Builder
	b.WriteString("<configuration><system.applicationHost><sites>")
	for i, folder := range folders {
		fmt.Fprintf(&b, `<site name="Site %d" id="%[1]d"><application path="/"><virtualDirectory path="/" physicalPath="%s" /></application></site>`, i+1, folder)
	}
	b.WriteString("</sites></system.applicationHost><system.webServer><defaultDocument enabled=\"true\"><files>")
	for _, name := range documents {
		fmt.Fprintf(&b, `<add value="%s" />`, name)
	}
	b.WriteString("</files></defaultDocument></system.webServer></configuration>")
	return b.String()
}

// documentConfig has one site, where "my shell.jsp" is among the default documents.
var documentConfig = configOf([]string{"default.aspx", "my shell.jsp"}, wwwroot)

func parseSites(t testing.TB, config string) *sitemap.Map {
	t.Helper()
	m, err := sitemap.Parse([]byte(config), func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// twoPages are the calls of two pages called default.aspx, one of them planted in a folder of the same site, and of
// one in another site.
func twoPages(f feed, seconds int) {
	for i, url := range []string{"/default.aspx", "/", "/up/default.aspx", "/up/", "/UP/Default.aspx/x"} {
		f.call(seconds, call{url: url, ip: fmt.Sprint("203.0.113.", i)})
	}
	f.call(seconds, call{url: "/up/default.aspx", site: "W3SVC2"})
}

func TestTwoDefaults(t *testing.T) {
	detection := func(url, by, path, rating string) string {
		return strings.Join([]string{server, url, by, path, rating}, " | ")
	}
	planted := []string{
		detection("/UP/Default.aspx/x", "case,path_info", full, "high"),
		detection("/up/", "default_document", full, "high"),
		detection("/up/default.aspx", "exact", full, "high"),
	}
	others := []string{
		detection("/default.aspx", "exact", none, "low"),
		detection("/up/default.aspx", "exact", none, "low"), // of the other site
	}
	everything := slices.Concat(planted, others)
	slices.Sort(everything)
	for _, row := range []struct {
		least script.PathMatch
		want  []string
	}{{script.PathFull, planted}, {script.PathPartial, planted}, {script.PathUnknown, everything}} {
		change := func(o *correlate.Options) {
			o.PathMatch, o.Sites = row.least, parseSites(t, configOf([]string{"default.aspx"}, wwwroot, `D:\other`))
		}
		alert := finding{file: "default.aspx", dir: upFolder}
		each(t, change, func(t *testing.T, f feed) {
			twoPages(f, 0)
			f.alert(60, alert)
			checkFacts(t, f, fmt.Sprint("path_match ", row.least, ", request first"), row.want)
		})
		each(t, change, func(t *testing.T, f feed) {
			f.alert(0, alert)
			twoPages(f, 60)
			checkFacts(t, f, fmt.Sprint("path_match ", row.least, ", alert first"), row.want)
		})
	}
}

func checkFacts(t *testing.T, f feed, label string, want []string) {
	t.Helper()
	if got := settle(t, f.engine(), 600).facts(); !slices.Equal(got, want) {
		t.Errorf("%s (%T):\ngot  %q\nwant %q", label, f, got, want)
	}
}

// Two alerts, one on each page: each detection has the alert of its own page.
func TestTwoDefaults_bothAlerted(t *testing.T) {
	change := func(o *correlate.Options) { o.PathMatch, o.Sites = script.PathFull, parseSites(t, documentConfig) }
	each(t, change, func(t *testing.T, f feed) {
		f.alert(0, finding{id: "planted", file: "default.aspx", dir: upFolder})
		f.call(60, call{url: "/up/default.aspx"})
		f.call(60, call{url: "/"})
		f.alert(120, finding{id: "defaced", file: "default.aspx", dir: wwwroot})
		got := settle(t, f.engine(), 600)
		for url, id := range map[string]string{"/up/default.aspx": "planted", "/": "defaced"} {
			if d := got.of(url); d == nil || !slices.Equal(d.AlertIDs, []string{id}) || d.PathMatch != full {
				t.Errorf("%T: %s: %+v, want the alert %s", f, url, d, id)
			}
		}
	})
}

const (
	exchange   = `C:\Program Files\Microsoft\Exchange Server\V15\`
	sharePoint = `C:\Program Files\Common Files\microsoft shared\Web Server Extensions\`
)

// The drop folders that are known from attacks, without a site map, under path_match full: the URL that leads there is
// reported, the same name elsewhere is not.
func TestBuiltinFolders(t *testing.T) {
	for _, row := range []struct{ dir, url, miss string }{
		{exchange + `FrontEnd\HttpProxy\owa\auth`, "/owa/auth/x.aspx", "/ecp/auth/x.aspx"},
		{exchange + `FrontEnd\HttpProxy\owa\auth`, "/OWA/auth/x.aspx/y", "/owa/x.aspx"},
		{exchange + `FrontEnd\HttpProxy\ecp\auth`, "/ecp/auth/x.aspx", "/owa/auth/x.aspx"},
		{exchange + `FrontEnd\HttpProxy\OAB`, "/oab/x.aspx", "/oab/y/x.aspx"},
		{exchange + `ClientAccess\ecp`, "/ecp/x.aspx", "/owa/x.aspx"},
		{wwwroot + `\aspnet_client`, "/aspnet_client/x.aspx", "/client/x.aspx"},
		{wwwroot + `\aspnet_client\system_web`, "/aspnet_client/system_web/x.aspx", "/aspnet_client/x.aspx"},
		{sharePoint + `16\TEMPLATE\LAYOUTS`, "/_layouts/15/x.aspx", "/x.aspx"},
		{sharePoint + `15\TEMPLATE\LAYOUTS`, "/sites/hr/_layouts/16/x.aspx", "/sites/hr/_layouts/16/y/x.aspx"},
		{sharePoint + `15\TEMPLATE\LAYOUTS`, "/_layouts/x.aspx", "/_admin/x.aspx"},
		{sharePoint + `16\ISAPI`, "/_vti_bin/x.aspx", "/_layouts/15/x.aspx"},
	} {
		fully := func(o *correlate.Options) { o.PathMatch = script.PathFull }
		each(t, fully, func(t *testing.T, f feed) {
			f.call(0, call{url: row.url})
			f.call(0, call{url: row.miss})
			f.alert(60, finding{file: "x.aspx", dir: row.dir})
			f.call(120, call{url: row.url, ip: "203.0.113.8"})
			f.call(120, call{url: row.miss, ip: "203.0.113.8"})
			if got := settle(t, f.engine(), 600).urls(); !slices.Equal(got, []string{row.url, row.url}) {
				t.Errorf("%q (%T): got %q, want %q for both clients", row.dir, f, got, row.url)
			}
		})
	}
}

// The site map is about this server alone: another host's URLs are compared without it.
func TestSites_otherServer(t *testing.T) {
	change := func(o *correlate.Options) { o.Sites = parseSites(t, documentConfig) }
	each(t, change, func(t *testing.T, f feed) {
		f.alert(0, finding{id: "a1", file: "default.aspx", dir: `D:\web\up`, host: "WEB02.contoso.com"})
		f.call(60, call{url: "/up/default.aspx", host: "WEB02.contoso.com"})
		f.call(60, call{url: "/up/", host: "WEB02.contoso.com"})
		checkFacts(t, f, "another server", []string{"WEB02.contoso.com | /up/default.aspx | exact | partial | medium"})
	})
}

// TestSites_reload plays a configuration that changes, breaks and is mended under a running engine.
func TestSites_reload(t *testing.T) {
	path := filepath.Join(t.TempDir(), "applicationHost.config")
	hours := 0
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		hours++
		changed := time.Now().Add(time.Duration(hours) * time.Hour)
		if err := os.Chtimes(path, changed, changed); err != nil {
			t.Fatal(err)
		}
	}
	write(configOf([]string{"default.aspx"}, `C:\old`))
	config, sites, err := iis.OpenConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	d := &direct{newEngine(t, func(o *correlate.Options) { o.Sites = sites })}
	reload := func(wantNew, wantErr bool) {
		t.Helper()
		m, isNew, err := config.Reload()
		if isNew != wantNew || (err != nil) != wantErr {
			t.Fatalf("new %v, error %v", isNew, err)
		}
		if isNew {
			d.c.SetSites(m)
		}
	}
	d.call(0, call{url: "/up/shell.aspx"})
	d.call(0, call{url: "/up/"})
	d.alert(60, finding{file: "shell.aspx", dir: upFolder})
	checkFacts(t, d, "the old map", []string{server + " | /up/shell.aspx | exact | none | low"})

	write("<configuration><broken")
	reload(false, true)
	d.call(120, call{url: "/up/shell.aspx", ip: "203.0.113.8"})
	checkFacts(t, d, "a broken file keeps the old map", []string{server + " | /up/shell.aspx | exact | none | low"})

	write(configOf([]string{"default.aspx", "shell.aspx"}, wwwroot))
	reload(true, false)
	d.call(800, call{url: "/up/", ip: "203.0.113.9"})
	d.call(800, call{url: "/up/shell.aspx", ip: "203.0.113.9"})
	const page, document = server + " | /up/shell.aspx | exact | full | high", server + " | /up/ | default_document | full | high"
	checkFacts(t, d, "the new map, old requests told again", []string{document, document, page, page, page})
	// What was remembered or reported by the old map is compared by the new one.
	d.alert(900, finding{id: "a2", file: "shell.aspx", dir: upFolder})
	final := settle(t, d.c, 2000)
	for url, clients := range map[string]int{"/up/": 2, "/up/shell.aspx": 3} {
		n := 0
		for _, got := range final {
			if got.ShellLocation != url {
				continue
			}
			if n++; got.PathMatch != full || got.Confidence != "high" || !slices.Contains(got.AlertIDs, "a2") {
				t.Errorf("%s by %s: %s of %q, want full", url, got.AttackerIP, facts(got), got.AlertIDs)
			}
		}
		if n != clients {
			t.Errorf("%s: %d clients, want %d", url, n, clients)
		}
	}
}
