// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"slices"
	"strings"

	"webshell/correlate"
)

// Limits of following references between entities.
const (
	maxHops    = 8       // $ref to $ref to ...: one is usual, a cycle ends here
	maxVisited = 1 << 14 // objects, nested ones too, whose ids are noted
	maxLinks   = 1 << 15 // references followed in one alert: MaxEntities files with three hashes, a host and a process
)

// entityList reads the entities of a row, an alert or an incident, as `matching windows` does. Two notations exist:
// SecurityAlert's (Type, Name, HostName; $id and {"$ref"}) and the Sentinel API's (kind, properties, fileName,
// hostName; id, and ids in members such as hostEntityId). Both are read by one set of names.
type entityList struct {
	d       *draft
	byID    map[string]map[string]any
	visited int
	links   int
}

// entities reads v: a list, one entity, or JSON text of these.
func (d *draft) entities(v any) {
	members, total := listOf(v)
	d.TruncatedRows += total - len(members)
	l := &entityList{d: d, byID: map[string]map[string]any{}}
	l.index(members, MaxDepth)
	for _, m := range members {
		if e := l.resolve(m); e != nil {
			l.read(e)
		}
	}
}

// listOf is list, cut to MaxEntities; it also gives the number of members before the cut.
func listOf(v any) (members []any, total int) {
	if b, ok := v.([]byte); ok {
		v = string(b)
	}
	if s, ok := v.(string); ok {
		s = strings.Trim(strings.TrimPrefix(s, bom), blanks)
		if strings.HasPrefix(s, "[") {
			return readList(s, MaxEntities)
		}
	}
	members = list(v)
	return members[:min(len(members), MaxEntities)], len(members)
}

// index notes the ids of v and of what is nested in it, in a fixed order; of two objects with one id the first counts.
func (l *entityList) index(v any, depth int) {
	if depth == 0 || l.visited >= maxVisited {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			l.index(e, depth-1)
		}
	case map[string]any:
		l.visited++
		l.note("$id", v)
		l.note("id", v)
		for _, key := range nested(v) {
			l.index(v[key], depth-1)
		}
	}
}

func (l *entityList) note(key string, m map[string]any) {
	id := scalarText(m[key])
	if id == "" || len(id) > MaxID {
		return
	}
	if key == "id" {
		id = resourceKey(id)
	}
	if _, taken := l.byID[id]; !taken {
		l.byID[id] = m
	}
}

// resourceKey is where an Azure resource id stands in byID: ids are compared without case, and never meet a $id.
func resourceKey(id string) string { return "id " + strings.ToLower(id) }

// nested returns the keys of the members of m that hold structures, sorted.
func nested(m map[string]any) []string {
	var keys []string
	for key, v := range m {
		switch v.(type) {
		case map[string]any, []any:
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// resolve returns the object that v is or refers to, nil when there is none.
func (l *entityList) resolve(v any) map[string]any {
	if v == nil {
		return nil
	}
	if l.links++; l.links > maxLinks {
		return nil
	}
	for range maxHops {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		ref := scalarText(m["$ref"])
		if ref == "" {
			return m
		}
		v = l.byID[ref]
	}
	return nil
}

// linked returns the entity that e's member names: nested or by $ref, or by the id in idMember.
func (l *entityList) linked(e map[string]any, member, idMember string) map[string]any {
	if m := l.resolve(pick(e, member)); m != nil {
		return m
	}
	return l.byResource(scalarText(pick(e, idMember)))
}

func (l *entityList) byResource(id string) map[string]any {
	if id == "" || len(id) > MaxID {
		return nil
	}
	if l.links++; l.links > maxLinks {
		return nil
	}
	return l.byID[resourceKey(id)]
}

// facts returns where the members of an entity stand: in `properties`, as the API has it, or beside its kind.
func facts(e map[string]any) map[string]any {
	if props, ok := e["properties"].(map[string]any); ok {
		return props
	}
	return e
}

func kindOf(e map[string]any) string {
	kind := first(e, "kind", "Kind", "Type", "type")
	if len(kind) > MaxID {
		return ""
	}
	return strings.ToLower(kind)
}

func (l *entityList) read(e map[string]any) {
	kind := kindOf(e)
	e = facts(e)
	switch kind {
	case "host", "machine":
		l.host(e, true)
	case "file":
		l.file(e, true, nil)
	case "process":
		l.process(e)
	case "malware":
		l.malware(e)
	}
}

// pick returns the first member of e under one of the spellings of key, which is given as SecurityAlert writes it.
func pick(e map[string]any, key string) any {
	if v, ok := e[key]; ok && v != nil {
		return v
	}
	return e[strings.ToLower(key[:1])+key[1:]]
}

// say is the first text among the members that keys name, each in either spelling. One over MaxName is none.
func (l *entityList) say(e map[string]any, keys ...string) string {
	for _, key := range keys {
		if s := scalarText(pick(e, key)); s != "" && l.d.fits(true, s) {
			return s
		}
	}
	return ""
}

// host adds a host entity and gives its place.
func (l *entityList) host(e map[string]any, listed bool) int {
	if e == nil {
		return correlate.NoHost
	}
	e = facts(e)
	h := correlate.HostEntity{
		HostName:  l.say(e, "HostName", "NetBiosName"),
		DNSDomain: l.say(e, "DnsDomain"),
		NTDomain:  l.say(e, "NTDomain", "NtDomain"),
		DeviceID:  l.say(e, "MdeDeviceId", "MdatpDeviceId", "DeviceId"),
		Listed:    listed,
	}
	if h.HostName == "" {
		fullName(&h, l.say(e, "FullName", "FQDN", "Fqdn", "fqdn"))
	}
	if h.HostName == "" {
		azure := l.say(e, "AzureID", "AzureId")
		h.HostName = azure[strings.LastIndexByte(azure, '/')+1:]
	}
	if extra, ok := pick(e, "AdditionalData").(map[string]any); ok && h.DeviceID == "" {
		h.DeviceID = l.say(extra, "MdatpDeviceId", "MdeDeviceId")
	}
	return l.d.addHost(h)
}

// fullName takes a host's name and, where none was given, its domain from its full name. An address stays whole.
func fullName(h *correlate.HostEntity, full string) {
	name, domain, _ := strings.Cut(full, ".")
	if domain == "" || isAddress(full) {
		name, domain = full, ""
	}
	h.HostName = name
	if h.DNSDomain == "" {
		h.DNSDomain = domain
	}
}

// isAddress reports whether s looks like an IP address: digits and dots, or a colon.
func isAddress(s string) bool {
	return strings.ContainsRune(s, ':') || strings.Trim(s, "0123456789.") == ""
}

// file adds a file entity. Its own Host goes before owner, the host of the process that it is the image of.
func (l *entityList) file(e map[string]any, listed bool, owner map[string]any) {
	if e == nil {
		return
	}
	e = facts(e)
	if own := l.linked(e, "Host", "HostEntityId"); own != nil {
		owner = own
	}
	f := correlate.FileEntity{
		Name:        l.say(e, "FileName", "Name"),
		Directory:   l.say(e, "Directory"),
		Hashes:      l.hashes(e),
		Remediation: l.say(e, "RemediationStatus", "DetectionStatus"),
		Host:        correlate.NoHost,
		Listed:      listed,
	}
	if f.Name != "" {
		f.Host = l.host(owner, false)
		l.d.addFile(f)
	}
}

func (l *entityList) process(e map[string]any) {
	image := l.linked(e, "ImageFile", "ImageFileEntityId")
	l.file(image, false, l.linked(e, "Host", "HostEntityId"))
}

// malware gives the threat's name, and the files that it was found in.
func (l *entityList) malware(e map[string]any) {
	if l.d.ThreatName == "" {
		l.d.ThreatName = cutNote(l.say(e, "MalwareName", "Name"))
	}
	for _, key := range []string{"Files", "FileEntityIds"} {
		members, _ := pick(e, key).([]any)
		for _, m := range members[:min(len(members), MaxFiles)] {
			l.file(l.member(m), false, nil)
		}
	}
}

// member resolves a list's member: an entity, a reference, or an id.
func (l *entityList) member(m any) map[string]any {
	if id, ok := m.(string); ok {
		return l.byResource(id)
	}
	return l.resolve(m)
}

func (l *entityList) hashes(e map[string]any) []string {
	var hashes []string
	for _, key := range []string{"FileHashes", "FileHashEntityIds"} {
		members, _ := pick(e, key).([]any)
		for _, m := range members[:min(len(members), maxHashes)] {
			if h := l.member(m); h != nil {
				h = facts(h)
				hashes = addText(hashes, hashText(l.say(h, "Algorithm"), l.say(h, "HashValue", "Value")), maxHashes)
			}
		}
	}
	return hashes
}
