// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"strings"

	"webshell/correlate"
)

// graphTypes begins the @odata.type of a Graph security alert and of each piece of its evidence.
const graphTypes = "#microsoft.graph.security."

// isGraph knows an alert of Microsoft Graph's alerts_v2
// (https://learn.microsoft.com/graph/api/resources/security-alert).
func isGraph(m map[string]any) bool {
	if strings.HasPrefix(scalarText(m["@odata.type"]), graphTypes+"alert") {
		return true
	}
	if !has(m, "evidence") {
		return false
	}
	if has(m, "createdDateTime") && (has(m, "alertWebUrl") || has(m, "providerAlertId")) {
		return true
	}
	evidence, _ := m["evidence"].([]any)
	if len(evidence) == 0 {
		return false
	}
	e, _ := evidence[0].(map[string]any)
	return strings.HasPrefix(scalarText(e["@odata.type"]), graphTypes)
}

func (p *pass) graph(m map[string]any) {
	d := p.draft(correlate.ShapeGraph)
	if !d.setTime(m, "createdDateTime") {
		return
	}
	d.IsCloud = true
	d.setID(first(m, "id"))
	d.Provider = note(m, "serviceSource")
	d.VendorID = note(m, "providerAlertId")
	d.Title = note(m, "title")
	d.Severity = note(m, "severity")
	d.Link = note(m, "alertWebUrl")
	d.ThreatName = note(m, "threatDisplayName", "threatFamilyName")
	d.Status = statusOf(first(m, "status"), first(m, "classification"))
	d.graphEvidence(m["evidence"])
	d.deriveID()
	d.emit()
}

// graphEvidence reads the devices first, so that files find the one that their mdeDeviceId names.
func (d *draft) graphEvidence(v any) {
	members, total := d.listOf(v)
	d.TruncatedRows += total - len(members)
	devices := map[string]int{}
	for _, m := range members {
		if e, ok := m.(map[string]any); ok && graphKind(e) == "device" {
			d.graphDevice(e, devices)
		}
	}
	for _, m := range members {
		e, ok := m.(map[string]any)
		if !ok {
			continue
		}
		switch graphKind(e) {
		case "file":
			d.graphFile(e, "fileDetails", devices)
		case "process":
			d.graphFile(e, "imageFile", devices)
		}
	}
}

// graphKind tells what evidence e is: by its type, and where a feed has dropped that, by its members.
func graphKind(e map[string]any) string {
	if kind, ok := strings.CutPrefix(scalarText(e["@odata.type"]), graphTypes); ok {
		kind, _ = strings.CutSuffix(kind, "Evidence")
		return kind
	}
	switch {
	case has(e, "fileDetails"):
		return "file"
	case has(e, "imageFile"):
		return "process"
	case has(e, "deviceDnsName"):
		return "device"
	}
	return ""
}

// graphDevice adds a device. Older alerts give its full name alone.
func (d *draft) graphDevice(e map[string]any, devices map[string]int) {
	id := d.name(e, "mdeDeviceId")
	at := d.addHost(correlate.HostEntity{
		HostName:  d.name(e, "hostName", "deviceDnsName"),
		DNSDomain: d.name(e, "dnsDomain"),
		NTDomain:  d.name(e, "ntDomain"),
		DeviceID:  id,
		Listed:    true,
	})
	if _, taken := devices[id]; id != "" && !taken && at != correlate.NoHost {
		devices[id] = at
	}
}

// graphFile adds the file that e's member describes: a file's own, or the image of a process. A device that is no
// evidence of the alert is known by its id alone.
func (d *draft) graphFile(e map[string]any, member string, devices map[string]int) {
	details, _ := e[member].(map[string]any)
	f := correlate.FileEntity{
		Name:        d.name(details, "fileName"),
		Directory:   d.name(details, "filePath"),
		Hashes:      hashesOf(details),
		Remediation: remediation(e),
		Host:        correlate.NoHost,
		Listed:      member == "fileDetails",
	}
	if id := d.name(e, "mdeDeviceId"); id != "" && f.Name != "" {
		at, known := devices[id]
		if !known {
			at = d.addHost(correlate.HostEntity{DeviceID: id})
			devices[id] = at
		}
		f.Host = at
	}
	d.addFile(f)
}

// remediation is what was done about a piece of evidence, else whether it was stopped when it was found.
func remediation(e map[string]any) string { return first(e, "remediationStatus", "detectionStatus") }

// hashesOf reads the members md5, sha1 and sha256.
func hashesOf(m map[string]any) []string {
	var hashes []string
	for _, h := range hashMembers {
		hashes = addText(hashes, hashText(h.algorithm, first(m, h.keys...)), maxHashes)
	}
	return hashes
}

var hashMembers = []struct {
	algorithm string
	keys      []string
}{
	{"MD5", []string{"md5", "MD5"}},
	{"SHA1", []string{"sha1", "SHA1"}},
	{"SHA256", []string{"sha256", "SHA256"}},
}
