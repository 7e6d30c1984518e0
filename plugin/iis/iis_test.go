// SPDX-License-Identifier: Apache-2.0

package iis

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"webshell/correlate"
	"webshell/correlate/script"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

const preserve = `<?xml version="1.0" encoding="utf-8"?>
<preserve resultType="3" virtualPath="%p" hash="5ab1" filehash="1" flags="110000" assembly="%a" type="ASP.page">
 <filedeps><filedep name="%p" /></filedeps>
</preserve>`

func compiledText(page, assembly string) string {
	return strings.NewReplacer("%p", page, "%a", assembly).Replace(preserve)
}

func TestPagesOf(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "shell.aspx.5d8c77b3.compiled"), compiledText("/up/shell.aspx", "App_Web_x2kq1zrm"))
	write(t, filepath.Join(folder, "other.aspx.cdcab7d2.compiled"), compiledText("/other.aspx", "App_Web_another1"))
	write(t, filepath.Join(folder, "broken.aspx.cdcab7d2.compiled"), `<preserve assembly="App_Web_x2kq1zrm`)
	write(t, filepath.Join(folder, "App_Web_x2kq1zrm.dll"), "MZ")

	cases := []struct {
		name, file, directory string
		want                  []string
	}{
		{"the assembly", "App_Web_x2kq1zrm.dll", folder, []string{"shell.aspx.5d8c77b3.compiled"}},
		{"in other letters", "app_web_X2KQ1ZRM.DLL", folder, []string{"shell.aspx.5d8c77b3.compiled"}},
		{"no page is in it", "App_Web_unknown0.dll", folder, nil},
		{"another kind of file", "shell.aspx", folder, nil},
		{"its own name tells the page", "App_Web_shell.aspx.cdcab7d2.dll", folder, nil},
		{"a network share is never asked", "App_Web_x2kq1zrm.dll", `\\server\share`, nil},
		{"no folder", "App_Web_x2kq1zrm.dll", "", nil},
		{"a folder that is not here", "App_Web_x2kq1zrm.dll", filepath.Join(folder, "gone"), nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, p := range PagesOf(correlate.FileEntity{Name: c.file, Directory: c.directory}) {
				got = append(got, p.Name)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("PagesOf(%q, %q) = %q, want %q", c.file, c.directory, got, c.want)
			}
		})
	}
	pages := PagesOf(correlate.FileEntity{Name: "App_Web_x2kq1zrm.dll", Directory: folder})
	targets := script.Targets(pages[0].Name, pages[0].Directory)
	if last := targets[len(targets)-1]; last.Name != "shell.aspx" && targets[1].Name != "shell.aspx" || targets[1].Hash != "5d8c77b3" {
		t.Errorf("the page found does not lead to shell.aspx in /up: %+v", targets)
	}
}

const oneSite = `<configuration><system.applicationHost><sites><site name="Default Web Site" id="1">
<application path="/"><virtualDirectory path="/" physicalPath="C:\inetpub\wwwroot" /></application>
</site></sites></system.applicationHost></configuration>`

func TestConfig_reload(t *testing.T) {
	path := filepath.Join(t.TempDir(), "applicationHost.config")
	if _, _, err := OpenConfig(path); err == nil {
		t.Error("a file that is not there opened")
	}
	write(t, path, "<configuration>")
	if _, _, err := OpenConfig(path); err == nil {
		t.Error("a broken file opened")
	}
	write(t, path, oneSite)
	c, m, err := OpenConfig(path)
	if err != nil || m == nil {
		t.Fatalf("OpenConfig: %v", err)
	}
	if _, isNew, err := c.Reload(); isNew || err != nil {
		t.Errorf("unchanged file: new %v, %v", isNew, err)
	}
	write(t, path, "<configuration><broken>")
	touch(t, path, 1)
	if _, isNew, err := c.Reload(); isNew || err == nil {
		t.Errorf("broken file: new %v, %v, want the last good map kept and an error", isNew, err)
	}
	if _, isNew, err := c.Reload(); isNew || err != nil {
		t.Errorf("the same broken file again: new %v, %v, want silence", isNew, err)
	}
	write(t, path, oneSite)
	touch(t, path, 2)
	if m, isNew, err := c.Reload(); !isNew || m == nil || err != nil {
		t.Errorf("mended file: new %v, %v", isNew, err)
	}
}

func touch(t *testing.T, path string, hours int) {
	t.Helper()
	at := time.Now().Add(time.Duration(hours) * time.Hour)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}
