// SPDX-License-Identifier: Apache-2.0

package format

import (
	"strings"

	"webshell/correlate"
)

// appendSentinel writes the columns of the Sentinel rule, in its words and its spelling (ReqestMethods), and beside them
// what an analyst asks next (SPEC section 5, whose sample fixes the order of the keys).
func appendSentinel(dst []byte, d *correlate.Detection) []byte {
	w := writer{dst: append(dst, '{')}
	w.sentinelRule(d)
	w.sentinelIdentity(d)
	w.sentinelConstants()
	w.sentinelFacts(d)
	w.sentinelRequests(d.Requests)
	w.sentinelOtherScripts(d.OtherScripts)
	w.strs("Truncated", d.Truncated)
	w.close()
	return w.dst
}

// sentinelAll writes all that is known as one object, for formats that have no place of their own for most of it.
func (w *writer) sentinelAll(k string, d *correlate.Detection, requests bool) {
	w.open(k)
	w.sentinelRule(d)
	w.sentinelIdentity(d)
	w.sentinelFacts(d)
	if requests {
		w.sentinelRequests(d.Requests)
	}
	w.sentinelOtherScripts(d.OtherScripts)
	w.strs("Truncated", d.Truncated)
	w.close()
}

// sentinelFacts writes what the alerts and the requests say beyond the rule.
func (w *writer) sentinelFacts(d *correlate.Detection) {
	w.sentinelAlerts(d)
	w.sentinelFile(d)
	w.sentinelCounts(d)
}

// sentinelRule writes the columns that the rule projects.
func (w *writer) sentinelRule(d *correlate.Detection) {
	w.millis("TimeGenerated", d.TimeGenerated)
	w.instant("StartTime", d.StartTime)
	w.instant("EndTime", d.EndTime)
	w.str("AttackerIP", d.AttackerIP)
	w.strs("RequestUserAgents", d.RequestUserAgents)
	w.str("Computer", d.Computer)
	w.str("SiteName", d.SiteName)
	w.str("ShellLocation", d.ShellLocation)
	w.strs("ReqestMethods", d.RequestMethods)
	w.strs("RequestStatusCodes", d.RequestStatusCodes)
	w.strs("RequestCookies", d.RequestCookies)
	w.strs("RequestReferers", d.RequestReferers)
	w.strs("RequestQueryStrings", d.RequestQueryStrings)
	w.num("RequestCount", d.RequestCount)
	hostName, domain := splitComputer(d.Computer)
	w.str("HostName", hostName)
	w.str("HostNameDomain", domain)
}

// splitComputer cuts an FQDN at its first dot; without one both parts are the whole name, as in the rule.
func splitComputer(computer string) (hostName, domain string) {
	hostName, domain, ok := strings.Cut(computer, ".")
	if !ok {
		return computer, computer
	}
	return hostName, domain
}

// sentinelIdentity writes which revision of which detection this is.
func (w *writer) sentinelIdentity(d *correlate.Detection) {
	w.str("DetectionId", d.ID)
	w.num("Revision", d.Revision)
}

// sentinelConstants writes the rule that was met.
func (w *writer) sentinelConstants() {
	w.str("RuleId", RuleID)
	w.str("RuleName", RuleName)
	w.str("Severity", severity)
	w.strs("Tactics", []string{tactic})
	w.strs("Techniques", []string{technique})
	w.strs("SubTechniques", []string{subTechnique})
}

// sentinelAlerts writes what the alerts say.
func (w *writer) sentinelAlerts(d *correlate.Detection) {
	w.strs("AlertIds", d.AlertIDs)
	w.strs("AlertTitles", d.AlertTitles)
	w.strs("AlertSeverities", d.AlertSeverities)
	w.instants("AlertTimes", d.AlertTimes)
	w.strs("AlertProviders", d.AlertProviders)
	w.strs("AlertLinks", d.AlertLinks)
	w.str("AlertStatus", d.AlertStatus.String())
	w.strs("VendorAlertIds", d.VendorAlertIDs)
	w.strs("ThreatNames", d.ThreatNames)
	w.strs("RemediationStatus", d.RemediationStatuses)
	w.strs("DeviceIds", d.DeviceIDs)
}

// sentinelFile writes the alerted file and how well it fits.
func (w *writer) sentinelFile(d *correlate.Detection) {
	w.str("FileName", d.FileName)
	w.str("FileDirectory", d.FileDirectory)
	w.strs("FileHashes", d.FileHashes)
	w.strs("MatchedBy", d.MatchedBy)
	w.str("PathMatch", d.PathMatch)
	w.str("Confidence", d.Confidence)
	w.str("Coverage", d.Coverage)
	w.instant("CoverageSince", d.CoverageSince)
}

// sentinelCounts writes the numbers, and the sets that the rule does not have.
func (w *writer) sentinelCounts(d *correlate.Detection) {
	w.statusClasses(d.StatusClasses)
	w.num("DistinctUserAgents", d.DistinctUserAgents)
	w.num("DistinctCookies", d.DistinctCookies)
	w.num("DistinctReferers", d.DistinctReferers)
	w.num("DistinctQueryStrings", d.DistinctQueryStrings)
	w.num("ClientsTotal", d.ClientsTotal)
	w.instant("FirstSuccessTime", d.FirstSuccessTime)
	w.instant("FirstPostTime", d.FirstPostTime)
	w.num("RequestsAfterAlert", d.RequestsAfterAlert)
	w.num("BytesSent", d.BytesSent)
	w.num("BytesReceived", d.BytesReceived)
	w.strs("RequestUserNames", d.RequestUserNames)
	w.strs("RequestHosts", d.RequestHosts)
	w.strs("ServerIPs", d.ServerIPs)
	w.strs("ServerPorts", d.ServerPorts)
	w.str("ProxyIP", d.ProxyIP)
}

// statusClasses writes StatusClasses.
func (w *writer) statusClasses(c correlate.StatusClasses) {
	w.open("StatusClasses")
	w.num("2xx", c.C2xx)
	w.num("3xx", c.C3xx)
	w.num("4xx", c.C4xx)
	w.num("5xx", c.C5xx)
	w.close()
}

// sentinelRequests writes the requests kept as evidence.
func (w *writer) sentinelRequests(rs []correlate.RequestEvidence) {
	if w.sparse && len(rs) == 0 {
		return
	}
	w.openArray("Requests")
	for i := range rs {
		w.element()
		w.sentinelRequest(&rs[i])
		w.close()
	}
	w.closeArray()
}

// sentinelRequest writes the members of one request.
func (w *writer) sentinelRequest(r *correlate.RequestEvidence) {
	w.instant("Time", r.Time)
	w.str("Method", r.Method)
	w.str("URIStem", r.URIStem)
	w.str("URIQuery", r.URIQuery)
	w.str("Status", r.Status)
	w.str("SubStatus", r.SubStatus)
	w.str("Win32Status", r.Win32Status)
	w.str("Host", r.Host)
	w.str("Port", r.Port)
	w.str("UserName", r.UserName)
	w.str("UserAgent", r.UserAgent)
	w.str("Referer", r.Referer)
	w.num("BytesSent", r.BytesSent)
	w.num("BytesReceived", r.BytesReceived)
	w.num("TimeTakenMs", r.TimeTaken)
}

// sentinelOtherScripts writes what else the client called.
func (w *writer) sentinelOtherScripts(ss []correlate.OtherScript) {
	if w.sparse && len(ss) == 0 {
		return
	}
	w.openArray("OtherScripts")
	for i := range ss {
		s := &ss[i]
		w.element()
		w.str("ShellLocation", s.ShellLocation)
		w.num("RequestCount", s.RequestCount)
		w.instant("StartTime", s.StartTime)
		w.instant("EndTime", s.EndTime)
		w.statusClasses(s.StatusClasses)
		w.close()
	}
	w.closeArray()
}
