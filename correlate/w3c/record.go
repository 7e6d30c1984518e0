// SPDX-License-Identifier: Apache-2.0

package w3c

import (
	"strconv"

	"webshell/correlate"
)

// Record gathers the values of one keyed record: Reset, Set for each pair, Request. Reuse one Record for many.
// The zero value is ready; it is not safe for use by two goroutines.
type Record struct {
	set    uint32 // a bit for each field that was set
	values [fieldCount][]byte
	digits [fieldCount][intLen]byte

	clock clock
}

// intLen is the longest decimal int64.
const intLen = len("-9223372036854775808")

// Reset forgets all values and lets go of their memory.
func (r *Record) Reset() {
	r.set = 0
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
		r.values[f] = decimal(&r.digits[f], n)
	}
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

// Request fills req. The values are views of those that were set, and of r for those set by SetInt: they are
// good until r's next Reset. o may be nil. eventTime stands in where the record gives no time; 0 when there is none.
// A record has no #Date, so a time without a date does not count, but it must be readable.
//
// Errors: ErrNoStem; ErrDate, ErrTime, ErrNoTime. req is then as it was.
func (r *Record) Request(o *Options, eventTime correlate.Instant, req *correlate.Request) error {
	v := &r.values
	if !isThere(v[URIStem]) {
		return ErrNoStem
	}
	at, err := r.clock.resolve(&stamp{v[Date], v[Time], v[TimeGenerated], eventTime}, nil)
	if err != nil {
		return err
	}
	req.Time = at
	req.HostName = host(v[ComputerName], v[Computer])
	req.SiteName = orNil(v[SiteName])
	req.Method = v[Method]
	req.URIStem = v[URIStem]
	req.URIQuery = v[URIQuery]
	req.Status = v[Status]
	req.SubStatus = v[SubStatus]
	req.Win32 = v[Win32Status]
	req.UserAgent = v[UserAgent]
	req.Cookie = v[Cookie]
	req.Referer = v[Referer]
	req.UserName = v[UserName]
	req.Host = v[Host]
	req.ServerIP = v[ServerIP]
	req.Port = v[Port]
	req.BytesSent = number(v[BytesSent])
	req.BytesReceived = number(v[BytesReceived])
	req.TimeTaken = number(v[TimeTaken])
	req.ClientIP, req.ProxyIP = v[ClientIP], nil
	if r.Has(ClientIPHeader) && o != nil {
		req.ClientIP, req.ProxyIP = o.client(v[ClientIPHeader], v[ClientIP])
	}
	return nil
}
