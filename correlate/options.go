// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"errors"
	"fmt"
	"time"

	"webshell/correlate/script"
)

// Matching chooses how an alert's file and a request's URL are compared (SPEC section 2).
type Matching uint8

// The two ways to match.
const (
	Windows Matching = iota // as IIS and NTFS see names and URLs
	KQL                     // the Sentinel rule to the letter
)

// Options are the limits and windows of a Correlator. DefaultOptions gives working ones.
type Options struct {
	Matching         Matching
	Extensions       []string         // script_extensions, as has_any needles
	LogWindow        time.Duration    // how far back requests count
	AlertWindow      time.Duration    // how long an alert stays active
	UpdateInterval   time.Duration    // least wall time between revisions of one detection
	AlertDetections  int              // most detections an alert gets (Windows only)
	EvidenceRequests int              // requests shown in a detection
	SetLimit         int              // values kept of a set (Windows only)
	MemoryLimit      int64            // bytes of state, all hosts together
	ComputerName     string           // host of local alerts that name none
	PathMatch        script.PathMatch // the least that is reported; PathUnknown for any
	ReportUnmatched  bool             // also report alerts whose file nobody was seen to request
	Sites            Sites            // of the server ComputerName, nil without iis_config
	Products         Sites            // what Exchange and SharePoint look like on any server, nil for nothing
}

const (
	// MaxLogWindow bounds LogWindow: times are offsets in a 64-bit nanosecond clock and hours in 32 bits.
	MaxLogWindow = 10 * 366 * 24 * time.Hour
	// MinMemory is what the tables of a few hosts take before the first request.
	MinMemory = 1 << 20
	// firstClients of a script are a plain list and stay (SPEC section 7).
	firstClients = 16
	// firstRequests of a client are kept as evidence: where the upload or the first test shows.
	firstRequests = 5
	// maxSpellings of one script by one client; further ones share one (SPEC section 4).
	maxSpellings = 32
	// maxKeyBytes bounds host, site and client names: longer ones are no such name (DNS stops at 253).
	maxKeyBytes = 1024
	// maxStemBytes bounds a URL: HTTP.sys takes at most 65 534 bytes of a request field.
	maxStemBytes = 64 << 10
	// maxValueBytes of any other value are kept under Windows; the rest is cut and said in Truncated.
	maxValueBytes = 2 << 10
	// maxOtherScripts of a client are shown in a detection.
	maxOtherScripts = 50
	// futureSlack is how far ahead of the wall clock a record may be.
	futureSlack = 5 * time.Minute
)

// DefaultOptions are the product's defaults for m.
func DefaultOptions(m Matching) Options {
	o := Options{
		Matching:         m,
		Extensions:       script.Windows(),
		LogWindow:        7 * 24 * time.Hour, // lookback of the Sentinel rule
		AlertWindow:      7 * 24 * time.Hour, // so that who comes back is seen
		UpdateInterval:   time.Minute,
		AlertDetections:  1000,
		EvidenceRequests: 20,
		SetLimit:         64,
		MemoryLimit:      64 << 20,
	}
	if m == KQL {
		o.Extensions = script.KQL()
		o.AlertWindow = time.Hour // the rule's alertTimeWindow
	}
	return o
}

// validate names every option that is out of range.
func (o *Options) validate() error {
	var errs []error
	want := func(ok bool, name string, value any, wanted string) {
		if !ok {
			errs = append(errs, fmt.Errorf("%s %v: want %s", name, value, wanted))
		}
	}
	want(len(o.Extensions) > 0, "extensions", o.Extensions, "at least one")
	want(o.LogWindow >= time.Second && o.LogWindow <= MaxLogWindow, "log window", o.LogWindow, "1s to 10 years")
	want(o.AlertWindow >= time.Second && o.AlertWindow <= MaxLogWindow, "alert window", o.AlertWindow, "1s to 10 years")
	want(o.UpdateInterval >= 0, "update interval", o.UpdateInterval, "0 or more")
	want(o.AlertDetections > 0, "alert detections", o.AlertDetections, "1 or more")
	want(o.EvidenceRequests >= 0 && o.EvidenceRequests <= maxEvidence, "evidence requests", o.EvidenceRequests, "0 to 1000")
	want(o.SetLimit > 0 && o.SetLimit <= maxSetLimit, "set limit", o.SetLimit, "1 to 65536")
	want(o.MemoryLimit >= MinMemory, "memory limit", o.MemoryLimit, "1M or more")
	return errors.Join(errs...)
}

const (
	// maxEvidence keeps a detection readable and below what Log Analytics takes in a call.
	maxEvidence = 1000
	// maxSetLimit keeps a set's linear search short enough to be done in a flush.
	maxSetLimit = 1 << 16
)
