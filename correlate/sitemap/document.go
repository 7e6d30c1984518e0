// SPDX-License-Identifier: Apache-2.0

package sitemap

import (
	"slices"
	"strings"

	"webshell/correlate/script"
)

// maxDocuments bounds a list of default documents; IIS comes with six.
const maxDocuments = 64

// shipped is the list that IIS and ASP.NET come with, for a configuration that
// has none (the file normally spells it out).
var shipped = []string{"Default.htm", "Default.asp", "index.htm", "index.html", "iisstart.htm", "default.aspx"}

// documents is the state of a defaultDocument section.
type documents struct {
	isOff bool
	names []string
}

// change is one thing that a defaultDocument section says.
type change struct {
	kind changeKind
	name string // of add and remove
}

type changeKind uint8

const (
	enable  changeKind = iota // enabled="true"
	disable                   // enabled="false"
	add
	remove
	empty
)

// location is what the configuration says for one folder of a URL, in order.
type location struct {
	key           string // site and path
	parts         int    // of key
	changes       []change
	isUninherited bool // does not hold for applications below
}

// apply does what a section says. What it adds stands before what it inherits:
// the section's collection is mergeAppend="false" in IIS_schema.xml.
func (d documents) apply(changes []change) documents {
	d.names = slices.Clone(d.names)
	added := 0
	for _, c := range changes {
		at := indexName(d.names, c.name)
		switch c.kind {
		case enable, disable:
			d.isOff = c.kind == disable
		case add:
			if at < 0 && len(d.names) < maxDocuments {
				d.names = slices.Insert(d.names, added, c.name)
				added++
			}
		case remove:
			if at >= 0 {
				d.names = slices.Delete(d.names, at, at+1)
			}
			if at >= 0 && at < added {
				added--
			}
		case empty:
			d.names, added = nil, 0
		}
	}
	return d
}

func hasName(names []string, name string) bool { return indexName(names, name) >= 0 }

func indexName(names []string, name string) int {
	return slices.IndexFunc(names, func(n string) bool { return script.EqualFold(n, name) })
}

// DefaultDocuments returns the names that IIS looks for when a URL of a site ends
// with the slash behind urlFolder, in their order and at most 64; none where the
// configuration does not know the site or default documents are off there. With
// no site name it is every name that the configuration has anywhere. The caller
// must not write to what is returned.
//
// A web.config in the folder or above may say otherwise; it is not read.
func (m *Map) DefaultDocuments(siteName, urlFolder string) []string {
	sites := m.find(siteName)
	if len(sites) == 0 {
		return nil
	}
	if siteName == "" || siteName == "-" || len(sites) > 1 {
		return m.all
	}
	d := m.server
	if sites[0].hasLocations {
		d = m.documentsOf(sites[0], urlFolder)
	}
	if d.isOff {
		return nil
	}
	return slices.Clip(d.names)
}

// documentsOf applies the locations above a folder and its own, from the outermost
// on.
func (m *Map) documentsOf(s *site, urlFolder string) documents {
	d := m.server
	u, ok := cutURL(urlFolder)
	if !ok {
		return d
	}
	application := 0 // parts of the path of u's application
	if found := s.applicationsOf(u); len(found) > 0 {
		application = found[0].parts
	}
	for n := 0; n <= min(m.depth-1, len(u.parts)); n++ {
		for _, l := range m.locations["/"+s.key+u.keyOf(0, n)] {
			if !l.isUninherited || application <= n {
				d = d.apply(l.changes)
			}
		}
	}
	return d
}

// isDocument reports whether a default document's value is one file name.
func isDocument(name string) bool {
	return name != "" && len(name) <= maxNameBytes && !strings.ContainsAny(name, `/\`)
}

// maxNameBytes is the longest file name of NTFS, 255 units of up to three bytes.
const maxNameBytes = 3 * 255
