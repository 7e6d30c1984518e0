// SPDX-License-Identifier: Apache-2.0

package sitemap

import (
	"encoding/binary"
	"reflect"
	"strings"
	"testing"

	"webshell/correlate/script"
)

func FuzzParse(f *testing.F) {
	f.Add(fixture)
	f.Add(exchangeFixture)
	f.Add(toUTF16(binary.LittleEndian, true, oneSite(`<application path="/a"><virtualDirectory path="/b" physicalPath="%A%\x"/></application>`)))
	f.Add([]byte(oneSite("&lt;<![CDATA[<site/>]]><!-- -->")))
	f.Add([]byte(`<!DOCTYPE a [<!ENTITY b "c">]>` + oneSite("&b;")))
	f.Add([]byte("<configuration><location path='/..//.'><system.webServer><defaultDocument enabled='true'><files><clear/><add value='a'/>"))
	f.Fuzz(func(t *testing.T, config []byte) {
		env := func(name string) string { return strings.Repeat(name, 2) }
		m, err := Parse(config, env)
		if (m == nil) == (err == nil) {
			t.Fatalf("map %v and error %v", m, err)
		}
		if err != nil {
			return
		}
		if again, _ := Parse(config, env); !reflect.DeepEqual(m, again) {
			t.Error("a second reading gives another map")
		}
		for _, s := range m.sites {
			for _, url := range []string{"/", "/a/b", "/app/img/x"} {
				checkAnswers(t, m, s.name, url)
				checkAnswers(t, m, "W3SVC1", url)
			}
		}
	})
}

func FuzzMatch(f *testing.F) {
	f.Add("W3SVC1", "/app/img", `D:\media\shop`)
	f.Add("", "/my+up/\xfc.", `\\fs01\archive\media`)
	f.Add("w3svc20", "/../b\xfccher::$INDEX_ALLOCATION", `own\x`)
	f.Add("W3SVC9", "/x/_layouts/15/~1", `C:\Web Server Extensions\16\TEMPLATE\LAYOUTS\..`)
	f.Add("W3SVC3", "//\\/owa/auth", `ClientAccess\owa\auth`)
	m := fixtureMap(f)
	exchange := parse(f, exchangeFixture, testEnv)
	f.Fuzz(func(t *testing.T, site, url, directory string) {
		for _, m := range []*Map{m, exchange, Builtin()} {
			for _, target := range script.Targets("x.aspx.cdcab7d2.compiled", directory) {
				match, known := m.Match(site, url, target)
				if known != (match != script.PathUnknown) {
					t.Errorf("%q %q and %q: %v, known %v", site, url, directory, match, known)
				}
			}
			checkAnswers(t, m, site, url)
			for _, u := range m.URLs(script.CleanFolder(directory)) {
				if u.Folder == "" || u.Folder[0] != '/' {
					t.Errorf("%q: URL %q", directory, u.Folder)
				}
			}
		}
	})
}

// checkAnswers checks that every folder that the map gives for a URL matches it,
// and that no default document is a path.
func checkAnswers(t *testing.T, m *Map, site, url string) {
	t.Helper()
	for _, p := range m.Folder(site, url) {
		match, known := m.Match(site, url, script.Target{Name: "x.aspx", Folder: p.Folder})
		if !known || match < script.PathPartial {
			t.Errorf("%q %q: leads to %q, which is %v, known %v", site, url, p.Folder, match, known)
		}
	}
	for _, name := range m.DefaultDocuments(site, url) {
		if name == "" || strings.ContainsAny(name, `/\`) {
			t.Errorf("%q %q: default document %q", site, url, name)
		}
	}
}
