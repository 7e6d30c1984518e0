// SPDX-License-Identifier: Apache-2.0

package script

import (
	"slices"
	"strings"
	"testing"
)

func TestTargets_paths(t *testing.T) {
	const up = `C:\inetpub\wwwroot\up`
	for _, row := range []struct{ name, directory, wantName, wantFolder string }{
		{"x.aspx", "", "x.aspx", ""},
		{"x.aspx", up, "x.aspx", up},
		{"x.aspx", up + `\`, "x.aspx", up},
		{"x.aspx", "c:/inetpub/wwwroot/up/", "x.aspx", up},
		{"x.aspx", up + `\x.aspx`, "x.aspx", up},
		{"X.aspx", up + `\x.ASPX`, "X.aspx", up},
		{"x.aspx", up + `\x.aspx:s`, "x.aspx", up},
		{"up", up, "up", `C:\inetpub\wwwroot`},
		{up + `\x.aspx`, "", "x.aspx", up},
		{up + `\x.aspx`, `D:\other`, "x.aspx", up},
		{"C:/inetpub/wwwroot/up/x.aspx", "", "x.aspx", up},
		{`up\x.aspx`, `C:\inetpub\wwwroot`, "x.aspx", up},
		{`up\x.aspx`, "", "x.aspx", "up"},
		{`"` + up + `\x.aspx" `, "", "x.aspx", up},
		{`C:\inetpub\.\wwwroot\a\..\up\\x.aspx`, "", "x.aspx", up},
		{`C:\..\..\x.aspx`, "", "x.aspx", "C:"},
		{`C:\x.aspx`, "", "x.aspx", "C:"},
		{"C:x.aspx", `C:\inetpub\wwwroot\up`, "x.aspx", up},
		{"x.aspx:s", up, "x.aspx", up},
		{"x.aspx:s:$DATA", up, "x.aspx", up},
		{"x.aspx::$DATA", up, "x.aspx", up},
		{"x.aspx. ", up, "x.aspx", up},
		{"x.aspx->(SCRIPT0005)", up, "x.aspx", up},
		{up + `\x.aspx->(UTF-8)->a/b`, "", "x.aspx", up},
		{up + `\a.zip->d\x.aspx`, "", "a.zip", up},
		{"x.aspx", up + `\a.zip->d`, "a.zip", up},
		{`\\?\` + up + `\x.aspx`, "", "x.aspx", up},
		{"x.aspx", `\\?\` + up, "x.aspx", up},
		{"x.aspx", `\??\` + up, "x.aspx", up},
		{"x.aspx", `\\.\` + up, "x.aspx", up},
		{"x.aspx", `\Device\HarddiskVolume3\inetpub\wwwroot\up`, "x.aspx", `\inetpub\wwwroot\up`},
		{`\Device\HarddiskVolume3\inetpub\x.aspx`, "", "x.aspx", `\inetpub`},
		{"x.aspx", `\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1\up`, "x.aspx", `\up`},
		{"x.aspx", `\\?\Volume{0f3b}\up`, "x.aspx", `\up`},
		{"x.aspx", `\Devices\HarddiskVolume3\up`, "x.aspx", `\Devices\HarddiskVolume3\up`},
		{"x.aspx", `\\localhost\C$\inetpub\wwwroot\up`, "x.aspx", up},
		{"x.aspx", `\\127.0.0.1\c$\inetpub\wwwroot\up`, "x.aspx", up},
		{"x.aspx", `\\?\UNC\localhost\C$\inetpub\wwwroot\up`, "x.aspx", up},
		{"x.aspx", `\\files\share\up`, "x.aspx", `\\files\share\up`},
		{"x.aspx", `\\?\UNC\files\share\up`, "x.aspx", `\\files\share\up`},
		{"x.aspx", `\\localhost\share\up`, "x.aspx", `\\localhost\share\up`},
	} {
		targets := Targets(row.name, row.directory)
		if len(targets) == 0 {
			t.Errorf("%q, %q: no target", row.name, row.directory)
			continue
		}
		if got := targets[0]; got.Name != row.wantName || got.Folder != row.wantFolder || got.Literal {
			t.Errorf("%q, %q: got %+v, want %q in %q", row.name, row.directory, got, row.wantName, row.wantFolder)
		}
	}
}

// The name as it was written stays a candidate, unless no URL can have it or it
// is the part of a container.
func TestTargets_literal(t *testing.T) {
	for _, row := range []struct {
		name, directory string
		want            []string
	}{
		{"x.aspx", `C:\up`, []string{"x.aspx"}},
		{"x.aspx:s", "", []string{"x.aspx", "x.aspx:s"}},
		{`C:\up\x.aspx`, "", []string{"x.aspx", `C:\up\x.aspx`}},
		{"C:/up/x.aspx", "", []string{"x.aspx"}},
		{"default.aspx", `C:\up\a.zip->d`, []string{"a.zip"}},
		{"x.aspx.cdcab7d2.compiled", "", []string{"x.aspx.cdcab7d2.compiled", "x.aspx"}},
		{"..", "", []string{".."}},
		{"->x", "", []string{"->x"}},
		{"", `C:\up`, nil},
		{strings.Repeat("x", maxPath+1), "", []string{strings.Repeat("x", maxPath+1)}},
	} {
		var got []string
		for _, target := range Targets(row.name, row.directory) {
			got = append(got, target.Name)
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("%.40q, %q: got %.80q, want %.80q", row.name, row.directory, got, row.want)
		}
	}
}

func TestTargets_compiled(t *testing.T) {
	const temporary = `C:\Windows\Microsoft.NET\Framework64\v4.0.30319\Temporary ASP.NET Files\`
	for _, row := range []struct{ name, directory, page, hash, application string }{
		{"x.aspx.cdcab7d2.compiled", `C:\web\bin`, "x.aspx", "cdcab7d2", ""},
		{"X.ASPX.CDCAB7D2.COMPILED", `C:\web\bin`, "X.ASPX", "cdcab7d2", ""},
		{"x.aspx.c5ddd09.compiled", temporary + `root\1a\2b`, "x.aspx", "c5ddd09", "/"},
		{"x.aspx.0c5ddd09.compiled", temporary + `owa\1a\2b`, "x.aspx", "c5ddd09", "owa"},
		{"App_Web_load.aspx.cdcab7d2.dll", `C:\web\bin`, "load.aspx", "cdcab7d2", ""},
		{"app_web_load.ashx.f5dba9b9.k3_x-1qz.dll", `C:\web\bin`, "load.ashx", "f5dba9b9", ""},
		{"App_Web_x.aspx.cdcab7d2.deadbeef.dll", "", "x.aspx", "cdcab7d2", ""},
		{"a.b.aspx.1.compiled", "", "a.b.aspx", "1", ""},
		{"x.aspx.00000000.compiled", "", "x.aspx", "0", ""},
		{temporary + `Root\1a\2b\x.aspx.cdcab7d2.compiled`, "", "x.aspx", "cdcab7d2", "/"},
	} {
		targets := Targets(row.name, row.directory)
		if len(targets) < 2 {
			t.Errorf("%q: got %+v, want the file and its page", row.name, targets)
			continue
		}
		got := targets[1]
		if got.Name != row.page || got.Hash != row.hash || got.Application != row.application || got.By != Compiled {
			t.Errorf("%q: got %+v, want %+v", row.name, got, row)
		}
	}
	for _, name := range []string{
		"x.aspx.compiled", "x.aspx.cdcab7d2e.compiled", "x.aspx.cdcab7dg.compiled", "x.aspx..compiled",
		"App_Web_k3x1qz.dll", "App_Web_x.aspx.dll", "App_Code.x.cdcab7d2.dll", "x.aspx.cdcab7d2.dll",
		"x.cdcab7d2.compiled", ".aspx.cdcab7d2.compiled", "x.aspx.cdcab7d2.compiled.txt",
	} {
		for _, target := range Targets(name, "") {
			if target.By != 0 {
				t.Errorf("%q: page %+v, want none", name, target)
			}
		}
	}
}

func TestTarget_ApplicationWide(t *testing.T) {
	for _, row := range []struct {
		name, directory string
		want            bool
	}{
		{"Global.asax", `C:\web`, true},
		{"web.config", "", true},
		{"x.dll", `C:\web\Bin`, true},
		{"x.dll", "bin", true},
		{"x.dll", `C:\web\cabin`, false},
		{"x.aspx", `C:\web\bin`, false},
		{"x.dll", `C:\web\bin\x`, false},
	} {
		if got := Targets(row.name, row.directory)[0].ApplicationWide(); got != row.want {
			t.Errorf("%s in %q: got %v, want %v", row.name, row.directory, got, row.want)
		}
	}
}

func FuzzTargets(f *testing.F) {
	for _, row := range urlTable {
		f.Add(row.alert, `C:\inetpub\wwwroot\`, []byte(row.url))
	}
	for _, directory := range []string{
		`\\?\C:\up`, `\Device\HarddiskVolume3\up`, `\\localhost\C$\up`, `\\?\UNC\s\t`, `C:\a.zip->b`, `\`, `\\`, "C:", "..",
	} {
		f.Add("App_Web_x.aspx.cdcab7d2.a1.dll", directory, []byte("/up/x.aspx"))
		f.Add(directory, directory, []byte(directory))
	}
	ext := windowsExtensions(f)
	f.Fuzz(func(t *testing.T, name, directory string, stem []byte) {
		for _, target := range Targets(name, directory) {
			checkTarget(t, target, name)
			for _, r := range Readings(nil, stem, ext) {
				by, ok := Match(r, target)
				checkKeys(t, r, target, by, ok)
				MatchFolder(string(r.Folder), target)
			}
		}
	})
}

func checkTarget(t *testing.T, target Target, name string) {
	t.Helper()
	if target.Name == "" {
		t.Errorf("%q: a target without a name", name)
	}
	if !target.Literal && strings.ContainsAny(target.Name, `/\:`) {
		t.Errorf("%q: the name %q is no plain name", name, target.Name)
	}
	if strings.Contains(target.Folder, "/") || len(target.Folder) > 2 && strings.HasSuffix(target.Folder, `\`) {
		t.Errorf("%q: folder %q", name, target.Folder)
	}
	if (target.Hash != "") != (target.By == Compiled) || target.Hash != "" && target.Literal {
		t.Errorf("%q: %+v", name, target)
	}
	keys := LookupKeys(target)
	if len(keys) == 0 || len(keys) > 16 || keys[0].Name != FoldString(target.Name) {
		t.Errorf("%q: keys %v", name, keys)
	}
	if !target.Literal && target.Hash == "" {
		again := Targets(target.Name, target.Folder)
		if again[0].Name != target.Name {
			t.Errorf("%q in %q: becomes %+v", target.Name, target.Folder, again[0])
		}
	}
}
