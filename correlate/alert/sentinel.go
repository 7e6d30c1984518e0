// SPDX-License-Identifier: Apache-2.0

package alert

import "webshell/correlate"

// isSentinel knows a row of the table SecurityAlert
// (https://learn.microsoft.com/azure/azure-monitor/reference/tables/securityalert).
func isSentinel(m map[string]any) bool {
	return has(m, "SystemAlertId") || has(m, "Entities") && has(m, "ProviderName")
}

// sentinel reads a row. A row with files and no host, or the reverse, is emitted: rows of one SystemAlertId are one
// alert. A row without one keeps the empty id, on which the rule joins as on any other.
func (p *pass) sentinel(m map[string]any) {
	d := p.draft(correlate.ShapeSentinel)
	d.Provider = note(m, "ProviderName")
	if !p.allows(d.Provider) {
		p.passTime(m, "TimeGenerated")
		p.out.refuse(Provider)
		return
	}
	if !d.setTime(m, "TimeGenerated") {
		return
	}
	d.IsCloud = true
	d.setID(first(m, "SystemAlertId"))
	d.Title = note(m, "DisplayName", "AlertName", "AlertDisplayName")
	d.Severity = note(m, "AlertSeverity", "Severity")
	d.Link = note(m, "AlertLink")
	d.VendorID = note(m, "VendorOriginalId")
	if p.kql {
		d.ruleEntities(m["Entities"])
	} else {
		d.Status = statusOf(first(m, "Status"), first(m, "Classification"))
		d.entities(m["Entities"])
	}
	d.emit()
}
