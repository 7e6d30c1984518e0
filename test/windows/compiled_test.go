// SPDX-License-Identifier: Apache-2.0

package windows

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"webshell/correlate/alert"
	"webshell/plugin/iis"
	"webshell/plugin/source"
)

// TestCompiled_lookedUp has an alert name App_Web_<random>.dll on this server: the .compiled files beside it tell the
// pages, and their hashes the folder.
func TestCompiled_lookedUp(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"shell.aspx.5d8c77b3.compiled": `<preserve virtualPath="/up/shell.aspx" assembly="App_Web_x2kq1zrm" />`,
		"other.aspx.5d8c77b3.compiled": `<preserve virtualPath="/up/other.aspx" assembly="App_Web_another1" />`,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, row := range []struct {
		host string
		want []string
	}{
		{server, []string{server + " | /admin/shell.aspx | compiled | none | low", server + " | /up/shell.aspx | compiled | full | high"}},
		{"WEB02.contoso.com", nil}, // its files are not here
	} {
		for _, isFirst := range []bool{true, false} {
			s := &sourced{t: t, c: newEngine(t, nil)}
			s.set = source.NewSet(source.Options{AlertTag: "alert.*", LogKey: "log", PathKey: "path", ComputerName: server,
				Alerts: alert.Options{LogKey: "log"}, PagesOf: iis.PagesOf}, s.c)
			callAll := func(seconds int) {
				for _, url := range []string{"/up/shell.aspx", "/admin/shell.aspx", "/up/other.aspx"} {
					s.call(seconds, call{url: url})
				}
			}
			if isFirst {
				callAll(0)
			}
			s.record(60, plain(record{"file": "App_Web_x2kq1zrm.dll", "directory": folder, "host": row.host}))
			if !isFirst {
				callAll(120)
			}
			if got := settle(t, s.c, 600).facts(); !slices.Equal(got, row.want) {
				t.Errorf("on %s, request first %v: got %q, want %q", row.host, isFirst, got, row.want)
			}
		}
	}
}
