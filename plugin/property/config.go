// SPDX-License-Identifier: Apache-2.0

package property

import (
	"net/netip"
	"time"
)

// Matching is how requests and alerts are compared.
type Matching string

// The ways to match.
const (
	MatchWindows Matching = "windows" // what an analyst wants on a Windows web server
	MatchKQL     Matching = "kql"     // the Sentinel rule to the letter
)

// Format is the shape of a detection that leaves.
type Format string

// The formats of detections.
const (
	FormatSentinel Format = "sentinel" // the rule's columns and what an analyst asks next
	FormatECS      Format = "ecs"      // Elastic Common Schema
	FormatOCSF     Format = "ocsf"     // Detection Finding
	FormatASIM     Format = "asim"     // Microsoft's AlertEvent
)

// PathMatch is the least agreement of folders that is reported.
type PathMatch string

// The degrees of agreement.
const (
	PathAny     PathMatch = "any" // as in the rule, which never compares folders
	PathPartial PathMatch = "partial"
	PathFull    PathMatch = "full"
)

// Config is one [OUTPUT] section, every value checked and in range. Parse makes it.
type Config struct {
	Matching         Matching
	ScriptExtensions []string // lower case, distinct, each with its leading dot
	AlertTag         string   // pattern: * stands for any text
	AlertProviders   []string // as given; AnyProvider alone stands for all
	LogKey           string
	PathKey          string
	OffsetKey        string   // "" where lines carry no offset
	Fields           []string // columns of lines before any #Fields:, as given; nil for IIS's defaults
	HostKey          string   // "" where no key names the host
	ComputerName     string   // "" for this machine's name

	LogWindow        time.Duration
	AlertWindow      time.Duration
	UpdateInterval   time.Duration // 0 sends a revision for every request
	AlertDetections  int
	EvidenceRequests int

	MemoryLimit int64 // bytes
	SetLimit    int   // values a set

	IISConfig      string         // path of applicationHost.config, "" for none
	PathMatch      PathMatch      // the least that is reported
	ClientIPField  string         // column that names the client, "" for c-ip
	TrustedProxies []netip.Prefix // masked; nil for none

	Format          Format
	ReportUnmatched bool
	Stdout          bool // output names stdout
	File            bool // output names file
	ToForward       bool // output names forward
	FilePath        string
	FileRotateSize  int64 // bytes, 0 never rotates
	FileRotateCount int   // rotated files kept beside the current one
	QueueLimit      int64 // bytes
	Forward         Forward

	Warnings []string // properties that were read and have no effect here
}

// AnyProvider in AlertProviders lets every provider pass.
const AnyProvider = "*"

// Forward says where and how detections are forwarded.
type Forward struct {
	Receivers    []Receiver // in order of preference, never empty
	UnixPath     string     // when set, it is used instead of Receivers
	Tag          string
	SharedKey    string
	SelfHostname string // "" for the machine's name
	Username     string
	Password     string
	Gzip         bool
	TLS          ForwardTLS
}

// Receiver is one address to forward to.
type Receiver struct {
	Host string // a name or an address, without brackets
	Port uint16
}

// ForwardTLS is the transport's encryption.
type ForwardTLS struct {
	On         bool
	Verify     bool
	CAFile     string // "" for the system's
	CertFile   string
	KeyFile    string
	KeyPasswd  string
	ServerName string // "" for the receiver's host
}
