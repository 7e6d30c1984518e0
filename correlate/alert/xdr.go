// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"strings"

	"webshell/correlate"
)

// Categories of Defender XDR's streaming API
// (https://learn.microsoft.com/defender-xdr/streaming-api), of which two are alerts.
const (
	xdrCategories = "AdvancedHunting-"
	xdrEvidence   = xdrCategories + "AlertEvidence"
	xdrInfo       = xdrCategories + "AlertInfo"
)

func isXDR(m map[string]any) bool {
	return has(m, "properties") && strings.HasPrefix(scalarText(m["category"]), xdrCategories)
}

// xdr reads one record: a piece of evidence, or the alert's own facts. Records of one AlertId are one alert, so each
// is emitted with what it has. Evidence that is neither file, process nor device says nothing here.
func (p *pass) xdr(m map[string]any) {
	category := scalarText(m["category"])
	if category != xdrEvidence && category != xdrInfo {
		p.out.refuse(Telemetry)
		return
	}
	props := child(m, "properties")
	d := p.draft(correlate.ShapeXDR)
	if !d.setTime(props, "Timestamp") || d.Time == 0 && !d.setTime(m, "time") {
		return
	}
	d.IsCloud = true
	d.setID(first(props, "AlertId"))
	d.Provider = note(props, "ServiceSource")
	d.Title = note(props, "Title")
	d.Severity = note(props, "Severity")
	d.ThreatName = note(props, "ThreatFamily")
	if category == xdrInfo {
		d.xdrFacts()
		return
	}
	d.xdrEvidence(props)
	d.deriveID()
	d.emit()
}

// xdrFacts emits an AlertInfo record: it has neither file nor host, but the title of an alert that has.
func (d *draft) xdrFacts() {
	if d.ID == "" {
		d.refuseNoFile()
		return
	}
	d.send()
}

// xdrEvidence reads a row of AlertEvidence. Its AdditionalFields hold the entity as SecurityAlert writes it; they are
// asked for what the row itself leaves open.
func (d *draft) xdrEvidence(props map[string]any) {
	kind := first(props, "EntityType")
	entity := child(props, "AdditionalFields")
	l := newEntityList(d)
	l.index(entity, MaxDepth)
	switch {
	case equalFold(kind, "machine"):
		h := l.xdrHost(props, entity)
		h.Listed = true
		d.addHost(h)
	case equalFold(kind, "file"):
		d.xdrFile(props, entity, l)
	case equalFold(kind, "process"):
		d.xdrFile(props, l.linked(entity, "ImageFile", "ImageFileEntityId"), l)
	}
}

// xdrHost is the row's device. A row without a name for it takes the one of the host entity m.
func (l *entityList) xdrHost(props, m map[string]any) correlate.HostEntity {
	h := correlate.HostEntity{HostName: l.say(props, "DeviceName"), DeviceID: l.say(props, "DeviceId")}
	if h.HostName == "" {
		id := h.DeviceID
		if h = l.hostEntity(m); h.DeviceID == "" {
			h.DeviceID = id
		}
	}
	return h
}

// xdrFile adds the row's file, which belongs to the row's device, else to the host that the entity names.
func (d *draft) xdrFile(props, entity map[string]any, l *entityList) {
	f := correlate.FileEntity{
		Name:      d.name(props, "FileName"),
		Directory: d.name(props, "FolderPath"),
		Hashes:    hashesOf(props),
		Host:      correlate.NoHost,
		Listed:    equalFold(first(props, "EntityType"), "file"),
	}
	if f.Name == "" {
		f.Name, f.Directory = l.say(entity, "Name"), l.say(entity, "Directory")
	}
	if f.Name == "" {
		return
	}
	if len(f.Hashes) == 0 {
		f.Hashes = l.hashes(entity)
	}
	f.Remediation = l.say(entity, "RemediationStatus", "LastRemediationState", "DetectionStatus")
	f.Host = d.addHost(l.xdrHost(props, l.linked(entity, "Host", "HostEntityId")))
	d.addFile(f)
}
