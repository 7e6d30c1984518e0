// SPDX-License-Identifier: Apache-2.0

package format

// The rule that every detection is an answer to: Microsoft Sentinel's analytics rule, its version, and what it says of
// severity and technique (MITRE ATT&CK T1505.003, Web Shell).
const (
	RuleID      = "fbfbf530-506b-49a4-81ad-4030885a195c"
	RuleName    = "Malicious web application requests linked with Microsoft Defender for Endpoint (formerly Microsoft Defender ATP) alerts"
	RuleVersion = "1.0.4"

	severity     = "Medium"
	tactic       = "Persistence"
	technique    = "T1505"
	subTechnique = "T1505.003"

	tacticID         = "TA0003"
	techniqueName    = "Server Software Component"
	subTechniqueName = "Web Shell"
)

// product is what other schemas call us, vendor and product alike.
const product = "webshell"
