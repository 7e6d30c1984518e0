// SPDX-License-Identifier: Apache-2.0

package sitemap

import (
	"iter"
	"strconv"
	"strings"

	"webshell/correlate/script"
)

// Map is what is known of a server's sites. It is read-only; the zero Map and a
// nil one know what Builtin does.
type Map struct {
	sites     []*site
	byID      map[uint32][]*site
	byName    map[string][]*site // canonical name
	server    documents          // of the whole server
	locations map[string][]*location
	depth     int      // most parts that a location's path has
	all       []string // every default document that is named anywhere
}

// site is one site of the configuration.
type site struct {
	name         string // as configured
	key          string // canonical name
	id           uint32 // 0 for none
	applications map[string][]*application
	depth        int  // most parts that an application's path has
	isSharePoint bool // a folder of it lies in SharePoint's
	hasLocations bool
}

// application is one application of a site.
type application struct {
	path        string // "/" or "/app", as configured
	parts       int    // of path
	directories map[string][]place
	depth       int // most parts that a virtual directory's path has
}

// place is where a virtual directory's files lie.
type place struct {
	folder
	path       []string // of the virtual directory, below its application
	isOpen     bool     // the folder is only the trailing parts of the real one
	isFrontEnd bool     // the folder lies in Exchange's front end
}

// isBlank reports whether nothing is known of p.
func (p place) isBlank() bool { return p.volume == "" && len(p.parts) == 0 }

// Place is a folder of the disk that a URL's folder can be.
type Place struct {
	// Folder has the form of script.Target.Folder. Without a volume in front it
	// is the trailing parts of the folder alone, as what stands before them is
	// not known.
	Folder      string
	Application string // virtual path of its application: "/" or "/app"
	FromConfig  bool   // from the configuration, else from what is built in
}

// maxPlaces bounds what Folder returns: thousands of sites can have the URL.
const maxPlaces = 256

// Folder returns the folders of the disk that a folder of a URL ("/up", "/") of
// a site can be, the likeliest first and at most 256. siteName is as logged,
// W3SVC and the site's id; where it is "" or "-", any site can be meant. Spaces
// that are logged as "+" come both ways. It is empty where nothing is known.
func (m *Map) Folder(siteName, urlFolder string) []Place {
	u, ok := cutURL(urlFolder)
	if !ok {
		return nil
	}
	var all []Place
	for c := range m.candidates(siteName, u) {
		for _, below := range physical(c.rest) {
			f := c.place.folder
			f.parts = append(f.parts[:len(f.parts):len(f.parts)], below...)
			if len(all) == maxPlaces {
				return all
			}
			all = append(all, Place{Folder: f.String(), Application: c.application, FromConfig: !c.isBuiltin})
		}
	}
	return all
}

// physical returns the parts of a URL as they can be on the disk: in UTF-8, with
// each "+" as a space and as it is.
func physical(parts []string) [][]string {
	plain := make([]string, len(parts))
	spaced := make([]string, len(parts))
	hasPlus := false
	for i, part := range parts {
		forms := script.Spellings(part)
		plain[i] = forms[len(forms)-1]
		spaced[i] = strings.ReplaceAll(plain[i], "+", " ")
		hasPlus = hasPlus || spaced[i] != plain[i]
	}
	if !hasPlus {
		return [][]string{plain}
	}
	return [][]string{spaced, plain}
}

// candidate is a place that a URL's folder can lie in, and its parts below.
type candidate struct {
	place       place
	application string
	rest        []string // as logged
	isBuiltin   bool
}

// candidates gives where a URL's folder can lie; none of them is blank.
func (m *Map) candidates(siteName string, u urlPath) iter.Seq[candidate] {
	sites := m.find(siteName)
	if len(sites) == 0 {
		return builtinCandidates(siteName, u)
	}
	return func(yield func(candidate) bool) {
		for _, s := range sites {
			for c := range s.candidates(u) {
				if !yield(c) {
					return
				}
			}
		}
	}
}

// find returns the sites that a logged name can mean; none where the
// configuration does not know it.
func (m *Map) find(siteName string) []*site {
	switch {
	case m == nil:
		return nil
	case siteName == "" || siteName == "-":
		return m.sites
	}
	if id, ok := siteID(siteName); ok && len(m.byID[id]) > 0 {
		return m.byID[id]
	}
	return m.byName[canonical(siteName)]
}

// siteID returns the id of a site logged as W3SVC<id>.
func siteID(siteName string) (id uint32, ok bool) {
	const prefix = "W3SVC"
	if len(siteName) <= len(prefix) || !script.EqualFold(siteName[:len(prefix)], prefix) {
		return 0, false
	}
	n, err := strconv.ParseUint(siteName[len(prefix):], 10, 32)
	return uint32(n), err == nil
}

// candidates gives the places of the virtual directories that u lies in, then
// what SharePoint and Exchange make of u themselves.
func (s *site) candidates(u urlPath) iter.Seq[candidate] {
	return func(yield func(candidate) bool) {
		isFrontEnd := false
		for _, a := range s.applicationsOf(u) {
			places, n := a.placesOf(u)
			for i := range places {
				p := &places[i]
				if p.isBlank() {
					continue
				}
				isFrontEnd = isFrontEnd || p.isFrontEnd
				if !yield(candidate{place: *p, application: a.path, rest: u.parts[n:]}) {
					return
				}
			}
		}
		if s.isSharePoint && !sharePointCandidates(u, yield) {
			return
		}
		if isFrontEnd {
			wellKnownCandidates(u, backEndApplications, yield)
		}
	}
}

// applicationsOf returns the applications with the longest path that u begins
// with; more than one only where their names differ in "+" and space.
func (s *site) applicationsOf(u urlPath) []*application {
	for n := min(s.depth, len(u.parts)); n >= 0; n-- {
		if found := s.applications[u.keyOf(0, n)]; len(found) > 0 {
			return found
		}
	}
	return nil
}

// placesOf returns where the virtual directories with the longest path that u
// goes on with lie, and how many parts of u they take up.
func (a *application) placesOf(u urlPath) (places []place, taken int) {
	for n := min(a.depth, len(u.parts)-a.parts); n >= 0; n-- {
		if found := a.directories[u.keyOf(a.parts, a.parts+n)]; len(found) > 0 {
			return found, a.parts + n
		}
	}
	return nil, 0
}
