// SPDX-License-Identifier: Apache-2.0

package format

import (
	"strings"

	"webshell/correlate"
)

// asimVersion is the version of Microsoft's ASIM AlertEvent schema that is written.
const asimVersion = "0.1"

// appendASIM writes ASIM's AlertEvent: flat, Dvc fields for the web server, aliases filled in. What the schema has no
// place for, the client and its requests among it, stands in AdditionalFields in the words of the sentinel format.
func appendASIM(dst []byte, d *correlate.Detection) []byte {
	w := writer{dst: append(dst, '{'), sparse: true}
	w.millis("TimeGenerated", d.TimeGenerated)
	w.asimEvent(d)
	w.asimDvc(d)
	w.asimInspection(d)
	w.asimThreat(d)
	w.asimEntities(d)
	w.sentinelAll("AdditionalFields", d, true)
	w.close()
	return w.dst
}

// asimEvent writes the common fields.
func (w *writer) asimEvent(d *correlate.Detection) {
	w.num("EventCount", 1)
	w.instant("EventStartTime", start(d))
	w.instant("EventEndTime", end(d))
	w.str("EventType", "Alert")
	if d.Confidence == "low" {
		w.str("EventSubType", "Suspicious Activity")
	} else {
		w.str("EventSubType", "Threat")
	}
	w.str("EventUid", d.ID)
	w.str("AlertId", d.ID)
	w.str("EventMessage", sentence(d))
	w.str("AlertDescription", sentence(d))
	w.str("EventVendor", product)
	w.str("EventProduct", product)
	w.str("EventSchema", "AlertEvent")
	w.str("EventSchemaVersion", asimVersion)
	w.str("EventSeverity", severity)
	w.str("EventOriginalSeverity", first(d.AlertSeverities))
	w.str("EventOriginalUid", first(d.AlertIDs))
	w.str("EventReportUrl", first(d.AlertLinks))
}

// asimDvc writes the web server.
func (w *writer) asimDvc(d *correlate.Detection) {
	hostName, domain, ok := strings.Cut(d.Computer, ".")
	w.str("DvcHostname", hostName)
	w.str("Hostname", hostName)
	if ok && domain != "" {
		w.str("DvcDomain", domain)
		w.str("DvcDomainType", "FQDN")
		w.str("DvcFQDN", d.Computer)
	}
	address := first(ips(d.ServerIPs...))
	w.str("DvcIpAddr", address)
	w.str("IpAddr", address)
	if id := first(d.DeviceIDs); id != "" {
		w.str("DvcId", id)
		w.str("DvcIdType", "MDEid")
	}
}

// asimInspection writes the alert and the rule.
func (w *writer) asimInspection(d *correlate.Detection) {
	w.str("AlertName", RuleName)
	w.str("AlertOriginalStatus", d.AlertStatus.String())
	switch d.AlertStatus {
	case correlate.StatusActive:
		w.str("AlertStatus", "Active")
	case correlate.StatusDismissed:
		w.str("AlertStatus", "Closed")
		w.str("AlertVerdict", "False Positive")
	default:
		w.str("AlertStatus", "Closed")
	}
	w.str("DetectionMethod", "Intrusion Detection")
	w.str("RuleName", RuleName)
	w.str("Rule", RuleName)
	w.str("AttackTactics", tactic)
	w.str("AttackTechniques", subTechniqueName+" ("+subTechnique+")")
	w.str("IndicatorType", "File")
	w.str("IndicatorAssociation", "Associated")
}

// asimConfidence is a number out of 100 for each of our words.
var asimConfidence = map[string]int64{"high": 90, "medium": 60, "low": 20}

// asimThreat writes what the alerts call the file, and when.
func (w *writer) asimThreat(d *correlate.Detection) {
	w.str("ThreatName", first(d.ThreatNames))
	w.str("ThreatCategory", "Malware")
	if n := len(d.AlertTimes); n > 0 {
		w.instant("ThreatFirstReportedTime", d.AlertTimes[0])
		w.instant("ThreatLastReportedTime", d.AlertTimes[n-1])
	}
	if n, ok := asimConfidence[d.Confidence]; ok {
		w.num("ThreatConfidence", n)
		w.str("ThreatOriginalConfidence", d.Confidence)
	}
}

// asimEntities writes file, URL and user.
func (w *writer) asimEntities(d *correlate.Detection) {
	w.str("FileName", d.FileName)
	w.str("FilePath", filePath(d))
	w.str("FileMD5", firstHash(d, "MD5"))
	w.str("FileSHA1", firstHash(d, "SHA1"))
	w.str("FileSHA256", firstHash(d, "SHA256"))
	r := latest(d)
	url := r.URIStem
	if query := given(r.URIQuery); query != "" {
		url += "?" + query
	}
	w.str("Url", url)
	if user := given(r.UserName); user != "" {
		w.str("Username", user)
		w.str("User", user)
		w.str("UsernameType", usernameType(user))
	}
}

// usernameType is how ASIM calls the form of a user name.
func usernameType(user string) string {
	switch {
	case strings.Contains(user, `\`):
		return "Windows"
	case strings.Contains(user, "@"):
		return "UPN"
	default:
		return "Simple"
	}
}
