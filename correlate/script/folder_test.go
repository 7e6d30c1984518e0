// SPDX-License-Identifier: Apache-2.0

package script

import (
	"slices"
	"testing"
)

func TestFolderHash(t *testing.T) {
	for folder, want := range map[string]string{
		"~":         "cdcab7d2",
		"~/":        "cdcab7d2",
		"~/auth":    "f5dba9b9",
		"~/up":      "5d8c77b3",
		"~/UP/":     "5d8c77b3",
		"~/admin":   "fdf7a39c",
		"~/uploads": "c5ddd09",
	} {
		if got := FolderHash(folder); got != want {
			t.Errorf("FolderHash(%q) is %s, want %s", folder, got, want)
		}
	}
}

func TestMatchFolder(t *testing.T) {
	for _, row := range []struct {
		url, directory string
		want           PathMatch
	}{
		{"/up", `C:\inetpub\wwwroot\up`, PathPartial},
		{"/UP", `C:\inetpub\wwwroot\up`, PathPartial},
		{"/a/up", `D:\data\up`, PathPartial},
		{"/up", `\inetpub\up`, PathPartial},
		{"/up", "up", PathPartial},
		{"/my+files", `C:\my files`, PathPartial},
		{"/a+b", `C:\a+b`, PathPartial},
		{"/\xe4", `C:\ä`, PathPartial},
		{"/up", `C:\inetpub\wwwroot\admin`, PathNone},
		{"/up/x", `C:\inetpub\wwwroot\up`, PathNone},
		{"/up", `C:\inetpub\wwwroot\startup`, PathNone},
		{"/up", `C:\inetpub\wwwroot`, PathNone},
		{"/", `C:\inetpub\wwwroot`, PathUnknown},
		{"/up", "", PathUnknown},
		{"", "", PathUnknown},
		{"/", `\`, PathUnknown},
	} {
		if got := MatchFolder(row.url, Target{Name: "x.aspx", Folder: row.directory}); got != row.want {
			t.Errorf("%q and %q: got %v, want %v", row.url, row.directory, got, row.want)
		}
	}
}

func TestMatchFolder_compiled(t *testing.T) {
	const root, up, admin = "cdcab7d2", "5d8c77b3", "fdf7a39c"
	for _, row := range []struct {
		url, application, hash string
		want                   PathMatch
	}{
		{"/up", "", up, PathFull},
		{"/app/up", "", up, PathFull},
		{"/UP", "", up, PathFull},
		{"/admin", "", up, PathNone},
		{"/up", "", admin, PathNone},
		{"/up/x", "", up, PathNone},
		{"/up", "", root, PathUnknown},
		{"/", "", root, PathUnknown},
		{"/", "", up, PathNone},
		{"/", "/", root, PathFull},
		{"/up", "/", root, PathNone},
		{"/up", "/", up, PathFull},
		{"/app/up", "/", up, PathNone},
		{"/app/up", "app", up, PathFull},
		{"/App/up", "app", up, PathFull},
		{"/x/app/up", "app", up, PathFull},
		{"/up", "app", up, PathNone},
		{"/app", "app", root, PathFull},
		{"/app/app", "app", root, PathFull},
		{"/app/x", "app", root, PathNone},
	} {
		target := Target{Name: "x.aspx", Hash: row.hash, Application: row.application, By: Compiled}
		if got := MatchFolder(row.url, target); got != row.want {
			t.Errorf("%q below %q with hash %s: got %v, want %v", row.url, row.application, row.hash, got, row.want)
		}
	}
}

func TestMatchCompiled(t *testing.T) {
	for _, row := range []struct {
		url, application, hash string
		want                   PathMatch
	}{
		{"/up", "/", "5d8c77b3", PathFull},
		{"/a/b/up", "/A/b", "5d8c77b3", PathFull},
		{"/a/b", "/a/b/", "cdcab7d2", PathFull},
		{"/a/c/up", "/a/b", "5d8c77b3", PathNone},
		{"/a", "/a/b", "cdcab7d2", PathNone},
		{"/a/up", "/a", "", PathUnknown},
	} {
		if got := MatchCompiled(row.url, row.application, Target{Hash: row.hash}); got != row.want {
			t.Errorf("%q below %q with hash %s: got %v, want %v", row.url, row.application, row.hash, got, row.want)
		}
	}
}

func TestPathMatch_words(t *testing.T) {
	var got []string
	for m := PathUnknown; m <= PathFull; m++ {
		got = append(got, m.String())
	}
	if want := []string{"unknown", "none", "partial", "full"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestShortNames(t *testing.T) {
	for _, row := range []struct {
		name  string
		first string // the first alias; "" for a name that needs none
		count int
	}{
		{"shellcode.aspx", "SHELLC~1.ASP", 13},
		{"shell.aspx", "SHELL~1.ASP", 13},
		{"SomeStuff.aspx", "SOMEST~1.ASP", 13},
		{"1+2+3 Hello World.exe", "1_2_3H~1.EXE", 13},
		{"a.testing.file.bat", "ATESTI~1.BAT", 13},
		{"my shell.asp", "MYSHEL~1.ASP", 13},
		{"ünlock.asp", "NLOCK~1.ASP", 13},
		{".htaccess", "HTACCE~1", 13},
		{"longextensionless", "LONGEX~1", 13},
		{"shell.asp", "", 0},
		{"SHELL.ASP", "", 0},
		{"a", "", 0},
		{"shellcod.asp", "", 0},
		{"shell~1.asp", "", 0},
		{"", "", 0},
		{"...", "", 0},
	} {
		got := shortNames(row.name)
		if len(got) != row.count || len(got) > 0 && got[0] != row.first {
			t.Errorf("%q: got %v, want %d beginning with %q", row.name, got, row.count, row.first)
		}
	}
	if got := shortNames("SomeStuff.aspx"); !slices.Contains(got, "SOBC84~1.ASP") {
		t.Errorf("got %v, want the published alias with a hash", got)
	}
	if got := shortNames("up.aspx"); len(got) != 9 || len(got[0]) != len("UPxxxx~1.ASP") {
		t.Errorf("a base of two letters: got %v, want only aliases with a hash", got)
	}
}
