// SPDX-License-Identifier: Apache-2.0

package alert

import "webshell/correlate"

// RuleID is the id of the Sentinel analytics rule whose detections this plugin makes.
const RuleID = "fbfbf530-506b-49a4-81ad-4030885a195c"

// detectionIDLength is the length of a DetectionId: 32 hex digits.
const detectionIDLength = 32

// IsDetection reports whether m is one of our own detections, in any format that has its DetectionId and RuleId.
func IsDetection(m map[string]any) bool {
	return has(m, "Revision") && len(scalarText(m["DetectionId"])) == detectionIDLength && scalarText(m["RuleId"]) == RuleID
}

// shapes in the order in which they are tried: the first whose test holds.
var shapes = []struct {
	shape correlate.Shape
	is    func(map[string]any) bool
}{
	{correlate.ShapeSentinel, isSentinel},
	{correlate.ShapeXDR, isXDR},
	{correlate.ShapeGraph, isGraph},
	{correlate.ShapeDefenderAPI, isDefender},
	{correlate.ShapeIncident, isIncident},
	{correlate.ShapeWindowsDefender, isWindowsEvent}, // Sysmon's too
	{correlate.ShapePlain, isPlain},
}

// recognise tells the shape of m by its own fields.
func recognise(m map[string]any) correlate.Shape {
	for _, s := range shapes {
		if s.is(m) {
			return s.shape
		}
	}
	return correlate.ShapeUnknown
}

// read reads m as shape.
func (p *pass) read(shape correlate.Shape, m map[string]any) {
	switch shape {
	case correlate.ShapeSentinel:
		p.sentinel(m)
	case correlate.ShapeXDR:
		p.xdr(m)
	case correlate.ShapeGraph:
		p.graph(m)
	case correlate.ShapeDefenderAPI:
		p.defender(m)
	case correlate.ShapeIncident:
		p.incident(m)
	case correlate.ShapeWindowsDefender:
		p.windowsEvent(m)
	case correlate.ShapePlain:
		p.plain(m)
	default:
		p.out.unknown(m)
	}
}
