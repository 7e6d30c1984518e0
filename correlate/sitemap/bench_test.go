// SPDX-License-Identifier: Apache-2.0

package sitemap

import (
	"fmt"
	"strings"
	"testing"

	"webshell/correlate/script"
)

func BenchmarkParse(b *testing.B) {
	for _, sites := range []int{1, 10_000} {
		config := manySites(sites)
		b.Run(fmt.Sprintf("sites=%d", sites), func(b *testing.B) {
			b.SetBytes(int64(len(config)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(config, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func manySites(n int) []byte {
	var sites strings.Builder
	for id := 1; id <= n; id++ {
		fmt.Fprintf(&sites, `<site name="s%d.contoso.com" id="%d"><application path="/"><virtualDirectory path="/" physicalPath="D:\sites\%d\www"/></application></site>`, id, id, id)
	}
	return []byte(`<configuration><system.applicationHost><sites>` + sites.String() + `</sites></system.applicationHost></configuration>`)
}

func BenchmarkMatch(b *testing.B) {
	m := fixtureMap(b)
	many := parse(b, manySites(10_000), nil)
	for _, row := range []struct {
		name         string
		m            *Map
		site, url    string
		folder, hash string
	}{
		{"full", m, "W3SVC1", "/app/img/a", `D:\media\shop\a`, ""},
		{"none", m, "W3SVC1", "/app/img/a", `C:\inetpub\wwwroot\a`, ""},
		{"compiled", m, "W3SVC1", "/app/up", `D:\apps\shop\bin`, "5d8c77b3"},
		{"builtin", nil, "W3SVC1", "/owa/auth", exchange + `\FrontEnd\HttpProxy\owa\auth`, ""},
		{"no_site_10000", many, "", "/up", `D:\sites\10001\www\up`, ""},
	} {
		target := script.Target{Name: "x.aspx", Folder: row.folder, Hash: row.hash}
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				row.m.Match(row.site, row.url, target)
			}
		})
	}
}

func BenchmarkDefaultDocuments(b *testing.B) {
	m := fixtureMap(b)
	for _, row := range []struct{ name, site, url string }{
		{"server", "W3SVC20", "/up"},
		{"location", "W3SVC1", "/app/up"},
	} {
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m.DefaultDocuments(row.site, row.url)
			}
		})
	}
}
