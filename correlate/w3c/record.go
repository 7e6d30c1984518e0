// SPDX-License-Identifier: Apache-2.0

package w3c

import (
	"strconv"

	"webshell/correlate"
)

// Record gathers the values of one keyed record: Reset, Set for each pair, then Peek for what it takes to know whether
// the record is of interest, and Request for all of it. Reuse one Record for many. The zero value is ready; it is not
// safe for use by two goroutines.
type Record struct {
	// Stem is cs-uri-stem as logged, and Time the request's time: what Peek found.
	Stem []byte
	Time correlate.Instant

	set    uint32 // a bit for each field that was set
	isInt  uint32 // a bit for each of them whose value is in ints
	values [fieldCount][]byte
	ints   [fieldCount]int64
	digits [fieldCount][intLen]byte // of ints, once they are wanted

	clock clock
}

// intLen is the longest decimal int64.
const intLen = len("-9223372036854775808")

// Reset forgets all values and lets go of their memory.
func (r *Record) Reset() {
	r.Stem, r.Time, r.set, r.isInt = nil, 0, 0, 0
	r.values = [fieldCount][]byte{}
}

// Set notes a value as logged, a view that must live until Request's result was used. Of two values of one
// field the first counts. Other and nil (absent) are ignored.
func (r *Record) Set(f Field, v []byte) {
	if r.isFree(f) && v != nil {
		r.set |= 1 << f
		r.values[f] = v
	}
}

// SetInt is Set for a value that came as an integer.
func (r *Record) SetInt(f Field, n int64) {
	if r.isFree(f) {
		r.set |= 1 << f
		r.isInt |= 1 << f
		r.ints[f] = n
	}
}

// text gives a value as it would be logged, nil when it is absent.
func (r *Record) text(f Field) []byte {
	if r.isInt&(1<<f) != 0 {
		return decimal(&r.digits[f], r.ints[f])
	}
	return r.values[f]
}

// number gives a value as a number, -1 when it is none.
func (r *Record) number(f Field) int64 {
	if r.isInt&(1<<f) != 0 {
		return max(r.ints[f], -1)
	}
	return number(r.values[f])
}

// decimal writes n at the end of b. Small numbers, as nearly all are, take a few steps.
func decimal(b *[intLen]byte, n int64) []byte {
	if n < 0 {
		return strconv.AppendInt(b[:0], n, 10)
	}
	i := len(b) - 1
	for ; n >= 10; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	b[i] = byte('0' + n)
	return b[i:]
}

// Has reports whether f was set.
func (r *Record) Has(f Field) bool { return r.set&(1<<f) != 0 }

func (r *Record) isFree(f Field) bool { return f != Other && f < fieldCount && r.set&(1<<f) == 0 }

// Peek reads what it takes to know the URL and the time. eventTime stands in where the record gives no time; 0 when
// there is none. A record has no #Date, so a time without a date does not count, but it must be readable.
//
// Errors: ErrNoStem; ErrDate, ErrTime, ErrNoTime.
func (r *Record) Peek(eventTime correlate.Instant) error {
	stem := r.text(URIStem)
	if !isThere(stem) {
		return ErrNoStem
	}
	at, err := r.clock.resolve(&stamp{r.text(Date), r.text(Time), r.text(TimeGenerated), eventTime}, nil)
	if err != nil {
		return err
	}
	r.Stem, r.Time = stem, at
	return nil
}

// Request fills req from the record that Peek took without an error. The values are views of those that were set, and
// of r for those set by SetInt: they are good until r's next Reset. o may be nil.
func (r *Record) Request(o *Options, req *correlate.Request) {
	req.Time = r.Time
	req.URIStem = r.Stem
	req.HostName = host(r.text(ComputerName), r.text(Computer))
	req.SiteName = orNil(r.text(SiteName))
	req.Method = r.text(Method)
	req.URIQuery = r.text(URIQuery)
	req.Status = r.text(Status)
	req.SubStatus = r.text(SubStatus)
	req.Win32 = r.text(Win32Status)
	req.UserAgent = r.text(UserAgent)
	req.Cookie = r.text(Cookie)
	req.Referer = r.text(Referer)
	req.UserName = r.text(UserName)
	req.Host = r.text(Host)
	req.ServerIP = r.text(ServerIP)
	req.Port = r.text(Port)
	req.BytesSent = r.number(BytesSent)
	req.BytesReceived = r.number(BytesReceived)
	req.TimeTaken = r.number(TimeTaken)
	req.ClientIP, req.ProxyIP = r.text(ClientIP), nil
	if r.Has(ClientIPHeader) && o != nil {
		req.ClientIP, req.ProxyIP = o.client(r.text(ClientIPHeader), req.ClientIP)
	}
}
