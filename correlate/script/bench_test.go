// SPDX-License-Identifier: Apache-2.0

package script

import "testing"

// tableURLs has one URL for each row of the table in the package's
// documentation, with the benchmark's name for it.
var tableURLs = []struct{ name, stem string }{
	{"case", "/UP/SHELL.ASPX"},
	{"plus", "/my+shell.aspx"},
	{"path_info", "/shell.aspx/x/y.png"},
	{"slash", "/shell.aspx/"},
	{"folder", "/lib/chart.js/dist/shell.aspx"},
	{"php_path_info", "/logo.jpg/x.php"},
	{"cookieless", "/(S(x))/shell.aspx"},
	{"joined", "/she/(S(x))ll.aspx"},
	{"parameters", "/shell.jsp;j=1"},
	{"encoded", "/%73hell.aspx"},
	{"normalized", "/up//x/../shell.aspx"},
	{"trailing", "/shell.aspx."},
	{"stream", "/shell.aspx::$DATA"},
	{"short_name", "/SHELLC~1.ASP"},
	{"ansi", "/\xe4.aspx"},
	{"all", "/(S(x))//my+%73he/(S(x))ll.jsp.::$DATA;j=1/x"}, // not in the table
}

func benchmarkExtensions(b *testing.B) *Extensions {
	b.Helper()
	ext, err := NewExtensions(Windows())
	if err != nil {
		b.Fatal(err)
	}
	return ext
}

func BenchmarkReadings(b *testing.B) {
	ext := benchmarkExtensions(b)
	dst := make([]Reading, 0, MaxReadings)
	run := func(name, stem string) {
		b.Run(name, func(b *testing.B) {
			url := []byte(stem)
			b.ReportAllocs()
			for b.Loop() {
				dst = Readings(dst[:0], url, ext)
			}
		})
	}
	run("plain", "/uploads/images/shell.aspx")
	for _, u := range tableURLs {
		run(u.name, u.stem)
	}
}

func BenchmarkRememberable(b *testing.B) {
	ext := benchmarkExtensions(b)
	for _, u := range []struct{ name, stem string }{
		{"script", "/uploads/images/shell.aspx"},
		{"static", "/assets/images/background.png"},
		{"directory", "/products/shoes/"},
		{"encoded", "/shell.%61spx"},
	} {
		b.Run(u.name, func(b *testing.B) {
			url := []byte(u.stem)
			b.ReportAllocs()
			for b.Loop() {
				Rememberable(url, ext)
			}
		})
	}
}

func BenchmarkFold(b *testing.B) {
	buf := make([]byte, 0, 64)
	for _, name := range []string{"shell.aspx", "gemäß.aspx"} {
		b.Run(name, func(b *testing.B) {
			n := []byte(name)
			b.ReportAllocs()
			for b.Loop() {
				buf = Fold(buf[:0], n)
			}
		})
	}
}
