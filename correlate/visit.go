// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"encoding/binary"
	"math/bits"
	"strconv"
)

// A visit is one remembered request of a client: its time and a number for each column. Visits are kept as bytes,
// one after another, so that a million clients cost few objects and little memory. A client's requests are much
// alike: each but the first is kept as what differs from the first.
//
//	uvarint  1 bit whether the time has a fraction, then one bit a column that differs (of the first: that is there)
//	varint   seconds since the visit before (the first one: since 1970), then uvarint nanoseconds if there
//	uvarint  for each such column, 0 where it is absent
//
// A text has one user for each time that its id is written.
type visit struct {
	time Instant
	vals [columnCount]uint64 // 0 is absent
}

// column is a value of a visit. The first ones are texts, then tokens, then numbers plus one.
type column uint8

const (
	colStem column = iota // URL of a shared spelling, absent where it is the client's own
	colMethod
	colUserAgent
	colQuery
	colReferer
	colCookie
	colUserName
	colHost
	colServerIP
	colProxyIP

	colStatus // tokens from here
	colPort
	colSubStatus
	colWin32

	colTimeTaken // numbers from here
	colBytesSent
	colBytesReceived
	columnCount

	firstToken  = colStatus
	firstNumber = colTimeTaken
)

const maxVisitBytes = 4 + 2*binary.MaxVarintLen64 + int(columnCount)*binary.MaxVarintLen64

// A token is a value that is nearly always a small decimal number, such as a status: an even one holds the number,
// an odd one the id of a text.
func tokenNumber(b []byte) (token uint64, ok bool) {
	if len(b) == 0 || len(b) > 9 || (b[0] == '0' && len(b) > 1) {
		return 0, false // only what would be printed the same
	}
	for _, c := range b {
		if c -= '0'; c > 9 {
			return 0, false
		} else {
			token = token*10 + uint64(c)
		}
	}
	return token<<1 + 2, true
}

func tokenText(id textID) uint64 { return uint64(id)<<1 | 1 }

func (t *texts) token(token uint64) string {
	switch {
	case token == 0:
		return ""
	case token&1 == 1:
		return t.get(textID(token >> 1))
	default:
		return strconv.FormatUint(token>>1-1, 10)
	}
}

// eachText calls f for the id of every text among the values.
func eachText(columns uint64, vals *[columnCount]uint64, f func(textID)) {
	for ; columns != 0; columns &= columns - 1 {
		c := columnAt[bits.TrailingZeros64(columns)]
		if id := textOf(c, vals[c]); id != 0 {
			f(id)
		}
	}
}

// textOf is the id of the text that a column's value stands for, 0 where it is a number.
func textOf(col column, val uint64) textID {
	switch {
	case col < firstToken:
		return textID(val)
	case col < firstNumber && val&1 == 1:
		return textID(val >> 1)
	default:
		return 0
	}
}

// class is the first digit of the status, 0 where it has none from 1 to 9.
func (v *visit) class(t *texts) int {
	token := v.vals[colStatus]
	if token&1 == 1 {
		if s := t.get(textID(token >> 1)); len(s) == 3 && s[0] >= '1' && s[0] <= '9' {
			return int(s[0] - '0')
		}
		return 0
	}
	if n := token >> 1; n >= 101 && n <= 1000 {
		return int(n-1) / 100
	}
	return 0
}

// number is the value of a number column, -1 when absent.
func (v *visit) number(c column) int64 { return int64(v.vals[c]) - 1 }

// columnAt gives the columns in the order of their bits, those that differ most often first: then the bits fit a byte.
var columnAt = [columnCount]column{
	colTimeTaken, colQuery, colStatus, colBytesSent, colBytesReceived, colReferer, colUserAgent, colCookie, colMethod,
	colWin32, colSubStatus, colUserName, colHost, colServerIP, colPort, colProxyIP, colStem,
}

// appendVisit encodes v behind dst, as what differs from first; last is the time of the visit before. Both are zero
// for the first visit itself.
func appendVisit(dst []byte, v, first *visit, last Instant) []byte {
	columns := uint64(0)
	for i, c := range columnAt {
		if v.vals[c] != first.vals[c] {
			columns |= 1 << i
		}
	}
	sec, nsec := splitInstant(v.time)
	lastSec, _ := splitInstant(last)
	fraction := uint64(0)
	if nsec != 0 {
		fraction = 1
	}
	dst = binary.AppendUvarint(dst, columns<<1|fraction)
	dst = binary.AppendVarint(dst, sec-lastSec)
	if nsec != 0 {
		dst = binary.AppendUvarint(dst, uint64(nsec))
	}
	for ; columns != 0; columns &= columns - 1 {
		dst = binary.AppendUvarint(dst, v.vals[columnAt[bits.TrailingZeros64(columns)]])
	}
	return dst
}

// nextVisit decodes the first visit of b into v, which holds the values of the first of all and the time of the visit
// before. It gives what follows in b, and the columns that were written.
func nextVisit(b []byte, v *visit) (rest []byte, columns uint64) {
	head, n := binary.Uvarint(b)
	b = b[n:]
	delta, n := binary.Varint(b)
	b = b[n:]
	sec, _ := splitInstant(v.time)
	v.time = Instant((sec + delta) * 1e9)
	if head&1 != 0 {
		nsec, n := binary.Uvarint(b)
		b = b[n:]
		v.time += Instant(nsec)
	}
	for m := head >> 1; m != 0; m &= m - 1 {
		val, n := binary.Uvarint(b)
		b = b[n:]
		v.vals[columnAt[bits.TrailingZeros64(m)]] = val
	}
	return b, head >> 1
}

func decodeVisits(dst []visit, encoded []byte) []visit {
	if len(encoded) == 0 {
		return dst
	}
	var first visit
	encoded, _ = nextVisit(encoded, &first)
	dst = append(dst, first)
	for last := first.time; len(encoded) > 0; {
		dst = append(dst, visit{last, first.vals})
		v := &dst[len(dst)-1]
		encoded, _ = nextVisit(encoded, v)
		last = v.time
	}
	return dst
}

func encodeVisits(dst []byte, visits []visit) (encoded []byte, last Instant) {
	first := &visit{}
	for i := range visits {
		dst = appendVisit(dst, &visits[i], first, last)
		first, last = &visits[0], visits[i].time
	}
	return dst, last
}

// eachHeld calls f for the id of every text that encoded visits are a user of.
func eachHeld(encoded []byte, f func(textID)) {
	if len(encoded) == 0 {
		return
	}
	var first visit
	encoded, columns := nextVisit(encoded, &first)
	eachText(columns, &first.vals, f)
	for v := first; len(encoded) > 0; {
		v.vals = first.vals
		encoded, columns = nextVisit(encoded, &v)
		eachText(columns, &v.vals, f)
	}
}

func splitInstant(i Instant) (sec, nsec int64) {
	sec, nsec = int64(i)/1e9, int64(i)%1e9
	if nsec < 0 {
		sec, nsec = sec-1, nsec+1e9
	}
	return sec, nsec
}
