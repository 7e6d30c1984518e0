// SPDX-License-Identifier: Apache-2.0

package correlate

// Alert is what one alert record says, whatever its shape: which files, on which hosts. Text is as given.
type Alert struct {
	Shape     Shape
	ID        string  // SystemAlertId; records of one ID are one alert
	Provider  string  // ProviderName
	Time      Instant // TimeGenerated or the shape's own; the event's timestamp where it gives none
	IsUndated bool    // Time is only the event's timestamp: it says when the record came, not when the alert was

	Title         string // DisplayName, else AlertName
	Severity      string // AlertSeverity
	Link          string // AlertLink
	VendorID      string // VendorOriginalId, providerAlertId
	ThreatName    string
	Remediation   string      // RemediationStatus of the alert as a whole
	Status        AlertStatus // where it stands with whoever classifies it
	IsCloud       bool        // came from a cloud feed: without a host it never means this machine
	Files         []FileEntity
	Hosts         []HostEntity
	TruncatedRows int // entities beyond what was read (kql: mvexpand's 128)
}

// Shape says how an alert record was recognised (SPEC section 3).
type Shape uint8

// The shapes of alerts.
const (
	ShapeUnknown         Shape = iota
	ShapeSentinel              // SecurityAlert row
	ShapeIncident              // entities of a Sentinel incident
	ShapeGraph                 // Microsoft Graph alerts_v2
	ShapeDefenderAPI           // Defender for Endpoint alerts API
	ShapeXDR                   // Defender XDR streaming
	ShapeWindowsDefender       // Windows Defender's event log
	ShapeSysmon                // Sysmon event 11
	ShapePlain                 // {"file": ...}
)

// AlertStatus is where an alert stands.
type AlertStatus uint8

// The states of an alert. Resolved does not end a watch; Dismissed does.
const (
	StatusActive AlertStatus = iota
	StatusResolved
	StatusDismissed // dismissed, or classified a false positive
)

// String is the word of a detection's AlertStatus.
func (s AlertStatus) String() string {
	switch s {
	case StatusResolved:
		return "resolved"
	case StatusDismissed:
		return "dismissed"
	default:
		return "active"
	}
}

// FileEntity is a file that an alert names.
type FileEntity struct {
	Name        string   // as given; may be a whole path
	Directory   string   // as given, "" when not
	Hashes      []string // "SHA256:..." with the algorithm's name in capitals
	Remediation string   // RemediationStatus, detectionStatus of this file
	FoundBeside string   // the file that the alert names, where this one was found beside it on the disk; else ""
	Host        int      // index into Alert.Hosts of the device that the file names itself, else NoHost
	Listed      bool     // an entity of Type file (the rule reads no other kind)
}

// NoHost marks a file that names no device of its own.
const NoHost = -1

// HostEntity is a host that an alert names.
type HostEntity struct {
	HostName  string // as given; may be an FQDN or an address
	DNSDomain string // DnsDomain
	NTDomain  string // NTDomain, never compared with a DNS domain
	DeviceID  string // MdeDeviceId, mdeDeviceId, DeviceId
	Listed    bool   // an entity of Type host (the rule reads no other kind)
}
