// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"strings"

	"webshell/correlate"
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

func newEntityList(d *draft) *entityList {
	return &entityList{d: d, byID: map[string]map[string]any{}}
}

// entities reads v: a list, one entity, or JSON text of these.
func (d *draft) entities(v any) {
	members, total := d.listOf(v)
	d.TruncatedRows += total - len(members)
	l := newEntityList(d)
	l.index(members, MaxDepth)
	for _, m := range members {
		if e := l.resolve(m); e != nil {
			l.read(e)
		}
	}
}

// listOf is list, cut to MaxEntities; it also gives the number of members before the cut.
func (d *draft) listOf(v any) (members []any, total int) {
	if b, ok := v.([]byte); ok {
		v = string(b)
	}
	if s, ok := v.(string); ok {
		s = strings.Trim(strings.TrimPrefix(s, bom), blanks)
		if strings.HasPrefix(s, "[") {
			return d.readList(s, MaxEntities)
		}
	}
	members = list(v)
	return members[:min(len(members), MaxEntities)], len(members)
}

// facts returns where the members of an entity stand: in `properties`, as the API has it, or beside its Type.
func facts(e map[string]any) map[string]any {
	if props, ok := e["properties"].(map[string]any); ok && !has(e, "Type") {
		return props
	}
	return e
}

// kindOf returns what an entity is, in lower case: SecurityAlert's Type, else the API's kind (beside which `type` only
// says that it is an entity).
func kindOf(e map[string]any) string {
	for _, key := range []string{"Type", "kind", "Kind", "type"} {
		kind := scalarText(e[key])
		for _, known := range []string{"file", "host", "machine", "process", "malware"} {
			if equalFold(kind, known) {
				return known
			}
		}
	}
	return ""
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
		if s := l.d.text(scalarText(pick(e, key))); s != "" {
			return s
		}
	}
	return ""
}

// host adds a host entity and gives its place.
func (l *entityList) host(e map[string]any, listed bool) int {
	h := l.hostEntity(e)
	h.Listed = listed
	return l.d.addHost(h)
}

// hostEntity reads a host entity by the names that it has: HostName, else NetBiosName, else the first label of its
// full name, else the last part of its Azure resource.
func (l *entityList) hostEntity(e map[string]any) correlate.HostEntity {
	e = facts(e)
	h := correlate.HostEntity{
		HostName:  l.say(e, "HostName", "NetBiosName"),
		DNSDomain: l.say(e, "DnsDomain"),
		NTDomain:  l.say(e, "NTDomain", "NtDomain"),
		DeviceID:  l.say(e, deviceIDs...),
	}
	if h.HostName == "" {
		fullName(&h, l.say(e, "FullName", "FQDN", "Fqdn"))
	}
	if h.HostName == "" {
		azure := l.say(e, "AzureID", "AzureId")
		h.HostName = azure[strings.LastIndexByte(azure, '/')+1:]
	}
	if extra, ok := pick(e, "AdditionalData").(map[string]any); ok && h.DeviceID == "" {
		h.DeviceID = l.say(extra, deviceIDs...)
	}
	return h
}

// deviceIDs are the names under which feeds give Defender's id of a device.
var deviceIDs = []string{"MdeDeviceId", "MdatpDeviceId", "DeviceId", "MachineId"}

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
		Name:        l.fileName(e),
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

// fileName is SecurityAlert's Name or the API's fileName; `name` is the id of an API entity unless nothing else is there.
func (l *entityList) fileName(e map[string]any) string {
	if name := l.d.name(e, "Name"); name != "" {
		return name
	}
	return l.say(e, "FileName", "Name")
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
