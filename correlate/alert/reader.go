// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"slices"

	"webshell/correlate"
)

// DefaultProvider is the ProviderName that the Sentinel rule asks for.
const DefaultProvider = "MDATP"

// AnyProvider in Options.Providers lets every provider pass.
const AnyProvider = "*"

// maxLevels bounds envelopes in envelopes and texts in texts: an Event Hub message in a page in a log line is three.
const maxLevels = 5

// MaxRecords is how many records one call of Read takes; the rest is refused as TooLarge. Pages hold some thousand.
const MaxRecords = 1 << 16

// Options say how records are read. The zero value reads as `matching windows` does, for DefaultProvider, without text.
type Options struct {
	KQL       bool     // read Sentinel rows to the letter of the rule
	Providers []string // alert_providers: names compared with case, AnyProvider for all; none means DefaultProvider
	LogKey    string   // key under which a record may hold JSON text; "" for none
}

// Reader turns records into alerts. It holds no state between calls, so any number of goroutines may share one.
type Reader struct {
	kql       bool
	providers []string
	anyone    bool
	logKey    string
}

// NewReader returns a reader for o.
func NewReader(o Options) *Reader {
	r := &Reader{kql: o.KQL, providers: slices.Clone(o.Providers), logKey: o.LogKey}
	if len(r.providers) == 0 {
		r.providers = []string{DefaultProvider}
	}
	r.anyone = slices.Contains(r.providers, AnyProvider)
	return r
}

// Read recognises record and calls emit for each alert in it, in the record's order. eventTime stands in where an
// alert has no time of its own. The alerts own their memory; emit may keep them.
func (r *Reader) Read(record any, eventTime correlate.Instant, emit func(*correlate.Alert)) Outcome {
	p := &pass{Reader: r, eventTime: eventTime, emit: emit}
	p.record(record, 0)
	return p.out
}

// allows reports whether alert_providers lets provider pass.
func (r *Reader) allows(provider string) bool {
	return r.anyone || slices.Contains(r.providers, provider)
}

// passTime notes the time of a record that is not read.
func (p *pass) passTime(m map[string]any, keys ...string) {
	if t, ok := when(m, keys...); ok {
		p.passInstant(t)
	}
}

// passInstant notes t, or the event's time where t is 0, of a record that is not used.
func (p *pass) passInstant(t correlate.Instant) {
	if t == 0 {
		t = p.eventTime
	}
	p.out.Latest = max(p.out.Latest, t)
}

// pass is one call of Read.
type pass struct {
	*Reader
	eventTime correlate.Instant
	emit      func(*correlate.Alert)
	out       Outcome
	records   int // taken so far
}

// take counts one more record and reports whether it may still be read.
func (p *pass) take() bool {
	p.records++
	if p.records == MaxRecords+1 {
		p.out.refuse(TooLarge)
	}
	return p.records <= MaxRecords
}

// refuseRecord counts one more record, which can't be read.
func (p *pass) refuseRecord(why Reason) {
	if p.take() {
		p.out.refuse(why)
	}
}

// record reads one decoded value that stands where a record may stand.
func (p *pass) record(v any, level int) {
	if level > maxLevels {
		p.out.refuse(TooDeep)
		return
	}
	switch v := v.(type) {
	case map[string]any:
		p.object(v, level)
	case []any:
		for _, e := range v {
			p.record(e, level+1)
		}
	case string:
		p.text(v, level+1)
	case []byte:
		p.text(string(v), level+1)
	default:
		p.refuseRecord(UnknownShape)
	}
}

// object reads a map: our own detection, an envelope, an alert, or a line with text under the log key.
func (p *pass) object(m map[string]any, level int) {
	if !p.take() {
		return
	}
	if IsDetection(m) {
		p.out.Detections++
		return
	}
	if list, ok := envelope(m); ok {
		p.record(list, level)
		return
	}
	shape := recognise(m)
	if shape == correlate.ShapeUnknown || shape == correlate.ShapePlain {
		if v, ok := p.logged(m, shape); ok {
			p.record(v, level+1)
			return
		}
	}
	p.read(shape, m)
}

// logged returns what the log key holds. Beside a plain alert's own `file` (which may be tail's path_key) it counts
// only when it is a structure or looks like JSON.
func (p *pass) logged(m map[string]any, shape correlate.Shape) (any, bool) {
	if p.logKey == "" {
		return nil, false
	}
	switch v := m[p.logKey].(type) {
	case map[string]any, []any:
		return v, true
	case string:
		return v, shape == correlate.ShapeUnknown || looksJSON(v)
	case []byte:
		return v, shape == correlate.ShapeUnknown || looksJSON(string(v))
	}
	return nil, false
}

// envelopeKeys are the members that hold a list of records: Event Hub messages, then OData pages.
var envelopeKeys = []string{"records", "value"}

// envelope returns the list of an envelope. Its members are objects, or texts of objects.
func envelope(m map[string]any) ([]any, bool) {
	for _, key := range envelopeKeys {
		list, ok := m[key].([]any)
		if !ok {
			continue
		}
		if len(list) == 0 {
			return list, true
		}
		switch list[0].(type) {
		case map[string]any, string:
			return list, true
		}
	}
	return nil, false
}
