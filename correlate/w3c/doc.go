// SPDX-License-Identifier: Apache-2.0

// Package w3c turns what IIS logs into correlate.Request, without copying and
// without allocating: raw lines of a W3C extended log (Line, with the Columns of
// its #Fields), and records whose keys are column names (Record).
//
// The format is that of the W3C working draft "Extended Log File Format"
// (WD-logfile-960323) as IIS writes it: values separated by exactly one space, no
// quoting, "-" for a value that is empty, lines that begin with "#" as directives,
// times in UTC. Two spaces stand for an empty value between them. Blanks, CR and LF
// at the end of a line and a byte order mark at its start are not part of it.
//
// # Values
//
// A value is handed on as logged. Nil means that there is no such column; a column
// that is there gives a value that is not nil, and "-" stays "-": the matching
// decides what it means. Where this package itself decides, "-" and the empty value
// mean absent:
//
//   - cs-uri-stem: such a request is refused (ErrNoStem), since it calls no script;
//   - s-computername, then Computer: HostName stays nil when neither names a host;
//   - s-sitename: SiteName stays nil (SiteFromPath may help);
//   - date, time and TimeGenerated, see below;
//   - sc-bytes, cs-bytes, time-taken: -1, as for anything that is not a number in
//     0 to 2^63-1;
//   - the column of Options.ClientIPField.
//
// # Time
//
// A request's time is date and time; with time alone, the day that the last #Date
// directive named (Line.Date); else TimeGenerated; else the time of the event that
// carried it. Only an absent one is replaced by the next: what is there, is needed
// and can't be read refuses the request (ErrDate, ErrTime).
package w3c
