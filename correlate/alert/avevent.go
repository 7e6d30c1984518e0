// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"strings"

	"webshell/correlate"
)

// The attack surface reduction rule "Block Webshell creation for Servers"
// (https://learn.microsoft.com/defender-endpoint/attack-surface-reduction-rules-reference).
const (
	webshellRule      = "a8f5898e-1dc8-49a9-9878-85004b8a61e6"
	webshellRuleTitle = "Block Webshell creation for Servers"
)

// avLayout says where an event of Windows Defender has its values among the inserts; none is below 0. Names are folded.
type avLayout struct {
	detection, threat, severity, action int
	path                                int
	pathNames                           []string
}

const none = -1

// avLayouts are the events that name a file
// (https://learn.microsoft.com/defender-endpoint/troubleshoot-microsoft-defender-antivirus).
var avLayouts = map[string]avLayout{
	"1006": {2, 10, 24, none, 15, []string{"pathfound", "path"}},                   // malware found by a scan
	"1007": {none, none, none, none, 15, []string{"path", "pathfound"}},            // acted upon
	"1008": {none, none, none, none, 15, []string{"path", "pathfound"}},            // action failed
	"1015": {2, 10, 24, none, 15, []string{"pathfound", "path", "targetfilename"}}, // suspicious behaviour
	"1116": {2, 7, 9, 30, 21, []string{"path"}},                                    // malware detected
	"1117": {2, 7, 9, 30, 21, []string{"path"}},                                    // acted upon
	"1118": {2, 7, 9, 30, 21, []string{"path"}},                                    // action failed
	"1119": {2, 7, 9, 30, 21, []string{"path"}},                                    // action failed critically
	"1120": {none, none, none, none, 3, []string{"threatresourcepath", "path"}},    // hashes of a threat
	"1121": {none, none, none, none, 6, []string{"path"}},                          // attack surface reduction: blocked
	"1122": {none, none, none, none, 6, []string{"path"}},                          // the same, audited
}

// Places of single values.
const (
	placeHashes     = 4  // 1120
	placeRule       = 3  // 1121, 1122
	placeTargetFile = 35 // 1015
)

// defenderEvent reads an event of Windows Defender. Without a detection's id the event's record number is the id.
func (p *pass) defenderEvent(e *windowsEvent) {
	layout, ok := avLayouts[e.id]
	isRule := e.id == "1121" || e.id == "1122"
	if !ok || isRule && !equalFold(strings.Trim(e.value("id", placeRule), "{}"), webshellRule) {
		p.out.refuse(Telemetry)
		return
	}
	d, host, ok := p.eventDraft(correlate.ShapeWindowsDefender, e, e.created)
	if !ok {
		return
	}
	d.ThreatName = cutNote(e.value("threatname", layout.threat))
	d.Title = d.ThreatName
	if isRule {
		d.Title = webshellRuleTitle
	}
	d.Severity = cutNote(e.value("severityname", layout.severity))
	d.Remediation = cutNote(e.value("actionname", layout.action))
	var hashes []string
	if e.id == "1120" {
		hashes = looseHashes(e.value("hashes", placeHashes))
	}
	for _, path := range e.paths(layout) {
		d.addPath(path, hashes, host)
	}
	if len(d.Files) == 0 {
		d.refuseNoFile()
		return
	}
	d.setID(e.value("detectionid", layout.detection))
	if d.ID == "" {
		d.setID(e.record)
	}
	d.deriveID()
	d.emit()
}

// paths returns the files that an event names: in its own value, else in any insert, else in the rendered message.
func (e *windowsEvent) paths(layout avLayout) []string {
	var paths []string
	for _, name := range layout.pathNames {
		paths = addPaths(paths, e.value(name, none), true)
	}
	if e.values == nil {
		paths = addPaths(paths, e.value("", layout.path), true)
		if e.id == "1015" {
			paths = addPaths(paths, e.value("", placeTargetFile), true)
		}
	}
	for _, v := range e.inserts[:min(len(e.inserts), maxInserts)] {
		if len(paths) > 0 {
			return paths
		}
		paths = addPaths(paths, scalarText(v), false)
	}
	if len(paths) == 0 {
		paths = messagePaths(e.message)
	}
	return paths
}
