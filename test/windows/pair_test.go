// SPDX-License-Identifier: Apache-2.0

package windows

import (
	"slices"
	"strings"
	"testing"

	"webshell/correlate"
	"webshell/correlate/script"
)

// scene is one story in the making: a file in /up/ that an alert names and somebody calls.
type scene struct {
	name     string // of the file
	url      string
	file     string // as the alert names it
	dir      string
	host     string // as the alert names it
	dns      string
	computer string // as logged
	by       script.By
	isLate   bool // not remembered before the alert
	isFull   bool // the path is known to agree
}

// feature is one way to hide a file, to name it, or to name its host. What must be done first comes first in features.
type feature struct {
	name  string
	apply func(s *scene)
	not   []string // features that it does not go with
}

// longName is cut at fifteen characters by NetBIOS.
const longName = "FRONTEND-SERVER-01"

var features = []feature{
	// What the URL says in place of the name.
	{"alias", func(s *scene) { s.url = "/up/MYSHEL~1.JSP"; s.by |= script.ShortName },
		[]string{"bare", "compiled", "assembly", "joined", "plus", "document", "case"}},
	{"bare", func(s *scene) { s.url = "/up/my shell"; s.by |= script.Extensionless; s.isLate = true },
		[]string{"parameters", "path info", "slash", "document"}},
	{"document", func(s *scene) { s.url = "/up/"; s.by |= script.DefaultDocument; s.isFull = true },
		[]string{"case", "joined", "plus", "parameters", "path info", "slash", "trailing", "stream", "netbios", "address"}},
	// What hides it.
	{"case", func(s *scene) { s.url = strings.ToUpper(s.url); s.by |= script.Case }, nil},
	{"joined", func(s *scene) { s.url = insert(s.url, "shell", "/(S(x))"); s.by |= script.Cookieless }, nil},
	{"plus", func(s *scene) { s.url = strings.Replace(s.url, " ", "+", 1) }, nil},
	{"encoded", func(s *scene) { s.url = "/%75" + s.url[2:]; s.by |= script.Encoded }, nil},
	{"backslash", func(s *scene) { s.url = s.url[:1] + `x\..\` + s.url[1:]; s.by |= script.Normalized }, nil},
	{"cookieless", func(s *scene) { s.url = "/(A(b)S(c))" + s.url; s.by |= script.Cookieless }, nil},
	{"dots", func(s *scene) { s.url = "/x/./.." + s.url; s.by |= script.Normalized }, nil},
	{"trailing", func(s *scene) { s.url += ". ."; s.by |= script.Trailing }, nil},
	{"stream", func(s *scene) { s.url += "::$DATA"; s.by |= script.Stream }, nil},
	{"parameters", func(s *scene) { s.url += ";j=1"; s.by |= script.Parameters }, nil},
	{"path info", func(s *scene) { s.url += "/x/y.png"; s.by |= script.PathInfo }, nil},
	{"slash", func(s *scene) { s.url += "/"; s.by |= script.PathInfo }, nil},
	// How the alert names it.
	{"whole path", func(s *scene) { s.file, s.dir = s.dir+`\`+s.file, "" }, nil},
	{"named stream", func(s *scene) { s.file += ":s" }, []string{"compiled", "assembly"}},
	{"piece", func(s *scene) { s.file += "->(SCRIPT0005)" }, nil},
	{"device path", func(s *scene) { s.dir = `\Device\HarddiskVolume3` + s.dir[2:] }, []string{"whole path", "share", "long path", "compiled"}},
	{"share", func(s *scene) { s.dir = `\\localhost\C$` + s.dir[2:] }, []string{"whole path", "long path", "slashes", "compiled"}},
	{"long path", func(s *scene) { s.dir = `\\?\` + s.dir }, []string{"whole path", "slashes", "compiled"}},
	{"slashes", func(s *scene) { s.dir = strings.ReplaceAll(s.dir, `\`, "/") }, nil},
	{"compiled", func(s *scene) { s.compile(s.name+".5d8c77b3.compiled", temporary+`root\1a2b`) }, []string{"whole path", "assembly"}},
	{"assembly", func(s *scene) { s.compile("App_Web_"+s.name+".5d8c77b3.k3x1.dll", wwwroot+`\bin`) }, []string{"whole path"}},
	// How it names the host.
	{"host case", func(s *scene) { s.host = strings.ToLower(s.host) }, nil},
	{"short", func(s *scene) { s.host, s.dns = "WEB01", ""; s.by |= script.HostShort }, []string{"computer", "netbios", "address"}},
	{"apart", func(s *scene) { s.host, s.dns = "WEB01", "contoso.com" }, []string{"short", "computer", "netbios", "address"}},
	{"computer", func(s *scene) { s.computer = "web01"; s.by |= script.HostShort }, []string{"netbios", "address"}},
	{"netbios", func(s *scene) {
		s.host, s.dns, s.computer = longName[:15], "", longName+".contoso.com"
		s.by |= script.HostNetBIOS
	},
		[]string{"address", "host case"}},
	{"address", func(s *scene) { s.host, s.dns, s.computer = "10.0.0.5", "", "10.0.0.5"; s.by |= script.HostAddress }, nil},
}

// compile has the alert name what ASP.NET leaves of the page.
func (s *scene) compile(file, dir string) {
	s.file, s.dir = file, dir
	s.by |= script.Compiled
	s.isFull = true
}

// insert puts what in the middle of word, whatever its case.
func insert(url, word, what string) string {
	for _, w := range []string{word, strings.ToUpper(word)} {
		url = strings.Replace(url, w, w[:2]+what+w[2:], 1)
	}
	return url
}

func newScene(name string) scene {
	return scene{name: name, url: "/up/" + name, file: name, dir: upFolder, host: server, computer: server}
}

func goTogether(f, g *feature) bool {
	return f.name != g.name && !slices.Contains(f.not, g.name) && !slices.Contains(g.not, f.name)
}

// near are names that "my shell.jsp" is not.
var near = []string{"my shall.jsp", "my ſhell.jsp", "my shell.jspx", "xmy shell.jsp"}

// TestPairs plays every feature alone and every two that go together, in both orders. The same features hide the near
// misses, and hide the file itself on another host.
func TestPairs(t *testing.T) {
	stories := 0
	for i := range features {
		stories += playFeatures(t, &features[i])
		for j := i + 1; j < len(features); j++ {
			if goTogether(&features[i], &features[j]) {
				stories += playFeatures(t, &features[i], &features[j])
			}
		}
	}
	if stories < 300 {
		t.Errorf("%d stories, want 300 or more", stories)
	}
	t.Logf("%d stories in two orders on two feeds", stories)
}

func playFeatures(t *testing.T, all ...*feature) int {
	t.Helper()
	hit := newScene("my shell.jsp")
	label := hit.applyAll(all)
	change := func(o *correlate.Options) {
		if hit.by&script.DefaultDocument != 0 {
			o.Sites = parseSites(t, documentConfig)
		}
	}
	each(t, change, func(t *testing.T, f feed) {
		hit.callAll(f, all, 0)
		f.alert(60, hit.finding())
		want := hit.want()
		if hit.isLate {
			want = ""
		}
		hit.check(t, f, label+"request first", want)
	})
	each(t, change, func(t *testing.T, f feed) {
		f.alert(0, hit.finding())
		hit.callAll(f, all, 60)
		hit.check(t, f, label+"alert first", hit.want())
	})
	return 1
}

func (s *scene) applyAll(all []*feature) (label string) {
	for _, f := range all {
		f.apply(s)
		label += f.name + ", "
	}
	return label
}

func (s *scene) finding() finding { return finding{file: s.file, dir: s.dir, host: s.host, dns: s.dns} }

// callAll calls the file, the near misses in the same disguise, and the file on hosts that the alert does not name.
func (s *scene) callAll(f feed, all []*feature, seconds int) {
	f.call(seconds, call{url: s.url, host: s.computer})
	for _, name := range near {
		miss := newScene(name)
		miss.applyAll(all)
		if miss.url != s.url { // where something else stands for the name
			f.call(seconds, call{url: miss.url, host: s.computer, ip: "198.51.100.1"})
		}
	}
	for _, host := range []string{"WEB02.contoso.com", "WEB01.fabrikam.com", longName[:14], "FRONTEND-SERVES-01.contoso.com", "10.0.0.50"} {
		if host == "WEB01.fabrikam.com" && s.by&script.HostShort != 0 {
			continue // the alert gives no domain
		}
		f.call(seconds, call{url: s.url, host: host, ip: "198.51.100.2"})
	}
}

func (s *scene) want() string {
	by := s.by.With(0)
	path, rating := partial, "medium"
	if s.isFull {
		path, rating = full, "high"
	}
	if by.Low() {
		rating = "low"
	}
	return strings.Join([]string{s.computer, s.url, strings.Join(by.Names(), ","), path, rating}, " | ")
}

func (s *scene) check(t *testing.T, f feed, label, want string) {
	t.Helper()
	if got := strings.Join(settle(t, f.engine(), 600).facts(), "\n"); got != want {
		t.Errorf("%s (%T), %q for %q in %q on %q:\ngot  %q\nwant %q", label, f, s.url, s.file, s.dir, s.host, got, want)
	}
}
