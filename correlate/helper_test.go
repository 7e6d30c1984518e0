// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"testing"
	"time"
)

// day is when the tests take place.
var day = At(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC))

// at is a time of that day, in seconds.
func at(seconds int) Instant { return day.Add(time.Duration(seconds) * time.Second) }

// clock gives a time of the day.
func clock(hours, minutes, seconds int) Instant { return at(hours*3600 + minutes*60 + seconds) }

func newCorrelator(t testing.TB, m Matching, change func(*Options)) *Correlator {
	t.Helper()
	o := DefaultOptions(m)
	if change != nil {
		change(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// get is an ordinary request.
func get(t Instant, host, ip, stem, status string) *Request {
	return &Request{
		Time: t, HostName: []byte(host), SiteName: []byte("W3SVC1"), ClientIP: []byte(ip), Method: []byte("GET"),
		URIStem: []byte(stem), Status: []byte(status), BytesSent: -1, BytesReceived: -1, TimeTaken: -1,
	}
}

// alertOn is an alert that names one file on one host.
func alertOn(t Instant, id, host, file string) *Alert {
	return &Alert{
		Shape: ShapeSentinel, ID: id, Provider: "MDATP", Time: t, IsCloud: true,
		Files: []FileEntity{{Name: file, Host: NoHost, Listed: true}},
		Hosts: []HostEntity{{HostName: host, Listed: true}},
	}
}

// mustHold fails the test when the tree disagrees with itself.
func mustHold(t testing.TB, c *Correlator) {
	t.Helper()
	if err := checkInvariants(c); err != nil {
		t.Fatalf("invariants: %v", err)
	}
}
