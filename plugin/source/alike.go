// SPDX-License-Identifier: Apache-2.0

package source

import "webshell/plugin/chunk"

// alike knows the latest record with a raw line: the next one nearly always differs from it in line and offset alone,
// and then what stands beside the line has been read already.
type alike struct {
	stencil   chunk.Stencil
	origin    *origin
	host      []byte
	hasOffset bool
}

// maxOffset is the largest offset of a line: no file is larger, and what is added to it does not overflow.
const maxOffset = 1 << 60

// learn takes a record that was read in full.
func (a *alike) learn(opt *Options, body chunk.Map, o *origin, in *rawLine) {
	a.hasOffset = opt.OffsetKey != ""
	if a.hasOffset != (in.offset != noOffset) || !a.stencil.Learn(body, opt.OffsetKey, opt.LogKey) {
		a.forget()
		return
	}
	a.origin, a.host = o, in.host
}

// match fills in for a record like the one that was learned and gives its source, nil where it is another. The line
// is then one that a request may stand in.
func (a *alike) match(ev *chunk.Event, in *rawLine) *origin {
	if !ev.IsAlike || ev.Number > maxOffset || !isPlainStart(ev.Text) || ev.Text[0] == '{' {
		return nil
	}
	in.text, in.host, in.offset = ev.Text, a.host, noOffset
	if a.hasOffset {
		in.offset = int64(ev.Number)
	}
	return a.origin
}

// forget lets go of the record.
func (a *alike) forget() {
	a.stencil.Forget()
	a.origin, a.host = nil, nil
}
