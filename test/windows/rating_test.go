// SPDX-License-Identifier: Apache-2.0

package windows

import (
	"slices"
	"strings"
	"testing"

	"webshell/correlate"
)

// An attempt is a spelling of its own: what IIS answered it is not taken for what it answered the shell.
func TestAttempts_apart(t *testing.T) {
	each(t, nil, func(t *testing.T, f feed) {
		for _, c := range []call{{url: "/up/shellcode.aspx"}, {url: "/up/shellcode.aspx.", status: "404"}, {url: "/up/shellcode.aspx::$DATA", status: "404"},
			{url: "/up/SHELLC~1.ASP", status: "404"}} {
			f.call(0, c)
		}
		f.alert(60, finding{file: "shellcode.aspx", dir: upFolder})
		got := settle(t, f.engine(), 600)
		for url, want := range map[string]string{"/up/shellcode.aspx": "200 medium", "/up/shellcode.aspx.": "404 low", "/up/shellcode.aspx::$DATA": "404 low",
			"/up/SHELLC~1.ASP": "404 low"} {
			if d := got.of(url); d == nil || strings.Join(d.RequestStatusCodes, ",")+" "+d.Confidence != want {
				t.Errorf("%T: %s: %+v, want %s", f, url, d, want)
			}
		}
	})
}

// Confidence is high where the path is full and an answer was not 4xx, low where all were.
func TestConfidence(t *testing.T) {
	change := func(o *correlate.Options) { o.Sites = parseSites(t, documentConfig) }
	for statuses, want := range map[string]string{"200": "high", "404,200": "high", "302": "high", "500,404": "high", "404": "low", "404,403": "low"} {
		each(t, change, func(t *testing.T, f feed) {
			f.alert(0, finding{file: "shell.aspx", dir: upFolder})
			for i, status := range strings.Split(statuses, ",") {
				f.call(60+i, call{url: "/up/shell.aspx", status: status})
			}
			if d := settle(t, f.engine(), 600).of("/up/shell.aspx"); d == nil || d.Confidence != want || d.PathMatch != full {
				t.Errorf("%T: %s: %+v, want %s", f, statuses, d, want)
			}
		})
	}
}

// Whatever form the alert's folder has, the site map knows it; folders beside it are others.
func TestFolderForms(t *testing.T) {
	change := func(o *correlate.Options) { o.Sites = parseSites(t, documentConfig) }
	const page, other = server + " | /up/shell.aspx | exact | ", server + " | /up2/shell.aspx | exact | none | low"
	for _, dir := range []string{upFolder, upFolder + `\`, `c:\INETPUB\WwwRoot\Up`, "C:/inetpub/wwwroot/up", `\\?\` + upFolder, `\\.\` + upFolder, `\??\` + upFolder,
		`\\localhost\C$\inetpub\wwwroot\up`, `\\?\UNC\127.0.0.1\c$\inetpub\wwwroot\up`, `\Device\HarddiskVolume3\inetpub\wwwroot\up`,
		`\\WEB01\C$\inetpub\wwwroot\up`, `\\web01.contoso.com\c$\inetpub\wwwroot\up`, `\\?\UNC\WEB01\C$\inetpub\wwwroot\up`, `//WEB01/C$/inetpub/wwwroot/up`,
		`\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1\inetpub\wwwroot\up`, upFolder + `\shell.aspx`, `C:\inetpub\x\..\wwwroot\.\up`} {
		each(t, change, func(t *testing.T, f feed) {
			f.call(0, call{url: "/up/shell.aspx"})
			f.call(0, call{url: "/up2/shell.aspx"})
			f.alert(60, finding{file: "shell.aspx", dir: dir})
			want := []string{page + "full | high", other}
			if got := settle(t, f.engine(), 600).facts(); !slices.Equal(got, want) {
				t.Errorf("%q (%T): got %q", dir, f, got)
			}
		})
	}
	for _, dir := range []string{`D:\inetpub\wwwroot\up`, `C:\inetpub\wwwroot\up\up`, `\\files\share\up`, `C:\up`,
		`\\WEB02\C$\inetpub\wwwroot\up`, `\\WEB01.fabrikam.com\C$\inetpub\wwwroot\up`, `\\WEB01\D$\inetpub\wwwroot\up`, `\\WEB01\C\inetpub\wwwroot\up`} {
		each(t, change, func(t *testing.T, f feed) {
			f.call(0, call{url: "/up/shell.aspx"})
			f.alert(60, finding{file: "shell.aspx", dir: dir})
			if got := settle(t, f.engine(), 600).facts(); !slices.Equal(got, []string{page + "none | low"}) {
				t.Errorf("%q (%T): got %q, want none", dir, f, got)
			}
		})
	}
}

// A URL whose folder is the alert's only by what Windows undoes is an attempt, as one whose file name is.
func TestFolderAttempts(t *testing.T) {
	change := func(o *correlate.Options) { o.Sites = parseSites(t, documentConfig) }
	for _, row := range []struct{ url, want string }{
		{"/up/shell.aspx", "exact | full | high"},
		{"/up./shell.aspx", "trailing | full | low"},
		{"/up.+./shell.aspx", "trailing | full | low"},
		{"/up+/shell.aspx", "trailing | full | low"},
		{"/up::$INDEX_ALLOCATION/shell.aspx", "stream | full | low"},
		{"/UP:$I30:$INDEX_ALLOCATION/shell.aspx", "stream | full | low"},
		{"/up:x/shell.aspx", "stream | none | low"},
		{"/a.b/../up/shell.aspx", "normalized | full | high"},
		{"/c++/shell.aspx", "exact | none | low"},
		{"/up./SHELL.aspx", "case,trailing | full | low"},
	} {
		each(t, change, func(t *testing.T, f feed) {
			f.call(0, call{url: row.url})
			f.alert(60, finding{file: "shell.aspx", dir: upFolder})
			checkFacts(t, f, row.url, []string{server + " | " + row.url + " | " + row.want})
		})
	}
	each(t, change, func(t *testing.T, f feed) {
		f.call(0, call{url: "/UPLOAD~1/shell.aspx"})
		f.call(0, call{url: "/uploads+of+users/shell.aspx"})
		f.alert(60, finding{file: "shell.aspx", dir: `C:\inetpub\wwwroot\uploads of users`})
		checkFacts(t, f, "alias", []string{
			server + " | /UPLOAD~1/shell.aspx | short_name | full | low",
			server + " | /uploads+of+users/shell.aspx | exact | full | high",
		})
	})
}
