// SPDX-License-Identifier: Apache-2.0

package sitemap

import (
	"iter"
	"strings"

	"webshell/correlate/script"
)

// maxFolderParts bounds the parts of a folder that is compared; Windows's own
// limit of 260 characters leaves room for half as many.
const maxFolderParts = 255

// Match compares a folder of a URL of a site with the folder of an alert's file.
// Where known is false, nothing is known of the site, the URL or the folder:
// script.MatchFolder is left. Else the result is
//
//	PathFull     the map leads from the URL to the folder, compared as a whole;
//	             of what is built in, setup's own trailing parts and all below
//	PathPartial  trailing parts agree, and what stands before them is not known:
//	             the alert's folder has no volume, or a variable is not set
//	PathNone     the map leads elsewhere
//
// With no site name ("" or "-") one of the sites that agrees is enough. A folder
// on a volume without a letter agrees with every letter. Of a compiled page the
// hash is compared, below the path of the URL's application.
//
// A map is about one server; ask it only for requests to that one.
func (m *Map) Match(siteName, urlFolder string, t script.Target) (match script.PathMatch, known bool) {
	u, ok := cutURL(urlFolder)
	if !ok || t.Folder == "" && t.Hash == "" {
		return script.PathUnknown, false
	}
	directory := cutFolder(t.Folder)
	if len(directory.parts) > maxFolderParts {
		return script.PathUnknown, false
	}
	sites := m.find(siteName)
	switch {
	case len(sites) == 0 && t.Hash != "":
		return script.PathUnknown, false
	case len(sites) == 0:
		return matchBuiltin(siteName, u, directory)
	}
	best := script.PathUnknown
	for _, s := range sites {
		var match script.PathMatch
		if t.Hash == "" {
			match = bestOf(s.candidates(u), directory)
		} else {
			match = s.matchCompiled(u, directory, t)
		}
		best = max(best, match) // the order of the values is the order wanted here
		if best == script.PathFull {
			break
		}
	}
	return best, best != script.PathUnknown
}

// matchBuiltin is Match for a site that the configuration does not know.
func matchBuiltin(siteName string, u urlPath, directory folder) (script.PathMatch, bool) {
	switch {
	case bestOf(builtinCandidates(siteName, u), directory) == script.PathFull:
		return script.PathFull, true
	case isElsewhere(directory, u.parts):
		return script.PathNone, true
	}
	return script.PathUnknown, false
}

// bestOf compares directory with each of all.
func bestOf(all iter.Seq[candidate], directory folder) script.PathMatch {
	best := script.PathUnknown
	for c := range all {
		if best = max(best, c.match(directory)); best == script.PathFull {
			break
		}
	}
	return best
}

// match compares directory with what c leads to.
func (c *candidate) match(directory folder) script.PathMatch {
	if c.place.isOpen || directory.volume == "" {
		return c.matchEnd(directory)
	}
	above := len(directory.parts) - len(c.rest)
	if above != len(c.place.parts) || !sameVolume(c.place.volume, directory.volume) ||
		commonEnd(c.place.parts, directory.parts[:above], samePart) < above ||
		commonEnd(c.rest, directory.parts[above:], sameLogged) < len(c.rest) {
		return script.PathNone
	}
	return script.PathFull
}

// matchEnd is match where only the trailing parts of one of the two are known.
func (c *candidate) matchEnd(directory folder) script.PathMatch {
	below := commonEnd(c.rest, directory.parts, sameLogged)
	left := directory.parts[:len(directory.parts)-below]
	above := 0
	if below == len(c.rest) {
		above = commonEnd(left, c.place.parts, sameTail)
	}
	isWhole := below+above == len(c.rest)+len(c.place.parts)
	switch {
	case isWhole && c.isBuiltin:
		return script.PathFull
	case isWhole && c.place.isOpen, directory.volume == "" && above == len(left):
		return script.PathPartial
	}
	return script.PathNone
}

// matchCompiled compares the hash of a compiled page with u below the path of
// its application.
func (s *site) matchCompiled(u urlPath, directory folder, t script.Target) script.PathMatch {
	best := script.PathUnknown
	for _, a := range s.applicationsOf(u) {
		match := script.PathNone
		if a.compilesTo(directory, t) {
			match = s.matchHash(u, a, t)
		}
		best = max(best, match)
	}
	return best
}

// matchHash compares t's hash with u. SharePoint's own folders are compiled as
// those of the application itself, whatever path of a site stands before them.
func (s *site) matchHash(u urlPath, a *application, t script.Target) script.PathMatch {
	best := script.MatchCompiled("/"+strings.Join(u.parts, "/"), a.path, t)
	if !s.isSharePoint || a.parts > 0 {
		return best
	}
	for _, i := range sharePointStarts(u) {
		best = max(best, script.MatchCompiled("/"+strings.Join(u.parts[i:], "/"), "/", t))
	}
	return best
}

// compilesTo reports whether pages of a can have been compiled to directory: the
// application's own folder below "Temporary ASP.NET Files", or its bin folder.
func (a *application) compilesTo(directory folder, t script.Target) bool {
	if t.Application != "" {
		return a.isCalled(t.Application)
	}
	n := len(directory.parts)
	if n == 0 || !script.EqualFold(directory.parts[n-1], "bin") {
		return true
	}
	parent := folder{directory.volume, directory.parts[:n-1]}
	for _, p := range a.directories[""] {
		root := candidate{place: p}
		if p.isBlank() || root.match(parent) != script.PathNone {
			return true
		}
	}
	return len(a.directories[""]) == 0
}

// isCalled reports whether ASP.NET names the folder of a's compiled pages name:
// after the last part of its path, "root" for "/".
func (a *application) isCalled(name string) bool {
	last := a.path[strings.LastIndexByte(a.path, '/')+1:]
	if name == "/" {
		return last == "" || script.EqualFold(last, "root")
	}
	return script.EqualFold(last, name)
}
