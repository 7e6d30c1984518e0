// SPDX-License-Identifier: Apache-2.0

// Package correlate remembers requests to web scripts, takes alerts that name script files, and makes detections of the
// two: who called the file, from where, how often, since when, with what.
//
// It is pure. Time comes with the records and as the wall argument; there is no I/O, no goroutine, no log. One goroutine
// at a time may use a Correlator.
//
//	c, _ := correlate.New(correlate.DefaultOptions(correlate.Windows))
//	c.AddRequest(&request, wall) // a request to /up/Shell.aspx/x on WEB01
//	c.AddAlert(&alert, wall)     // shell.aspx on WEB01.contoso.com
//	for _, d := range c.Take() { // one detection: Computer, SiteName, ShellLocation, AttackerIP
//		...
//	}
//
// Requests are filed under host, then script (the file that a reading of the URL names, correlate/script), then client
// (address, site, URL as logged). An alert becomes targets, a file on a host each. A target looks back over what is
// filed under its names, in steps that no flush waits for, and watches what comes until it ends. What a client's
// requests say is a detection; it goes out at once when it is new and again, as a revision, at most once an
// UpdateInterval.
//
// Clock: the greatest time of any record. Windows and expiry run on it alone, so logs of any year can be played.
//
// Memory: Options.MemoryLimit bounds all of it in bytes, tables and free room among strings included; Stats.Bytes is
// the account. A client of a script takes some 370 bytes on ordinary traffic. What goes first when the limit is reached
// stands in evict.go, in its order; Coverage of a detection says what that cost it.
package correlate
