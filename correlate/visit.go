// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"encoding/binary"
	"math/bits"
	"strconv"
)

// A visit is one remembered request of a client: its time and a number for each column. Visits are kept as bytes,
// one after another, so that a million clients cost few objects and little memory:
//
//	uvarint  1 bit whether the time has a fraction, then one bit a column that is there
//	varint   seconds since the visit before (the first one: since 1970), then uvarint nanoseconds if there
//	uvarint  for each column that is there
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

// eachText calls f for the id of every text that v holds.
func (v *visit) eachText(f func(textID)) {
	for c := column(0); c < firstToken; c++ {
		if v.vals[c] != 0 {
			f(textID(v.vals[c]))
		}
	}
	for c := firstToken; c < firstNumber; c++ {
		if v.vals[c]&1 == 1 {
			f(textID(v.vals[c] >> 1))
		}
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

// appendVisit encodes v behind dst; last is the time of the visit before, 0 for the first.
func appendVisit(dst []byte, v *visit, last Instant) []byte {
	mask := uint64(0)
	for c, val := range v.vals {
		if val != 0 {
			mask |= 2 << c
		}
	}
	sec, nsec := splitInstant(v.time)
	if nsec != 0 {
		mask |= 1
	}
	lastSec, _ := splitInstant(last)
	dst = binary.AppendUvarint(dst, mask)
	dst = binary.AppendVarint(dst, sec-lastSec)
	if nsec != 0 {
		dst = binary.AppendUvarint(dst, uint64(nsec))
	}
	for m := mask >> 1; m != 0; m &= m - 1 {
		dst = binary.AppendUvarint(dst, v.vals[bits.TrailingZeros64(m)])
	}
	return dst
}

// nextVisit decodes the first visit of b, whose predecessor was at last, and gives what follows it.
func nextVisit(b []byte, last Instant, v *visit) []byte {
	mask, n := binary.Uvarint(b)
	b = b[n:]
	delta, n := binary.Varint(b)
	b = b[n:]
	sec, _ := splitInstant(last)
	v.time = Instant((sec + delta) * 1e9)
	if mask&1 != 0 {
		nsec, n := binary.Uvarint(b)
		b = b[n:]
		v.time += Instant(nsec)
	}
	v.vals = [columnCount]uint64{}
	for m := mask >> 1; m != 0; m &= m - 1 {
		val, n := binary.Uvarint(b)
		b = b[n:]
		v.vals[bits.TrailingZeros64(m)] = val
	}
	return b
}

func splitInstant(i Instant) (sec, nsec int64) {
	sec, nsec = int64(i)/1e9, int64(i)%1e9
	if nsec < 0 {
		sec, nsec = sec-1, nsec+1e9
	}
	return sec, nsec
}
