// SPDX-License-Identifier: Apache-2.0

package rule

import "strings"

// The values that worlds are made of. nil is an absent value. Many stand in more than one list on purpose: a text that
// is a site here and an address there must not be taken for the same thing.

// hostNames differ by case, by form and by where NetBIOS cuts.
var hostNames = []string{
	"web01", "WEB01", "Web01", "web01.contoso.com", "WEB01.contoso.com", "web01.CONTOSO.COM", "web02", "web02.contoso.com",
	"a-web-server-wi", "a-web-server-with-a-long-name", "42", "10.0.0.5", "fe80::1", "-", "wéb01", "WÉB01",
}

// oddHosts are no names of a host: only the rule to the letter joins on them.
var oddHosts = [][]byte{nil, []byte(""), []byte("true"), []byte("1.5"), []byte(`{"a":".js"}`)}

var fileBases = []string{
	"shell", "default", "x", "ErrorPage", "a b", "a+b", "ünï", "µ", "{brace}", "a%20b", "%73hell", "_", "", "a.b", "web.config", "con",
	"App_Web_x", "a;b", "a,b", `a"b`, "a'b", "(S(x))", "\u017fhell", "\u212a", "SHELLC~1", "-", "~", "a:b", "..",
}

// fileEnds are the rule's extensions and what stands close to them: has_any is a match of terms, not of ends.
var fileEnds = []string{
	".aspx", ".aspx", ".aspx", ".ASPX", ".AsPx", ".php", ".PHP", ".jsp", ".js", ".Js", ".asmx", ".asax", ".cfm", ".shtml",
	".jsx", ".json", ".js.map", ".php.txt", ".php5", ".aspx.cs", ".aspx_bak", ".aspx~", ".aspx1", ".j\u017f", ".aspxé", ".config",
	".js-old", ".jsé", ".js.jsx", ".jsx.js", ".phtml", ".ashx", ".aspx.cdcab7d2.compiled", "aspx", ".", "js.", ".js.",
	".aspx ", ".aspx:s", ".aspx::$DATA", ".aspx->(SCRIPT0005)", ".jsp;a=1", ".aspx%20", ".aspx.", "..aspx", ".shtml!",
}

// stemShapes are where a file name can stand in a URL; * is the name.
var stemShapes = []string{
	"/*", "/*", "/*", "/up/*", "/UP/*", "/up//*", "*", "/*/x.png", "/*/", "/app.js/*", "/lib/chart.js/dist/*", "/*?a=b", `/up\*`,
	"/../*", "/%2e/*", "/(S(abc))/*", "/a b/*", "/ü/*", "/*/.", "/x.php/*",
}

// plainStems name no file of an alert.
var plainStems = [][]byte{
	nil, []byte(""), []byte("/"), []byte("-"), []byte("*"), []byte("/app.js/x"), []byte("/data.json"), []byte("/app.jsx"),
	[]byte("/.js"), []byte("/js"), []byte("/a.png"), []byte("/x.php/"), []byte("/a.js.map"),
}

var siteNames = [][]byte{[]byte("W3SVC1"), []byte("w3svc1"), []byte("W3SVC2"), []byte("Default Web Site"), []byte("-"), []byte(""), nil, []byte("203.0.113.7")}

var clientIPs = [][]byte{
	[]byte("203.0.113.7"), []byte("203.0.113.8"), []byte("198.51.100.1"), []byte("2001:db8::1"), []byte("2001:DB8::1"), []byte("fe80::1%18"),
	[]byte("-"), []byte(""), nil, []byte("W3SVC1"), []byte("::ffff:203.0.113.7"), []byte("not an address"),
}

// setValues are the values of the six columns of which the rule makes sets.
var setValues = [setCount][][]byte{
	userAgents: {[]byte("curl/8.4.0"), []byte("Curl/8.4.0"), []byte("Mozilla/5.0+(X11;+Linux)"), []byte("-"), []byte(""), nil, []byte("200"),
		[]byte("\xff\xfe\x80"), []byte("\xc3"), []byte(strings.Repeat("A", 5000)), []byte(strings.Repeat("A", 5000) + "B"), []byte("�")},
	methods: {[]byte("GET"), []byte("get"), []byte("POST"), []byte("-"), []byte(""), nil, []byte("200"), []byte("DEBUG")},
	statusCodes: {[]byte("200"), []byte("404"), []byte("400"), []byte("500"), []byte("0"), []byte("0200"), []byte("200 "), []byte("-"), []byte(""), nil,
		[]byte("-1"), []byte("999999999"), []byte("4294967296"), []byte("99999999999999999999"), []byte("+200"), []byte("2e2"), []byte("GET")},
	cookies:      {[]byte("a=b;+c=d"), []byte("A=b;+c=d"), []byte("-"), []byte(""), nil, []byte("a,b"), []byte(`"`), []byte("--")},
	referers:     {[]byte("https://www.contoso.com/"), []byte("https://www.contoso.com/up/shell.aspx"), []byte("-"), []byte(""), nil, []byte("\t")},
	queryStrings: {[]byte("cmd=whoami"), []byte("cmd=WHOAMI"), []byte("cmd=who%61mi"), []byte("-"), []byte(""), nil, []byte("\x80"), []byte("200"), []byte("é")},
}

// edges are distances to the edge of a window, in Kusto's ticks of 100 ns and in seconds.
var edges = []int64{0, 0, 0, 100, -100, 1e6, -1e6, 5e8, -5e8, 1e9, -1e9, 2e9, -2e9, 60e9, -60e9}

// providers: the rule wants one to the letter.
var providers = [][]byte{
	[]byte("MDATP"), []byte("MDATP"), []byte("MDATP"), []byte("MDATP"), []byte("MDATP"), []byte("MDATP"), []byte("MDATP"),
	[]byte("mdatp"), []byte("MDATP "), []byte("Azure Security Center"), []byte(""), nil,
}

// brokenEntities expand to nothing that counts. The last ones are objects where an array should be.
var brokenEntities = [][]byte{
	nil, []byte(""), []byte(" "), []byte("null"), []byte("[]"), []byte("{}"), []byte("[null]"), []byte("17"), []byte("true"), []byte(`"text"`),
	[]byte(`[{"Type":"file","Name":"shell.aspx"},{"Type":"host","HostName":"web01"}`),
	[]byte(`[{"Type":"file","Name":"shell.aspx"},{"Type":"host","HostName":"web01"},]`),
	[]byte(`[{"Type":"file","Name":"shell.aspx"},{"Type":"host","HostName":"web01"}] x`),
	[]byte(`[{'Type':'file','Name':'shell.aspx'},{'Type':'host','HostName':'web01'}]`),
	[]byte(`"[{\"Type\":\"file\",\"Name\":\"shell.aspx\"},{\"Type\":\"host\",\"HostName\":\"web01\"}]"`),
	[]byte(`["{\"Type\":\"file\",\"Name\":\"shell.aspx\"}","{\"Type\":\"host\",\"HostName\":\"web01\"}"]`),
	[]byte(`[[{"Type":"file","Name":"shell.aspx"},{"Type":"host","HostName":"web01"}]]`),
	[]byte(`{"Type":"file","Name":"shell.aspx"}`),
	[]byte(`{"a":{"Type":"file","Name":"shell.aspx"},"b":{"Type":"host","HostName":"web01"}}`),
}

// bagOfHost expands to a host without a name.
var bagOfHost = []byte(`{"Type":"host","HostName":"web01"}`)
