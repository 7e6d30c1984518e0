// SPDX-License-Identifier: Apache-2.0

package w3c

import "webshell/correlate"

// Line reads raw lines in two steps, so that a line whose URL is of no interest costs little: Peek gives the
// URL and the time, Split the rest. Reuse one Line for many lines, of any columns. The zero value is ready;
// it is not safe for use by two goroutines.
type Line struct {
	// Stem is cs-uri-stem as logged: a view of the line that Peek was given.
	Stem []byte
	// Time is the request's time.
	Time correlate.Instant

	// Event is the timestamp of the event that carries the line. Set it before Peek; 0 when there is none.
	Event correlate.Instant
	// Days holds the day of lines that have a time alone. Set it before Peek to what is known of the line's
	// source, and keep what Peek leaves there.
	Days

	line   []byte
	clock  clock
	starts starts
}

// Peek reads what it takes to know the URL and the time. It does not count the values behind these. A line
// that is blank or a directive is not for Peek (see Directive).
//
// Errors: ErrLong; ErrColumns when the line ends too early; ErrDate, ErrTime, ErrNoTime; ErrNoStem.
func (l *Line) Peek(c *Columns, line []byte) error {
	if len(line) > MaxLine {
		return ErrLong
	}
	line = trim(line)
	l.line = line
	if !c.hasLead || len(line) <= leadLen {
		return l.peekAny(c)
	}
	at, ok := l.clock.readLead(line)
	if !ok {
		return l.peekAny(c)
	}
	from := leadLen
	if c.skip > 0 {
		if from = skipValues(line, leadLen, c.skip); from < 0 {
			return ErrColumns
		}
	}
	l.Time = at
	l.Stem = line[from:valueEnd(line, from)]
	if !isThere(l.Stem) {
		return ErrNoStem
	}
	return nil
}

// peekAny is Peek for columns in any order and for lines that do not begin with a good date and time.
func (l *Line) peekAny(c *Columns) error {
	if l.starts.mark(l.line, c.last+1) <= c.last {
		return ErrColumns
	}
	at, err := l.clock.resolve(&stamp{
		date:      l.value(c.at[Date]),
		clock:     l.value(c.at[Time]),
		generated: l.value(c.at[TimeGenerated]),
		event:     l.Event,
	}, &l.Days)
	if err != nil {
		return err
	}
	l.Time = at
	if l.Stem = l.value(c.at[URIStem]); !isThere(l.Stem) {
		return ErrNoStem
	}
	return nil
}

// Split fills req from the line that Peek took without an error, by the same columns. The values are views of
// that line. The error is ErrColumns, and req is then as it was.
func (l *Line) Split(c *Columns, req *correlate.Request) error {
	if l.starts.mark(l.line, c.count) != c.count {
		return ErrColumns
	}
	at := &c.at
	req.Time = l.Time
	req.HostName = host(l.value(at[ComputerName]), l.value(at[Computer]))
	req.SiteName = orNil(l.value(at[SiteName]))
	req.Method = l.value(at[Method])
	req.URIStem = l.value(at[URIStem])
	req.URIQuery = l.value(at[URIQuery])
	req.Status = l.value(at[Status])
	req.SubStatus = l.value(at[SubStatus])
	req.Win32 = l.value(at[Win32Status])
	req.UserAgent = l.value(at[UserAgent])
	req.Cookie = l.value(at[Cookie])
	req.Referer = l.value(at[Referer])
	req.UserName = l.value(at[UserName])
	req.Host = l.value(at[Host])
	req.ServerIP = l.value(at[ServerIP])
	req.Port = l.value(at[Port])
	req.BytesSent = number(l.value(at[BytesSent]))
	req.BytesReceived = number(l.value(at[BytesReceived]))
	req.TimeTaken = number(l.value(at[TimeTaken]))
	req.ClientIP, req.ProxyIP = l.value(at[ClientIP]), nil
	if header := at[ClientIPHeader]; header != noColumn {
		req.ClientIP, req.ProxyIP = c.opts.client(l.value(header), req.ClientIP)
	}
	return nil
}

// Release forgets the line, so that nothing points into its memory any more. What was read of the time stays.
func (l *Line) Release() { l.line, l.Stem = nil, nil }

func (l *Line) value(column uint8) []byte {
	if column == noColumn {
		return nil
	}
	return l.line[l.starts[column] : l.starts[int(column)+1]-1]
}

// host is the first of two names that is there.
func host(computerName, computer []byte) []byte {
	if isThere(computerName) {
		return computerName
	}
	return orNil(computer)
}

func orNil(v []byte) []byte {
	if !isThere(v) {
		return nil
	}
	return v
}
