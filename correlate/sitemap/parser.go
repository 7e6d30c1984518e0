// SPDX-License-Identifier: Apache-2.0

package sitemap

import (
	"encoding/xml"
	"slices"
	"strconv"
	"strings"

	"webshell/correlate/script"
)

// node says where in a configuration the parser stands.
type node uint8

const (
	unknown node = iota // nothing below is known either
	document
	configuration
	locationNode
	applicationHost
	sitesNode
	siteNode
	applicationNode
	directoryNode
	webServer
	defaultDocument
	filesNode
	addNode
	removeNode
	clearNode
)

// children has what can stand below each node. A location holds the sections
// that the configuration itself does.
var children = map[node]map[string]node{
	document: {"configuration": configuration},
	configuration: {
		"system.applicationHost": applicationHost,
		"system.webServer":       webServer,
		"location":               locationNode,
	},
	locationNode:    {"system.webServer": webServer},
	applicationHost: {"sites": sitesNode},
	sitesNode:       {"site": siteNode},
	siteNode:        {"application": applicationNode},
	applicationNode: {"virtualDirectory": directoryNode},
	webServer:       {"defaultDocument": defaultDocument},
	defaultDocument: {"files": filesNode},
	filesNode:       {"add": addNode, "remove": removeNode, "clear": clearNode},
}

// parser makes a Map from one element after the other.
type parser struct {
	env       func(string) string
	m         *Map
	stack     []node
	kept      int // what counts for maxKept
	keptBytes int // what counts for maxKeptBytes

	site        *site        // the one that is open
	application *application // the one that is open
	location    *location    // the one that is open, or the whole server's

	server    *location
	documents []string // every default document that a location adds
	enables   bool     // a location turns default documents on
}

func newParser(env func(string) string) *parser {
	server := &location{}
	return &parser{
		env: env,
		m: &Map{
			byID:      make(map[uint32][]*site),
			byName:    make(map[string][]*site),
			locations: make(map[string][]*location),
		},
		stack:    []node{document},
		server:   server,
		location: server,
	}
}

// start opens an element.
func (p *parser) start(e xml.StartElement) error {
	if len(p.stack) > maxDepth {
		return ErrTooDeep
	}
	n := children[p.stack[len(p.stack)-1]][e.Name.Local]
	p.stack = append(p.stack, n)
	switch n {
	case siteNode:
		return p.startSite(e)
	case applicationNode:
		return p.startApplication(e)
	case directoryNode:
		return p.startDirectory(e)
	case locationNode:
		return p.startLocation(e)
	case defaultDocument:
		return p.startDefaultDocument(e)
	case addNode, removeNode, clearNode:
		return p.startFile(n, e)
	}
	return nil
}

// end closes the innermost element; the decoder has seen to it that there is one.
func (p *parser) end() {
	last := len(p.stack) - 1
	if p.stack[last] == locationNode {
		p.location = p.server
	}
	p.stack = p.stack[:last]
}

// attribute returns an attribute of e, "" where it is not there.
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space != "xmlns" {
			return a.Value
		}
	}
	return ""
}

// keep counts one more thing that stays, with text.
func (p *parser) keep(text string) error {
	p.kept++
	p.keptBytes += len(text)
	switch {
	case len(text) > maxPathBytes || p.keptBytes > maxKeptBytes:
		return ErrTooLong
	case p.kept > maxKept:
		return ErrTooMany
	}
	return nil
}

// path returns the path attribute of e, cut, and counts it.
func (p *parser) path(e xml.StartElement) (urlPath, error) {
	value := attribute(e, "path")
	if err := p.keep(value); err != nil {
		return urlPath{}, err
	}
	u, ok := cutURL(value)
	if !ok {
		return urlPath{}, ErrTooLong
	}
	return u, nil
}

func (p *parser) startSite(e xml.StartElement) error {
	name := attribute(e, "name")
	if err := p.keep(name); err != nil {
		return err
	}
	s := &site{name: name, key: canonical(name), applications: make(map[string][]*application)}
	if id, err := strconv.ParseUint(strings.TrimSpace(attribute(e, "id")), 10, 32); err == nil && id > 0 {
		s.id = uint32(id)
		p.m.byID[s.id] = append(p.m.byID[s.id], s)
	}
	p.m.byName[s.key] = append(p.m.byName[s.key], s)
	p.m.sites = append(p.m.sites, s)
	p.site = s
	return nil
}

func (p *parser) startApplication(e xml.StartElement) error {
	u, err := p.path(e)
	if err != nil {
		return err
	}
	a := &application{path: "/" + strings.Join(u.parts, "/"), parts: len(u.parts), directories: make(map[string][]place)}
	p.site.applications[u.key] = append(p.site.applications[u.key], a)
	p.site.depth = max(p.site.depth, a.parts)
	p.application = a
	return nil
}

func (p *parser) startDirectory(e xml.StartElement) error {
	u, err := p.path(e)
	if err != nil {
		return err
	}
	expanded, known := expand(attribute(e, "physicalPath"), p.env)
	if err := p.keep(expanded); err != nil {
		return err
	}
	d := place{folder: cutFolder(script.CleanFolder(expanded)), path: u.parts, isOpen: !known}
	if !known || d.volume == "" {
		d.volume, d.isOpen = "", true
	}
	if len(d.parts) > maxFolderParts {
		return ErrTooLong
	}
	d.isFrontEnd = d.contains(frontEnd)
	a := p.application
	a.directories[u.key] = append(a.directories[u.key], d)
	a.depth = max(a.depth, len(u.parts))
	p.site.isSharePoint = p.site.isSharePoint || d.contains(sharePoint)
	return nil
}

// startLocation makes what follows hold for a path; "" and "." are the server.
func (p *parser) startLocation(e xml.StartElement) error {
	u, err := p.path(e)
	if err != nil || len(u.parts) == 0 {
		return err
	}
	isUninherited := attribute(e, "inheritInChildApplications") == "false"
	p.location = &location{key: u.key, parts: len(u.parts), isUninherited: isUninherited}
	return nil
}

func (p *parser) startDefaultDocument(e xml.StartElement) error {
	switch attribute(e, "enabled") {
	case "true":
		return p.change(change{kind: enable})
	case "false":
		return p.change(change{kind: disable})
	}
	return nil
}

func (p *parser) startFile(n node, e xml.StartElement) error {
	c := change{kind: empty}
	if n != clearNode {
		c = change{kind: add, name: attribute(e, "value")}
		if n == removeNode {
			c.kind = remove
		}
		if !isDocument(c.name) {
			return nil
		}
	}
	return p.change(c)
}

// change adds what the open location says.
func (p *parser) change(c change) error {
	if err := p.keep(c.name); err != nil {
		return err
	}
	l := p.location
	if len(l.changes) == 0 && l != p.server {
		p.m.locations[l.key] = append(p.m.locations[l.key], l)
		p.m.depth = max(p.m.depth, l.parts)
	}
	l.changes = append(l.changes, c)
	p.enables = p.enables || c.kind == enable
	if c.kind == add && !hasName(p.documents, c.name) && len(p.documents) < maxDocuments {
		p.documents = append(p.documents, c.name)
	}
	return nil
}

// finish works out what a request would have to be told again and again.
func (p *parser) finish() {
	m := p.m
	if !slices.ContainsFunc(p.server.changes, func(c change) bool { return c.kind >= add }) {
		m.server.names = shipped
	}
	m.server = m.server.apply(p.server.changes)
	if !m.server.isOff || p.enables {
		m.all = slices.Clone(m.server.names)
		for _, name := range p.documents {
			if !hasName(m.all, name) && len(m.all) < maxDocuments {
				m.all = append(m.all, name)
			}
		}
	}
	for key := range m.locations {
		name, _, _ := strings.Cut(key[1:], "/")
		for _, s := range m.byName[name] {
			s.hasLocations = true
		}
	}
}
