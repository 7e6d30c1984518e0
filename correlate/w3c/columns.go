// SPDX-License-Identifier: Apache-2.0

package w3c

import (
	"bytes"
	"strings"

	"webshell/correlate"
)

// MaxColumns bounds a #Fields directive. IIS has 22 columns of its own; the rest are custom ones, of which
// its configuration takes far fewer.
const MaxColumns = 250

// maxFieldsLine bounds a #Fields directive in bytes, since its text is kept for each source. IIS's own, with all
// columns, has under 300.
const maxFieldsLine = 16 << 10

// noColumn is the index of a field that has no column.
const noColumn = 255

// defaultFields is what IIS 10 logs when nobody changed it.
const defaultFields = "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip " +
	"cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken"

// Columns is a compiled #Fields directive. It does not change and may be shared.
type Columns struct {
	at    [fieldCount]uint8 // the column of each field
	count int
	text  string // the names, one space between them
	opts  Options

	hasLead bool // date and time are the first columns and the stem comes behind them
	skip    int  // with hasLead: values between time and stem
	last    int  // the last column that Peek may need
}

// ParseFields compiles a #Fields directive, or the bare names of the columns. The names may be separated by
// any number of blanks and tabs. Of two columns of one name the first counts. o is copied and may be nil.
// What it returns keeps no part of line. The error is ErrFields.
func ParseFields(line []byte, o *Options) (*Columns, error) {
	line = trim(line)
	switch Directive(line) {
	case KindFields:
		line = line[len(fieldsWord):]
	case KindDate, KindOther:
		return nil, ErrFields
	}
	c := &Columns{}
	if o != nil {
		c.opts = *o
	}
	for i := range c.at {
		c.at[i] = noColumn
	}
	if len(line) > maxFieldsLine || !c.compile(line) {
		return nil, ErrFields
	}
	return c, nil
}

// DefaultColumns is IIS 10's own choice of columns.
func DefaultColumns(o *Options) *Columns {
	c, err := ParseFields([]byte(defaultFields), o)
	if err != nil {
		panic("BUG: IIS's default columns: " + err.Error())
	}
	return c
}

func (c *Columns) compile(list []byte) bool {
	var text strings.Builder
	for name := range bytes.FieldsFuncSeq(list, isBlank) {
		if c.count == MaxColumns {
			return false
		}
		if c.count > 0 {
			text.WriteByte(' ')
		}
		text.Write(name)
		if f := c.opts.FieldOf(name); f != Other && c.at[f] == noColumn {
			c.at[f] = uint8(c.count)
		}
		c.count++
	}
	c.text = text.String()
	c.plan()
	return c.count > 0
}

// plan works out how far Peek has to read.
func (c *Columns) plan() {
	stem := c.at[URIStem]
	c.hasLead = c.at[Date] == 0 && c.at[Time] == 1 && stem > 1 && stem != noColumn
	c.skip = int(stem) - 2
	for _, f := range []Field{Date, Time, TimeGenerated, URIStem} {
		if at := c.at[f]; at != noColumn {
			c.last = max(c.last, int(at))
		}
	}
}

// Has reports whether there is a column f.
func (c *Columns) Has(f Field) bool { return f < fieldCount && c.at[f] != noColumn }

// Count is the number of columns, 1 to MaxColumns.
func (c *Columns) Count() int { return c.count }

// Equal reports whether both, compiled with the same Options, read every line alike and name the same columns,
// whatever the case of the names.
func (c *Columns) Equal(d *Columns) bool {
	if c == nil || d == nil || c == d {
		return c == d
	}
	return c.at == d.at && c.count == d.count && equalFold(c.text, d.text)
}

// String is the directive, "#Fields: date time ...", which ParseFields reads back to an Equal one.
func (c *Columns) String() string { return "#Fields: " + c.text }

// Plausible reports whether a request that was split by columns that are only guessed looks like one: the
// server's and the client's address and the status are there and are what they should be.
func Plausible(req *correlate.Request) bool {
	server, _ := addressOf(req.ServerIP)
	client, _ := addressOf(req.ClientIP)
	s := req.Status
	return server.IsValid() && client.IsValid() && len(s) == 3 && s[0] >= '1' && s[0] <= '9' && number(s) > 0
}

func isBlank(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' }

// equalFold compares without the case of ASCII letters, and of nothing else.
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(b byte) byte {
	if b >= 'A' && b <= 'Z' {
		b += 'a' - 'A'
	}
	return b
}
