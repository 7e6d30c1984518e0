// SPDX-License-Identifier: Apache-2.0

package sitemap

import (
	"iter"
	"strings"

	"webshell/correlate/script"
)

// Builtin returns the map of a server whose configuration is not known. It knows
// what Exchange and SharePoint look like behind their setup, and the folder of
// ASP.NET's client scripts, by the trailing parts of their folders:
//
//	/owa/auth                 FrontEnd\HttpProxy\owa\auth      any site but W3SVC2
//	/owa                      ClientAccess\owa                 any site
//	<path>/_layouts[/16]/x    Web Server Extensions\<number>\TEMPLATE\LAYOUTS\x
//	/aspnet_client            inetpub\wwwroot\aspnet_client
//
// W3SVC2 is the site that Exchange's setup makes for the back end. The front end
// hands most requests on, and only its log has the client's address, so folders
// of the back end are possible for it too. SharePoint serves its folders below
// the path of every site, whichever number stands in URL and folder.
func Builtin() *Map { return &Map{} }

// wellKnown is a folder that a product's setup makes, and its URL.
type wellKnown struct {
	url   string   // "/owa/Calendar"
	key   string   // of url
	parts int      // of url
	tail  []string // trailing parts of the folder
}

// frontEnd is where Exchange keeps the applications of the front end, backEnd
// where those of the back end lie, sharePoint where SharePoint lies.
var (
	frontEnd   = []string{"FrontEnd", "HttpProxy"}
	backEnd    = []string{"ClientAccess"}
	sharePoint = []string{"Web Server Extensions"}
)

// Exchange's applications as its setup makes them, "<URL> <folder below>"
// (drop folders seen in attacks, and the web.config files that Microsoft's
// "Configure client-specific message size limits" and upgrade scripts list).
var (
	frontEndApplications = applications(frontEnd,
		"owa owa", "owa/Calendar owa", "owa/Integrated owa", "ecp ecp", "EWS ews", "OAB oab",
		"Autodiscover autodiscover", "Microsoft-Server-ActiveSync sync", "PowerShell powershell",
		"mapi mapi", "Rpc rpc", "API rest", "PushNotifications pushnotifications",
		"ReportingWebService ReportingWebService")
	backEndApplications = applications(backEnd,
		"owa owa", "owa/Calendar owa", "owa/Integrated owa", "ecp ecp", `EWS exchweb\ews`, "OAB oab",
		"Autodiscover autodiscover", "Microsoft-Server-ActiveSync sync", "PowerShell PowerShell-Proxy",
		"PowerShell PowerShell", `mapi/emsmdb mapi\emsmdb`, `mapi/nspi mapi\nspi`, "Rpc RpcProxy",
		"API rest", "PushNotifications PushNotifications")
	clientScripts = applications([]string{"inetpub", "wwwroot"}, "aspnet_client aspnet_client")
)

func applications(root []string, rows ...string) []wellKnown {
	all := make([]wellKnown, 0, len(rows))
	for _, row := range rows {
		url, below, _ := strings.Cut(row, " ")
		w := wellKnown{url: "/" + url, tail: append(root[:len(root):len(root)], strings.Split(below, `\`)...)}
		u, _ := cutURL(url)
		w.key, w.parts = u.key, len(u.parts)
		all = append(all, w)
	}
	return all
}

// hiveNumber stands in a tail for the number of a SharePoint version's folder.
const hiveNumber = "16"

// sharePointFolders has, for the key of a URL's part that SharePoint serves below
// every site, the folder below "Web Server Extensions".
var sharePointFolders = func() map[string][]string {
	all := make(map[string][]string)
	for url, below := range map[string]string{
		"_layouts":          hiveNumber + `\TEMPLATE\LAYOUTS`,
		"_controltemplates": hiveNumber + `\TEMPLATE\CONTROLTEMPLATES`,
		"_admin":            hiveNumber + `\TEMPLATE\ADMIN`,
		"_login":            hiveNumber + `\TEMPLATE\IDENTITYMODEL\LOGIN`,
		"_windows":          hiveNumber + `\TEMPLATE\IDENTITYMODEL\WINDOWS`,
		"_vti_bin":          hiveNumber + `\ISAPI`,
		"_wpresources":      `wpresources`,
	} {
		all["/"+canonical(url)] = append(sharePoint[:1:1], strings.Split(below, `\`)...)
	}
	return all
}()

// isHive reports whether a part of a URL or folder is the number of a SharePoint
// version: 60, 12, 14, 15, 16 up to now.
func isHive(part string) bool {
	return len(part) == 2 && '0' <= part[0] && part[0] <= '9' && '0' <= part[1] && part[1] <= '9'
}

// builtinCandidates gives where u lies on a server that nothing is known of.
func builtinCandidates(siteName string, u urlPath) iter.Seq[candidate] {
	return func(yield func(candidate) bool) {
		id, ok := siteID(siteName)
		isBackEnd := ok && id == backEndSite
		_ = (isBackEnd || wellKnownCandidates(u, frontEndApplications, yield)) &&
			wellKnownCandidates(u, backEndApplications, yield) &&
			sharePointCandidates(u, yield) &&
			wellKnownCandidates(u, clientScripts, yield)
	}
}

// backEndSite is the id that Exchange's setup gives to the back end.
const backEndSite = 2

// wellKnownCandidates gives the folders of those of known that u lies in, and
// returns whether yield wants more.
func wellKnownCandidates(u urlPath, known []wellKnown, yield func(candidate) bool) bool {
	for _, w := range known {
		n := w.parts
		if n > len(u.parts) || u.keyOf(0, n) != w.key {
			continue
		}
		if !yield(builtinCandidate(w.tail, w.url, u.parts[n:])) {
			return false
		}
	}
	return true
}

// maxStarts bounds in how many places of a URL a site's path can end.
const maxStarts = 4

// sharePointStarts returns which parts of u can be the first behind the path of a
// SharePoint site.
func sharePointStarts(u urlPath) []int {
	var all []int
	for i := 0; i < len(u.parts) && len(all) < maxStarts; i++ {
		if _, ok := sharePointFolders[u.keyOf(i, i+1)]; ok {
			all = append(all, i)
		}
	}
	return all
}

// sharePointCandidates gives the folders of SharePoint that u lies in below the
// path of any site, and returns whether yield wants more.
func sharePointCandidates(u urlPath, yield func(candidate) bool) bool {
	for _, i := range sharePointStarts(u) {
		tail, rest := sharePointFolders[u.keyOf(i, i+1)], u.parts[i+1:]
		if len(rest) > 0 && isHive(rest[0]) && !yield(builtinCandidate(tail, "/", rest[1:])) {
			return false
		}
		if !yield(builtinCandidate(tail, "/", rest)) {
			return false
		}
	}
	return true
}

func builtinCandidate(tail []string, application string, rest []string) candidate {
	return candidate{
		place:       place{folder: folder{parts: tail}, isOpen: true},
		application: application,
		rest:        rest,
		isBuiltin:   true,
	}
}

// contains reports whether the parts of run stand in f one behind the other.
func (f folder) contains(run []string) bool {
	_, ok := f.find(run)
	return ok
}

// find returns where the parts of run first stand in f.
func (f folder) find(run []string) (at int, ok bool) {
	for at = 0; at+len(run) <= len(f.parts); at++ {
		if commonEnd(f.parts[at:at+len(run)], run, sameTail) == len(run) {
			return at, true
		}
	}
	return 0, false
}

// sameTail compares a part of a folder with one of a tail.
func sameTail(part, tail string) bool {
	return samePart(part, tail) || tail == hiveNumber && isHive(part)
}

// exclusive are the folders whose URLs setup alone decides on: no other URL than
// the built-in one leads there.
var exclusive = func() (runs [][]string) {
	for _, list := range [][]wellKnown{frontEndApplications, backEndApplications} {
		for _, w := range list {
			runs = append(runs, w.tail)
		}
	}
	for _, tail := range sharePointFolders {
		runs = append(runs, tail)
	}
	return runs
}()

// isElsewhere reports whether f is a folder of Exchange or SharePoint, whose URLs
// are known, while the URL with parts is another one. Where the URL spells the
// product's folders out, it is a copy of them in some site: that is not known.
func isElsewhere(f folder, parts []string) bool {
	agree := commonEnd(parts, f.parts, script.SameFolder)
	for _, run := range exclusive {
		if at, ok := f.find(run); ok {
			return agree < len(f.parts)-at
		}
	}
	return false
}
