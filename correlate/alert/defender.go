// SPDX-License-Identifier: Apache-2.0

package alert

import "webshell/correlate"

// isDefender knows an alert of the Defender for Endpoint API
// (https://learn.microsoft.com/defender-endpoint/api/alerts).
func isDefender(m map[string]any) bool {
	return has(m, "alertCreationTime") || has(m, "computerDnsName") && has(m, "evidence")
}

// defender reads an alert. Its evidence is a list, or one object where a shipper has made a record of each.
func (p *pass) defender(m map[string]any) {
	d := p.draft(correlate.ShapeDefenderAPI)
	if !d.setTime(m, "alertCreationTime") {
		return
	}
	d.IsCloud = true
	d.setID(first(m, "id"))
	d.Provider = note(m, "detectionSource")
	d.Title = note(m, "title")
	d.Severity = note(m, "severity")
	d.ThreatName = note(m, "threatName", "threatFamilyName")
	d.Status = statusOf(first(m, "status"), first(m, "classification"))
	host := d.addHost(correlate.HostEntity{
		HostName: d.name(m, "computerDnsName"), DeviceID: d.name(m, "machineId"), Listed: true,
	})
	members, total := d.listOf(m["evidence"])
	d.TruncatedRows += total - len(members)
	for _, v := range members {
		if e, ok := v.(map[string]any); ok {
			d.defenderEvidence(e, host)
		}
	}
	d.deriveID()
	d.emit()
}

func (d *draft) defenderEvidence(e map[string]any, host int) {
	kind := first(e, "entityType")
	isFile := equalFold(kind, "file")
	if !isFile && !equalFold(kind, "process") {
		return
	}
	d.addFile(correlate.FileEntity{
		Name:        d.name(e, "fileName"),
		Directory:   d.name(e, "filePath"),
		Hashes:      hashesOf(e),
		Remediation: remediation(e),
		Host:        host,
		Listed:      isFile,
	})
}
