// SPDX-License-Identifier: Apache-2.0

package alert

import "webshell/correlate"

// An incident of Microsoft Sentinel comes in three forms: what starts a playbook ({"object":{"properties":
// {"relatedEntities":[...]}}}), the incident itself ({"properties":{...}}), and the answer of its entities call
// ({"entities":[...],"metaData":[...]}), which names neither incident nor time
// (https://learn.microsoft.com/rest/api/securityinsights/incidents).

// isIncident knows the three by their list of entities with a `kind`, or by the incident's number.
func isIncident(m map[string]any) bool {
	incident := incidentOf(m)
	props := facts(incident)
	if has(props, "relatedEntities") || has(props, "incidentNumber") {
		return true
	}
	list, _ := m["entities"].([]any)
	if len(list) == 0 {
		return false
	}
	e, _ := list[0].(map[string]any)
	return has(e, "kind") || has(e, "Kind")
}

// incidentOf takes an incident out of a playbook's message.
func incidentOf(m map[string]any) map[string]any {
	if object, ok := m["object"].(map[string]any); ok {
		return object
	}
	return m
}

func (p *pass) incident(m map[string]any) {
	incident := incidentOf(m)
	props := facts(incident)
	d := p.draft(correlate.ShapeIncident)
	if !d.setTime(props, "createdTimeUtc") {
		return
	}
	d.IsCloud = true
	d.setID(first(incident, "name", "id"))
	d.Provider = note(props, "providerName")
	d.VendorID = note(props, "providerIncidentId")
	d.Title = note(props, "title")
	d.Severity = note(props, "severity")
	d.Link = note(props, "incidentUrl")
	d.Status = statusOf(first(props, "status"), first(props, "classification"))
	if v, ok := props["relatedEntities"]; ok {
		d.entities(v)
	} else {
		d.entities(m["entities"])
	}
	d.deriveID()
	d.emit()
}
