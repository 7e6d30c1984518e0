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
	time    Instant
	written uint32              // of a visit that was decoded: bits of the columns that were written
	vals    [columnCount]uint64 // 0 is absent
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
		}
		token = token*10 + uint64(c)
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

// textColumns are the bits of columns that can hold a text.
const textColumns = (1<<columnCount - 1) &^ (1<<0 | 1<<3 | 1<<4)

// eachText calls f for the id of every text among the values in columns.
func eachText(columns uint32, vals *[columnCount]uint64, f func(textID)) {
	for columns &= textColumns; columns != 0; columns &= columns - 1 {
		c := columnAt[bits.TrailingZeros32(columns)]
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
	colTimeTaken, colQuery, colStatus, colBytesSent, colBytesReceived, colMethod, colReferer, colUserAgent, colCookie,
	colWin32, colSubStatus, colUserName, colHost, colServerIP, colPort, colProxyIP, colStem,
}

const (
	allColumns = 1<<columnCount - 1
	// varying are the bits of the columns that differ between the requests of one client.
	varying = 1<<6 - 1
)

// differing gives the bits, of those in columns, of the columns in which v is not like first.
func differing(v, first *visit, columns uint32) (differ uint32) {
	for m := columns; m != 0; m &= m - 1 {
		if c := columnAt[bits.TrailingZeros32(m)]; v.vals[c] != first.vals[c] {
			differ |= m & -m
		}
	}
	return differ
}

// appendVisit encodes v behind dst by the columns in which it differs from the first visit; last is the time of the
// visit before, 0 for the first visit itself.
func appendVisit(dst []byte, v *visit, columns uint32, last Instant) []byte {
	sec, nsec := splitInstant(v.time)
	lastSec, _ := splitInstant(last)
	head := uint64(columns) << 1
	if nsec != 0 {
		head |= 1
	}
	dst = binary.AppendUvarint(dst, head)
	dst = binary.AppendVarint(dst, sec-lastSec)
	if nsec != 0 {
		dst = binary.AppendUvarint(dst, uint64(nsec))
	}
	for m := columns; m != 0; m &= m - 1 {
		dst = binary.AppendUvarint(dst, v.vals[columnAt[bits.TrailingZeros32(m)]])
	}
	return dst
}

// nextVisit decodes the first visit of b into v, which holds the values of the first of all and the time of the visit
// before, and gives what follows in b.
func nextVisit(b []byte, v *visit) (rest []byte) { return nextColumns(b, v, allColumns) }

// nextColumns is nextVisit for the lowest bits of the columns; the rest begins behind the last of them.
func nextColumns(b []byte, v *visit, columns uint32) (rest []byte) {
	head, b := uvarint(b)
	delta, b := uvarint(b)
	sec, _ := splitInstant(v.time)
	v.time = Instant((sec + (int64(delta>>1) ^ -int64(delta&1))) * 1e9)
	if head&1 != 0 {
		var nsec uint64
		nsec, b = uvarint(b)
		v.time += Instant(nsec)
	}
	v.written = uint32(head >> 1)
	for m := v.written & columns; m != 0; m &= m - 1 {
		v.vals[columnAt[bits.TrailingZeros32(m)]], b = uvarint(b)
	}
	return b
}

// uvarint takes a number off b; nearly all are of one or two bytes.
func uvarint(b []byte) (n uint64, rest []byte) {
	if b[0] < 0x80 {
		return uint64(b[0]), b[1:]
	}
	if b[1] < 0x80 {
		return uint64(b[0]&0x7F) | uint64(b[1])<<7, b[2:]
	}
	n, size := binary.Uvarint(b)
	return n, b[size:]
}

func decodeVisits(dst []visit, encoded []byte) []visit {
	if len(encoded) == 0 {
		return dst
	}
	first := len(dst)
	dst = append(dst, visit{})
	encoded = nextVisit(encoded, &dst[first])
	for last := dst[first].time; len(encoded) > 0; {
		dst = append(dst, dst[first])
		v := &dst[len(dst)-1]
		v.time = last
		encoded = nextVisit(encoded, v)
		last = v.time
	}
	return dst
}

// encodeVisits calls hold for the id of every text that it writes.
func encodeVisits(dst []byte, visits []visit, hold func(textID)) (encoded []byte, last Instant) {
	first := &visit{}
	for i := range visits {
		v := &visits[i]
		columns := differing(v, first, allColumns)
		dst = appendVisit(dst, v, columns, last)
		eachText(columns, &v.vals, hold)
		first, last = &visits[0], v.time
	}
	return dst, last
}

// eachHeld calls f for the id of every text that encoded visits are a user of.
func eachHeld(encoded []byte, f func(textID)) {
	if len(encoded) == 0 {
		return
	}
	var first visit
	encoded = nextVisit(encoded, &first)
	eachText(first.written, &first.vals, f)
	for v := first; len(encoded) > 0; {
		v.vals = first.vals
		encoded = nextVisit(encoded, &v)
		eachText(v.written, &v.vals, f)
	}
}

func splitInstant(i Instant) (sec, nsec int64) {
	sec, nsec = int64(i)/1e9, int64(i)%1e9
	if nsec < 0 {
		sec, nsec = sec-1, nsec+1e9
	}
	return sec, nsec
}
