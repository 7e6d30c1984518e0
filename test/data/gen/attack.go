// SPDX-License-Identifier: Apache-2.0

package main

import "time"

// The addresses of the story that are no customer's.
const (
	scanner  = "192.0.2.66"    // only looks for what is there, and finds nothing
	intruder = "203.0.113.7"   // gets in and puts the shell there
	visitor  = "198.51.100.23" // comes back after the alert
)

// The two scripts that should not be there.
const (
	shellStem  = "/uploads/2026/thumb.aspx"
	secondStem = "/aspnet_client/system_web/errors.aspx"
	// lateStem is how the visitor calls the first shell: other case, and a picture's name behind it. IIS runs the same file.
	lateStem = "/uploads/2026/Thumb.aspx/logo.png"
)

var scanned = []string{
	"/.env", "/.git/config", "/admin.aspx", "/admin.php", "/admin/login.aspx", "/app_offline.htm", "/backup.zip",
	"/cgi-bin/test.cgi", "/cmd.aspx", "/cmd.jsp", "/config.php", "/console/login.jsp", "/default.asp", "/ecp/auth/logon.aspx",
	"/elmah.axd", "/HNAP1", "/index.jsp", "/index.php", "/info.php", "/install.php", "/login.php", "/manager/html",
	"/owa/auth/logon.aspx", "/phpinfo.php", "/phpmyadmin/index.php", "/PhpMyAdmin/index.php", "/shell.aspx", "/shell.php",
	"/solr/admin/info/system", "/sql.php", "/status.cfm", "/telerik.web.ui.webresource.axd", "/test.aspx", "/test.php",
	"/trace.axd", "/upload.aspx", "/upload.php", "/uploads/cmd.aspx", "/uploads/shell.aspx", "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
	"/web.config", "/webshell.aspx", "/wp-admin/setup-config.php", "/wp-content/plugins/file-manager/readme.txt", "/wp-login.php",
	"/xmlrpc.php", "/_layouts/15/start.aspx", "/aspnet_client/shell.aspx",
}

// scan is Monday morning's scan: 404 for nearly all, whatever the address asks for.
func scan() []request {
	d := newDice(4)
	at := on(2, "06:12:03")
	var all []request
	for _, stem := range scanned {
		r := request{
			at: at, site: 1, port: "443", method: "GET", client: scanner, agent: "Mozilla/5.0 zgrab/0.x", host: server,
			stem: stem, status: 404, win32: 2, sent: 1425, received: d.upTo(120, 180), takenMS: d.upTo(0, 16),
		}
		switch stem {
		case "/.git/config", "/web.config":
			r.sub = 8 // hidden segment
		case "/trace.axd":
			r.status, r.win32 = 403, 0
		}
		all = append(all, r)
		at = at.Add(time.Duration(d.upTo(0, 3)) * time.Second)
	}
	return all
}

// step is one request of someone who means harm.
type step struct {
	clock, method, stem, query string
	status, sent, received     int
	takenMS                    int
}

// play turns steps into requests of one client.
func play(day int, base request, steps []step) []request {
	all := make([]request, len(steps))
	for i, s := range steps {
		r := base
		r.at, r.method, r.stem, r.query = on(day, s.clock), s.method, s.stem, s.query
		r.status, r.sent, r.received, r.takenMS = s.status, s.sent, s.received, s.takenMS
		if s.status == 404 {
			r.win32 = 2
		}
		all[i] = r
	}
	return all
}

// breakIn is Monday, 09:38 to 10:19: the upload form takes a page for a picture, the page is a shell. The alert comes at 10:05.
func breakIn() []request {
	base := request{site: 1, port: "443", client: intruder, host: shopHost}
	browser, tool := base, base
	browser.agent, browser.cookie = browsers[2], "ASP.NET_SessionId=q3kd2ml0vxw4a1rzjt5hn2ce"
	browser.referer = "https://" + shopHost + "/support/"
	tool.agent = "python-requests/2.32.3"
	all := play(2, browser, []step{
		{"09:38:12", "GET", "/support/", "", 200, 9120, 512, 31},
		{"09:38:13", "GET", "/css/site.css", "", 200, 18822, 466, 2},
		{"09:38:40", "GET", "/support/upload.aspx", "ticket=80231", 200, 11408, 541, 44},
		{"09:40:05", "POST", "/support/upload.aspx", "ticket=80231", 200, 11502, 84120, 129},
		{"09:40:09", "GET", "/uploads/2026/photo1.jpg", "", 200, 83021, 498, 5},
		{"09:43:31", "POST", "/support/upload.aspx", "ticket=80231", 500, 3420, 3312, 208},
		{"09:44:02", "POST", "/support/upload.aspx", "ticket=80231", 500, 3420, 3340, 188},
		{"09:44:50", "GET", "/uploads/2026/thumb.aspx.jpg", "", 200, 2790, 498, 4},
		{"09:51:17", "POST", "/support/upload.aspx", "ticket=80231", 200, 11498, 3398, 141},
		{"09:51:26", "GET", shellStem, "", 200, 731, 502, 1874},
	})
	return append(all, play(2, tool, []step{
		{"09:52:40", "POST", shellStem, "c=whoami", 200, 402, 388, 95},
		{"09:52:58", "POST", shellStem, "c=whoami+%2fpriv", 200, 1180, 396, 102},
		{"09:53:21", "POST", shellStem, "c=ipconfig+%2fall", 200, 2614, 397, 131},
		{"09:54:02", "POST", shellStem, "c=net+user", 200, 655, 390, 144},
		{"09:54:31", "POST", shellStem, "c=net+localgroup+administrators", 200, 598, 411, 139},
		{"09:55:47", "POST", shellStem, "c=tasklist+%2fsvc", 200, 9417, 397, 611},
		{"09:57:10", "POST", shellStem, "c=dir+c:%5cinetpub%5cwwwroot", 200, 1893, 408, 88},
		{"09:57:52", "POST", shellStem, "c=type+c:%5cinetpub%5cwwwroot%5cshop%5cweb.config", 200, 7730, 429, 91},
		{"09:59:38", "POST", shellStem, "c=nltest+%2fdclist:contoso", 500, 3420, 406, 30011},
		{"10:01:15", "POST", shellStem, "c=nltest+%2fdomain_trusts", 200, 512, 405, 420},
		{"10:03:44", "POST", shellStem, "", 200, 388, 201733, 764},
		{"10:06:02", "POST", shellStem, "c=schtasks+%2fquery", 200, 15408, 399, 702},
		{"10:08:29", "POST", shellStem, "c=dir+c:%5cwindows%5ctemp", 200, 1422, 405, 96},
		{"10:11:54", "POST", shellStem, "", 200, 388, 98113, 377},
		{"10:19:30", "GET", shellStem, "", 200, 731, 371, 41},
	})...)
}

// returnVisit is another address on Monday afternoon and in Tuesday's first hours: by the old shell it leaves a second one.
func returnVisit() []request {
	base := request{
		site: 1, port: "443", client: visitor, host: shopHost,
		agent: "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
	}
	all := play(2, base, []step{
		{"13:42:06", "GET", lateStem, "", 200, 731, 288, 37},
		{"13:42:31", "POST", lateStem, "", 200, 402, 655, 93},
		{"13:44:18", "POST", lateStem, "", 200, 1893, 672, 121},
		{"13:47:50", "POST", lateStem, "", 200, 388, 5120, 140},
		{"13:49:03", "GET", secondStem, "", 200, 94, 291, 1620},
		{"13:49:27", "POST", secondStem, "", 200, 402, 640, 88},
	})
	return append(all, play(3, base, []step{
		{"02:17:11", "POST", secondStem, "", 200, 1204, 702, 99},
		{"02:17:58", "POST", secondStem, "", 200, 18820, 688, 512},
		{"02:18:20", "GET", lateStem, "", 404, 1425, 288, 12},
		{"02:23:40", "POST", secondStem, "", 200, 402, 640, 90},
	})...)
}
