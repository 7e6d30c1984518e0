// SPDX-License-Identifier: Apache-2.0

package alert

import "webshell/correlate"

// Sysmon's event FileCreate and the places of its values
// (https://learn.microsoft.com/sysinternals/downloads/sysmon): RuleName, UtcTime, ProcessGuid, ProcessId, Image,
// TargetFilename, CreationUtcTime, User.
const (
	fileCreate      = "11"
	placeRuleName   = 0
	placeUtcTime    = 1
	placeTargetName = 5
)

// noRule is what Sysmon writes where no rule with a name applied.
const noRule = "-"

// sysmonEvent reads a FileCreate to which a rule gave a name. Without one it is telemetry: every deployment writes
// pages, and ASP.NET itself files below Temporary ASP.NET Files.
func (p *pass) sysmonEvent(e *windowsEvent) {
	rule := e.value("rulename", placeRuleName)
	if e.id != fileCreate || rule == "" || rule == noRule {
		p.out.refuse(Telemetry)
		return
	}
	var created any = e.value("utctime", placeUtcTime)
	if created == "" {
		created = e.created
	}
	d, host, ok := p.eventDraft(correlate.ShapeSysmon, e, created)
	if !ok {
		return
	}
	d.Title = cutNote(rule)
	d.addPath(e.value("targetfilename", placeTargetName), nil, host)
	if len(d.Files) == 0 {
		d.refuseNoFile()
		return
	}
	d.setID(e.record)
	d.deriveID()
	d.emit()
}
