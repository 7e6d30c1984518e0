// SPDX-License-Identifier: Apache-2.0

package sitemap

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"webshell/correlate/script"
)

// URL is a folder of a URL that leads to a folder of the disk.
type URL struct {
	SiteName    string // W3SVC and the site's id, its name if it has none; "" for any site
	Folder      string // "/up" or "/", not encoded
	Application string // virtual path of its application: "/" or "/app"
	FromConfig  bool   // from the configuration, else from what is built in
}

// URLs is Folder backwards: the folders of URLs that lead to a folder of the
// disk, in the form of script.Target.Folder, by site and folder and at most 256.
// SharePoint's come without the path of a site.
func (m *Map) URLs(diskFolder string) []URL {
	f := cutFolder(diskFolder)
	if f.volume == "" || len(f.parts) > maxFolderParts {
		return nil
	}
	var all []URL
	if m == nil || len(m.sites) == 0 {
		all = builtinURLs(f)
	} else {
		for _, s := range m.sites {
			all = append(all, s.urls(f)...)
		}
	}
	slices.SortFunc(all, func(a, b URL) int {
		return cmp.Or(cmp.Compare(len(a.SiteName), len(b.SiteName)), cmp.Compare(a.SiteName, b.SiteName),
			cmp.Compare(a.Folder, b.Folder), cmp.Compare(a.Application, b.Application))
	})
	all = slices.Compact(all)
	return all[:min(len(all), maxPlaces)]
}

// urls returns the URLs of s that lead to f, those left out that a longer path of
// another application or virtual directory takes away.
func (s *site) urls(f folder) []URL {
	name := s.name
	if s.id > 0 {
		name = "W3SVC" + strconv.FormatUint(uint64(s.id), 10)
	}
	var all []URL
	for _, applications := range s.applications {
		for _, a := range applications {
			for _, u := range a.urls(f) {
				if cut, ok := cutURL(u); ok && bestOf(s.candidates(cut), f) >= script.PathPartial {
					all = append(all, URL{SiteName: name, Folder: u, Application: a.path, FromConfig: true})
				}
			}
		}
	}
	return all
}

// urls returns the URLs that a virtual directory of a makes for f.
func (a *application) urls(f folder) []string {
	var all []string
	for _, places := range a.directories {
		for _, p := range places {
			rest, ok := p.below(f)
			if p.isBlank() || !ok {
				continue
			}
			parts := append(strings.FieldsFunc(a.path, isSlash), p.path...)
			all = append(all, "/"+strings.Join(append(parts, rest...), "/"))
		}
	}
	return all
}

// below returns the parts of f below p.
func (p place) below(f folder) (rest []string, ok bool) {
	n := len(p.parts)
	if p.isOpen {
		at, ok := f.find(p.parts)
		return f.parts[min(at+n, len(f.parts)):], ok
	}
	if !sameVolume(p.volume, f.volume) || n > len(f.parts) || commonEnd(p.parts, f.parts[:n], samePart) < n {
		return nil, false
	}
	return f.parts[n:], true
}

// builtinURLs returns the URLs of a folder of Exchange, SharePoint or ASP.NET.
func builtinURLs(f folder) []URL {
	var all []URL
	put := func(url, application string, tail []string) {
		if at, ok := f.find(tail); ok {
			rest := f.parts[at+len(tail):]
			all = append(all, URL{Folder: strings.Join(append([]string{url}, rest...), "/"), Application: application})
		}
	}
	for _, list := range [][]wellKnown{frontEndApplications, backEndApplications, clientScripts} {
		for _, w := range list {
			put(w.url, w.url, w.tail)
		}
	}
	for key, tail := range sharePointFolders {
		put(strings.ToLower(key), "/", tail)
	}
	return all
}
