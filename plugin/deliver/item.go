// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"bytes"

	"webshell/correlate"
	"webshell/plugin/format"
)

// Item is one revision of a detection, formatted once for all outputs. It is never changed after it was made.
type Item struct {
	ID       string            // DetectionId
	Revision int64             // as the engine counts them
	Time     correlate.Instant // TimeGenerated
	First    bool              // the engine made no revision before

	Create []byte // one JSON object: for an output that acknowledged nothing of this detection yet
	Update []byte // for one that did; the same slice as Create where the format makes no difference
}

// newItem formats d.
func newItem(f format.Formatter, d *correlate.Detection, scratch []byte) (*Item, []byte) {
	it := &Item{ID: d.ID, Revision: d.Revision, Time: d.TimeGenerated, First: d.First}
	as := *d
	as.First = true
	scratch = f.Append(scratch[:0], &as)
	it.Create, it.Update = bytes.Clone(scratch), nil
	as.First = false
	scratch = f.Append(scratch[:0], &as)
	if bytes.Equal(it.Create, scratch) {
		it.Update = it.Create
		return it, scratch
	}
	it.Update = bytes.Clone(scratch)
	return it, scratch
}

// newer reports whether it is a later revision than other: by time, then by number, since a loss of state starts the
// numbers again (SPEC section 4).
func (it *Item) newer(other *Item) bool {
	if it.Time != other.Time {
		return it.Time > other.Time
	}
	return it.Revision > other.Revision
}

// bytes is what it costs the queue, however many outputs wait for it.
func (it *Item) bytes() int64 {
	n := len(it.ID) + len(it.Create) + itemOverhead
	if len(it.Update) > 0 && &it.Update[0] != &it.Create[0] {
		n += len(it.Update)
	}
	return int64(n)
}

// Delivery is an item on its way to one output.
type Delivery struct {
	Item  *Item
	First bool // the output acknowledged no revision of this detection yet
	slot  *slot
}

// Line is the JSON object to send, without a newline.
func (d *Delivery) Line() []byte {
	if d.First {
		return d.Item.Create
	}
	return d.Item.Update
}
