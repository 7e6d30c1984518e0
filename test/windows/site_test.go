// SPDX-License-Identifier: Apache-2.0

package windows

import (
	"testing"

	"webshell/correlate/sitemap"
)

// documentConfig has one site, where "my shell.jsp" is among the default documents.
const documentConfig = `<configuration>
<system.applicationHost><sites><site name="Default Web Site" id="1">
<application path="/"><virtualDirectory path="/" physicalPath="C:\inetpub\wwwroot" /></application>
</site></sites></system.applicationHost>
<system.webServer><defaultDocument enabled="true"><files><add value="default.aspx" /><add value="my shell.jsp" /></files></defaultDocument></system.webServer>
</configuration>`

func parseSites(t testing.TB, config string) *sitemap.Map {
	t.Helper()
	m, err := sitemap.Parse([]byte(config), func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	return m
}
