// SPDX-License-Identifier: Apache-2.0

package sitemap

import (
	"bytes"
	"encoding/binary"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"
)

// oneSite puts what stands in a site into a configuration.
func oneSite(inside string) string {
	return `<configuration><system.applicationHost><sites><site name="a" id="1">` + inside +
		`</site></sites></system.applicationHost></configuration>`
}

func toUTF16(order binary.AppendByteOrder, mark bool, text string) []byte {
	var b []byte
	if mark {
		b = order.AppendUint16(b, 0xFEFF)
	}
	for _, unit := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, unit)
	}
	return b
}

// However the file is saved, it is the same map.
func TestParse_encodings(t *testing.T) {
	text := strings.Replace(string(fixture), "Bücher", "Bücher\U0001F4D6", 1)
	declared := strings.Replace(text, `encoding="UTF-8"`, `encoding="utf-16"`, 1)
	want := parse(t, []byte(text), testEnv)
	for name, config := range map[string][]byte{
		"UTF-8 with mark":         append([]byte("\xEF\xBB\xBF"), text...),
		"UTF-16LE with mark":      toUTF16(binary.LittleEndian, true, declared),
		"UTF-16BE with mark":      toUTF16(binary.BigEndian, true, declared),
		"UTF-16LE":                toUTF16(binary.LittleEndian, false, declared),
		"UTF-16BE":                toUTF16(binary.BigEndian, false, text),
		"CRLF":                    []byte(strings.ReplaceAll(text, "\n", "\r\n")),
		"no declaration":          []byte(text[strings.Index(text, "?>")+2:]),
		"a namespace":             []byte(strings.Replace(text, "<configuration>", `<configuration xmlns="http://schemas.microsoft.com/.NetConfiguration/v2.0">`, 1)),
		"other attributes' names": []byte(strings.ReplaceAll(text, `<virtualDirectory path=`, `<virtualDirectory xmlns:path="urn:x" path=`)),
	} {
		if got := parse(t, config, testEnv); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: another map", name)
		}
	}
}

func TestParse_broken(t *testing.T) {
	const laughs = `<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>`
	directory := func(path string) string {
		return oneSite(`<application path="/"><virtualDirectory path="/" physicalPath="` + path + `"/></application>`)
	}
	for _, row := range []struct {
		name, config string
		want         error // nil for any
	}{
		{"empty", "", ErrNoSites},
		{"no XML", "hello", ErrNoSites},
		{"a web.config", `<configuration><system.webServer/></configuration>`, ErrNoSites},
		{"sites elsewhere", `<x><sites><site name="a" id="1"/></sites></x>`, ErrNoSites},
		{"sites below something unknown", `<configuration><x><system.applicationHost><sites><site id="1"/></sites></system.applicationHost></x></configuration>`, ErrNoSites},
		{"document type", `<!DOCTYPE configuration>` + oneSite(""), ErrDirective},
		{"billion laughs", laughs + directory("&c;"), ErrDirective},
		{"external entity", `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///c:/windows/win.ini">]>` + directory("&a;"), ErrDirective},
		{"unknown entity", directory("&a;"), nil},
		{"document type inside", strings.Replace(oneSite(""), "<sites>", laughs+"<sites>", 1), ErrDirective},
		{"deep", strings.Repeat("<configuration>", 1<<16), ErrTooDeep},
		{"deeper than allowed by one", strings.Repeat("<a>", maxDepth+1) + strings.Repeat("</a>", maxDepth+1), ErrTooDeep},
		{"large", strings.Repeat(" ", MaxConfigBytes+1), ErrTooLarge},
		{"many elements", "<a>" + strings.Repeat("<a/>", maxElements) + "</a>", ErrTooMany},
		{"many sites", strings.Replace(oneSite(""), "<sites>", "<sites>"+strings.Repeat("<site/>", maxKept), 1), ErrTooMany},
		{"many directories", oneSite(`<application path="/">` + strings.Repeat("<virtualDirectory/>", maxKept/2+1) + `</application>`), ErrTooMany},
		{"long path", directory(`C:\` + strings.Repeat("a", maxPathBytes)), ErrTooLong},
		{"path of many parts", directory(`C:` + strings.Repeat(`\a`, maxFolderParts+1)), ErrTooLong},
		{"variable in variable", directory(strings.Repeat("%BIG%", 100)), ErrTooLong},
		{"long virtual path", oneSite(`<application path="/` + strings.Repeat("a", maxPathBytes) + `"/>`), ErrTooLong},
		{"virtual path of many parts", oneSite(`<application path="` + strings.Repeat("/a", maxURLParts+1) + `"/>`), ErrTooLong},
		{"much text", oneSite(strings.Repeat(`<application path="`+strings.Repeat("a", 4000)+`"/>`, maxKeptBytes/4000+1)), ErrTooLong},
		{"another encoding", `<?xml version="1.0" encoding="utf-7"?>` + oneSite(""), nil},
		{"no UTF-8", oneSite("\xff"), nil},
		{"half UTF-16", "\xff\xfe<\x00a", nil},
		{"tags crossed", "<a><b></a></b>", nil},
		{"end only", "</configuration>", nil},
	} {
		env := func(name string) string { return strings.Repeat(name, 100) }
		m, err := Parse([]byte(row.config), env)
		var where *ParseError
		if m != nil || !errors.As(err, &where) || row.want != nil && !errors.Is(err, row.want) {
			t.Errorf("%s: got %v, want %v", row.name, err, row.want)
		}
	}
}

// A file that is cut off anywhere is refused, for half a map would mislead.
func TestParse_truncated(t *testing.T) {
	whole := bytes.TrimSpace(fixture)
	for n := range len(whole) {
		if m, err := Parse(whole[:n], testEnv); err == nil {
			t.Fatalf("cut at %d of %d: no error, map %v", n, len(whole), m.sites)
		}
	}
}

func TestParse_line(t *testing.T) {
	_, err := Parse([]byte("<configuration>\n<a>\n</b>\n"), nil)
	var where *ParseError
	if !errors.As(err, &where) || where.Line != 3 || !strings.HasPrefix(err.Error(), "line 3: ") {
		t.Errorf("got %v, want line 3", err)
	}
}

// What IIS would not take does not keep the rest from being read.
func TestParse_odd(t *testing.T) {
	m := parse(t, []byte(`<configuration><system.applicationHost><sites>
		<site name="one" id="1"><application path="/"><virtualDirectory path="/" physicalPath="C:\one"/></application></site>
		<site name="again" id="1"><application path="/"><virtualDirectory path="/" physicalPath="C:\again"/></application></site>
		<site name="nameless" id="x"><application><virtualDirectory physicalPath="C:\nameless"/></application></site>
		<site id="4"><application path="/"><virtualDirectory path="/"/><virtualDirectory path="/a" physicalPath=" &quot;C:\a&quot; "/></application></site>
		<site id="5"><application path="/only"><virtualDirectory path="/" physicalPath="C:\only"/></application></site>
		<site id="6"><application path="/"><virtualDirectory path="/" physicalPath="web\here"/></application></site>
		</sites></system.applicationHost></configuration>`), nil)
	for _, row := range []struct{ site, url, directory, want string }{
		{"W3SVC1", "/", `C:\one`, "full"},
		{"W3SVC1", "/", `C:\again`, "full"},
		{"W3SVC1", "/", `C:\other`, "none"},
		{"again", "/", `C:\one`, "none"},
		{"nameless", "/x", `C:\nameless\x`, "full"},
		{"W3SVC4", "/", `C:\a`, ""},
		{"W3SVC4", "/a", `C:\a`, "full"},
		{"W3SVC5", "/", `C:\only`, ""},
		{"W3SVC5", "/only", `C:\only`, "full"},
		{"W3SVC6", "/x", `C:\web\here\x`, "partial"},
		{"W3SVC99999999999", "/", `C:\one`, ""},
		{"W3SVC+1", "/", `C:\one`, ""},
	} {
		checkMatch(t, m, row.site, row.url, row.directory, row.want)
	}
	if got := strings.Join(m.DefaultDocuments("W3SVC1", "/"), " "); got != strings.Join(shipped, " ") {
		t.Errorf("no list of default documents: got %s, want what IIS comes with", got)
	}
}

func TestParse_documentsOff(t *testing.T) {
	const off = `<system.webServer><defaultDocument enabled="false"><files><add value="a.aspx"/><add value="b/c.aspx"/></files></defaultDocument></system.webServer>`
	config := strings.Replace(oneSite(""), "</configuration>", off+"</configuration>", 1)
	m := parse(t, []byte(config), nil)
	for _, site := range []string{"W3SVC1", ""} {
		if got := m.DefaultDocuments(site, "/"); got != nil {
			t.Errorf("%q: got %v, want none", site, got)
		}
	}
	const on = `<location path="a/b"><system.webServer><defaultDocument enabled="true"/></system.webServer></location>`
	m = parse(t, []byte(strings.Replace(config, "</configuration>", on+"</configuration>", 1)), nil)
	for url, want := range map[string]string{"/": "", "/b": "a.aspx", "/b/c": "a.aspx"} {
		if got := strings.Join(m.DefaultDocuments("W3SVC1", url), " "); got != want {
			t.Errorf("%s: got %q, want %q", url, got, want)
		}
	}
}

func TestExpand(t *testing.T) {
	env := func(name string) string {
		return map[string]string{"SystemDrive": "E:", "A": "a", "LOOP": "%LOOP%"}[name]
	}
	for _, row := range []struct {
		path, want string
		known      bool
	}{
		{`%SystemDrive%\inetpub`, `E:\inetpub`, true},
		{`C:\%A%%A%x`, `C:\aax`, true},
		{`%LOOP%\x`, `%LOOP%\x`, true}, // once, as Windows does
		{`%windir%\x`, `\Windows\x`, true},
		{`%PROGRAMFILES%\x`, `\Program Files\x`, true},
		{`C:\100%\x`, `C:\100%\x`, true},
		{`C:\100%\50%\x`, `C:\100%\50%\x`, true},
		{`C:\%%\x`, `C:\%%\x`, true},
		{`C:\a%`, `C:\a%`, true},
		{`%NO%\x`, `x`, false},
		{`%NO%more\x/y`, `x/y`, false},
		{`C:\a\%NO%\x\%A%`, `x\a`, false},
		{`%NO%`, ``, false},
		{`%NO%\%NO2%\x`, `x`, false},
		{``, ``, true},
	} {
		if got, known := expand(row.path, env); got != row.want || known != row.known {
			t.Errorf("%s: got %s, known %v, want %s, %v", row.path, got, known, row.want, row.known)
		}
	}
	if got, _ := expand(`%SystemDrive%\inetpub`, nil); got != `\inetpub` {
		t.Errorf("without an environment: got %s, want the drive's letter left open", got)
	}
}
