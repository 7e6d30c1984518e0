// SPDX-License-Identifier: Apache-2.0

package format

import (
	"strconv"

	"webshell/correlate"
)

// ocsfVersion is the version of the Open Cybersecurity Schema Framework that is written.
const ocsfVersion = "1.8.0"

// Numbers of OCSF's Detection Finding.
const (
	ocsfCategory = 2 // Findings
	ocsfClass    = 2004
	ocsfCreate   = 1
	ocsfUpdate   = 2
	ocsfMedium   = 3
)

// appendOCSF writes an OCSF Detection Finding. The first that a receiver gets of a detection creates the finding,
// later revisions update it. What the schema has no place for stands in unmapped, in the words of the sentinel format.
func appendOCSF(dst []byte, d *correlate.Detection) []byte {
	activity, name := int64(ocsfUpdate), "Update"
	if d.First {
		activity, name = ocsfCreate, "Create"
	}
	w := writer{dst: append(dst, '{'), sparse: true}
	w.num("activity_id", activity)
	w.str("activity_name", name)
	w.num("category_uid", ocsfCategory)
	w.str("category_name", "Findings")
	w.num("class_uid", ocsfClass)
	w.str("class_name", "Detection Finding")
	w.num("type_uid", ocsfClass*100+activity)
	w.str("type_name", "Detection Finding: "+name)
	w.num("severity_id", ocsfMedium)
	w.str("severity", severity)
	w.ocsfState(d)
	w.ocsfMetadata(d)
	w.ocsfFinding(d)
	w.ocsfEvidences(d)
	w.ocsfResources(d)
	w.ocsfObservables(d)
	w.sentinelAll("unmapped", d, false)
	w.close()
	return w.dst
}

// ocsfState writes times, status, confidence and the sentence.
func (w *writer) ocsfState(d *correlate.Detection) {
	w.num("time", d.TimeGenerated.Time().UnixMilli())
	w.epoch("start_time", d.StartTime)
	w.epoch("end_time", d.EndTime)
	w.num("count", max(d.RequestCount, 1))
	w.str("message", sentence(d))
	w.bool("is_alert", true)
	switch d.AlertStatus {
	case correlate.StatusDismissed:
		w.status(3, "Suppressed")
	case correlate.StatusResolved:
		w.status(4, "Resolved")
	default:
		w.status(1, "New")
	}
	switch d.Confidence {
	case "high":
		w.confidence(3, "High")
	case "medium":
		w.confidence(2, "Medium")
	case "low":
		w.confidence(1, "Low")
	default:
		w.confidence(0, "Unknown")
	}
}

// status writes the state of the finding.
func (w *writer) status(id int64, caption string) {
	w.num("status_id", id)
	w.str("status", caption)
}

// confidence writes how sure the match is.
func (w *writer) confidence(id int64, caption string) {
	w.num("confidence_id", id)
	w.str("confidence", caption)
}

// ocsfMetadata writes who made the event.
func (w *writer) ocsfMetadata(d *correlate.Detection) {
	w.open("metadata")
	w.str("version", ocsfVersion)
	w.open("product")
	w.str("name", product)
	w.str("vendor_name", product)
	w.close()
	w.strs("profiles", []string{"security_control"}) // is_alert and confidence_id are of it
	w.str("uid", d.ID+"-"+strconv.FormatInt(d.Revision, 10))
	w.num("sequence", d.Revision)
	if len(d.Truncated) > 0 {
		w.bool("is_truncated", true)
	}
	w.close()
}

// ocsfFinding writes what was found.
func (w *writer) ocsfFinding(d *correlate.Detection) {
	w.open("finding_info")
	w.str("uid", d.ID)
	w.str("title", RuleName)
	w.epoch("first_seen_time", d.StartTime)
	w.epoch("last_seen_time", d.EndTime)
	w.epoch("modified_time", d.TimeGenerated)
	w.str("src_url", first(d.AlertLinks))
	w.strs("data_sources", d.AlertProviders)
	w.open("analytic")
	w.num("type_id", 1)
	w.str("type", "Rule")
	w.str("uid", RuleID)
	w.str("name", RuleName)
	w.str("version", RuleVersion)
	w.close()
	w.ocsfAttacks()
	w.ocsfAlerts(d)
	w.close()
}

// ocsfAttacks writes the technique.
func (w *writer) ocsfAttacks() {
	w.openArray("attacks")
	w.element()
	w.named("tactic", tacticID, tactic)
	w.named("technique", technique, techniqueName)
	w.named("sub_technique", subTechnique, subTechniqueName)
	w.close()
	w.closeArray()
}

// named writes an object of uid and name.
func (w *writer) named(k, uid, name string) {
	w.open(k)
	w.str("uid", uid)
	w.str("name", name)
	w.close()
}

// ocsfAlerts writes the alerts behind the finding.
func (w *writer) ocsfAlerts(d *correlate.Detection) {
	if len(d.AlertIDs) == 0 {
		return
	}
	w.openArray("related_events")
	for _, id := range d.AlertIDs {
		w.element()
		w.key("uid")
		w.dst = appendString(w.dst, id)
		w.close()
	}
	w.closeArray()
}

// ocsfResources writes the web server.
func (w *writer) ocsfResources(d *correlate.Detection) {
	w.openArray("resources")
	w.element()
	w.str("type", "Host")
	w.str("name", d.Computer)
	w.str("hostname", d.Computer)
	w.str("uid", first(d.DeviceIDs))
	w.str("ip", first(ips(d.ServerIPs...)))
	w.num("role_id", 3)
	w.str("role", "Affected")
	w.close()
	w.closeArray()
}

// ocsfObservables writes what to search for, with the number of its type.
func (w *writer) ocsfObservables(d *correlate.Detection) {
	w.openArray("observables")
	w.observable("resources.hostname", "Hostname", 1, d.Computer)
	w.observable("evidences.src_endpoint.ip", "IP Address", 2, ip(d.AttackerIP))
	w.observable("evidences.file.name", "File Name", 7, d.FileName)
	for _, v := range d.FileHashes {
		_, digits := hash(v)
		w.observable("evidences.file.hashes.value", "Hash", 8, digits)
	}
	for _, v := range d.RequestUserAgents {
		w.observable("evidences.http_request.user_agent", "HTTP User-Agent", 16, given(v))
	}
	w.closeArray()
}

// observable writes one, unless it has no value.
func (w *writer) observable(name, kind string, id int64, value string) {
	if value == "" {
		return
	}
	w.element()
	w.str("name", name)
	w.num("type_id", id)
	w.str("type", kind)
	w.str("value", value)
	w.close()
}
