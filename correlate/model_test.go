// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"webshell/correlate/script"
)

func randomBytes(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// TestWorldURLs holds the table that the model goes by against the readings.
func TestWorldURLs(t *testing.T) {
	ext, err := script.NewExtensions(script.Windows())
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range worldURLs {
		var names []string
		for _, r := range script.Readings(nil, []byte(u.stem), ext) {
			names = append(names, string(script.Fold(nil, r.Name)))
		}
		if want := u.names; want != nil && !slices.Equal(names, want) {
			t.Errorf("%s can mean %q, the table says %q", u.stem, names, want)
		}
	}
}

// duel runs the engine and the model side by side.
type duel struct {
	d *driver
	c *Correlator
	m *model
}

func newDuel(data []byte) (*duel, error) {
	d := &driver{data: data}
	o := d.options()
	o.AlertDetections = 1 << 20
	if d.isWide {
		o.MemoryLimit = MinMemory
	}
	if d.isSummed {
		o.EvidenceRequests, o.SetLimit = 6, 64
	} else {
		o.EvidenceRequests, o.SetLimit = maxEvidence, 64
	}
	d.isWide = false
	c, err := New(o)
	if err != nil {
		return nil, err
	}
	return &duel{d, c, &model{opt: o, alerts: map[string]*modelAlert{}}}, nil
}

// step does the next operation on both sides and tells how they differ.
func (x *duel) step() error {
	d := x.d
	what := ""
	switch b := d.next(); {
	case b < 200:
		r, url := d.request()
		what = fmt.Sprintf("request %v %s %s %s %s", r.Time, r.HostName, r.SiteName, r.ClientIP, r.URIStem)
		got, want := x.c.AddRequest(r, d.wall), x.m.addRequest(r, url, d.wall)
		if got != want {
			return fmt.Errorf("%s: %v, want %v", what, got, want)
		}
	case b < 230:
		a := d.alert()
		what = fmt.Sprintf("alert %+v", *a)
		x.c.AddAlert(a, d.wall)
		for x.c.Step(d.wall) {
		}
		x.m.addAlert(a, d.wall)
	case b < 252:
		d.wall = d.wall.Add(time.Duration(d.next()) * time.Second)
		what = fmt.Sprintf("tick %v", d.wall)
		for x.c.Tick(d.wall) {
		}
		for range 4 { // a script that takes the place of another one may be passed over in one round
			x.c.expireSome()
		}
		x.m.tick(d.wall)
	default:
		what = "drain"
		x.c.Drain(d.wall)
		x.m.drain(d.wall)
	}
	if err := x.compare(); err != nil {
		return fmt.Errorf("after %s, clock %v: %w", what, x.m.clock, err)
	}
	if err := checkInvariants(x.c); err != nil {
		return fmt.Errorf("after %s: %w", what, err)
	}
	return nil
}

func (x *duel) compare() error {
	got, want := x.c.Take(), x.m.out
	x.m.out = nil
	if err := x.compareLists(got, want); err != nil {
		return err
	}
	if x.m.opt.Matching == KQL {
		return x.compareLists(x.c.Rows(x.m.clock), x.m.rows())
	}
	return nil
}

func (x *duel) compareLists(got, want []*Detection) error {
	sortDetections(got)
	sortDetections(want)
	for i := range max(len(got), len(want)) {
		switch {
		case i < len(got) && i < len(want) && order(got[i], want[i]) < 0:
			return fmt.Errorf("too many: %s revision %d", key(got[i]), got[i].Revision)
		case i >= len(got) || i < len(want) && order(got[i], want[i]) > 0:
			return fmt.Errorf("missing %s revision %d", key(want[i]), want[i].Revision)
		case i >= len(want):
			return fmt.Errorf("too many: %s revision %d", key(got[i]), got[i].Revision)
		}
		if err := x.compareOne(got[i], want[i]); err != nil {
			return fmt.Errorf("%s: %w", key(want[i]), err)
		}
	}
	return nil
}

func key(d *Detection) string {
	return strings.Join([]string{d.Computer, d.SiteName, d.ShellLocation, d.AttackerIP}, "|")
}

func sortDetections(list []*Detection) {
	slices.SortFunc(list, order)
}

func order(a, b *Detection) int {
	return cmp.Or(strings.Compare(key(a), key(b)), cmp.Compare(a.Revision, b.Revision))
}

// compareOne compares everything that the model knows. Where requests are summed up by the hour, those of the hour
// in which the window begins may count too.
func (x *duel) compareOne(got, want *Detection) error {
	g := Detection{
		StartTime: got.StartTime, EndTime: got.EndTime, AttackerIP: got.AttackerIP, Computer: got.Computer, SiteName: got.SiteName,
		ShellLocation: got.ShellLocation, RequestUserAgents: got.RequestUserAgents, RequestMethods: got.RequestMethods,
		RequestStatusCodes: got.RequestStatusCodes, RequestQueryStrings: got.RequestQueryStrings, RequestCount: got.RequestCount,
		Revision: got.Revision, AlertIDs: got.AlertIDs, StatusClasses: got.StatusClasses, FirstSuccessTime: got.FirstSuccessTime,
		FirstPostTime: got.FirstPostTime, RequestsAfterAlert: got.RequestsAfterAlert, BytesSent: got.BytesSent, BytesReceived: got.BytesReceived,
		ClientsTotal: got.ClientsTotal, OtherScripts: got.OtherScripts,
	}
	w := *want
	w.ID = ""
	if x.d.isSummed {
		if g.RequestCount < w.RequestCount || g.StartTime > w.StartTime || g.EndTime != w.EndTime {
			return fmt.Errorf("count %d %v..%v, want at least %d %v..%v", g.RequestCount, g.StartTime, g.EndTime, w.RequestCount, w.StartTime, w.EndTime)
		}
		if w.StartTime-g.StartTime >= Instant(time.Hour) {
			return fmt.Errorf("start %v, more than an hour before %v", g.StartTime, w.StartTime)
		}
		g.RequestCount, g.StartTime, g.StatusClasses, g.RequestsAfterAlert = w.RequestCount, w.StartTime, w.StatusClasses, w.RequestsAfterAlert
		g.FirstPostTime, g.FirstSuccessTime, g.BytesSent, g.BytesReceived = w.FirstPostTime, w.FirstSuccessTime, w.BytesSent, w.BytesReceived
		g.OtherScripts, w.OtherScripts = nil, nil
	}
	if !reflect.DeepEqual(g, w) {
		return fmt.Errorf("\ngot  %+v\nwant %+v", g, w)
	}
	return nil
}

func (x *duel) run() error {
	for step := 0; len(x.d.data) > 0; step++ {
		if err := x.step(); err != nil {
			return fmt.Errorf("step %d: %w", step, err)
		}
	}
	return nil
}

func TestModel(t *testing.T) {
	for seed := range uint64(150 / worlds) {
		x, err := newDuel(randomBytes(seed, 2500))
		if err != nil {
			t.Fatal(err)
		}
		if err := x.run(); err != nil {
			t.Fatalf("seed %d, %v, summed %v: %v", seed, x.m.opt.Matching, x.d.isSummed, err)
		}
	}
}

// TestInvariants_pressure runs without a model, with more than the memory holds.
func TestInvariants_pressure(t *testing.T) {
	for seed := range uint64(100 / worlds) {
		d := &driver{data: randomBytes(seed, 1000+int(seed%5)*10000)}
		c, err := New(d.options())
		if err != nil {
			t.Fatal(err)
		}
		if d.isWide {
			c.opt.MemoryLimit = 200 << 10
		}
		for step := 0; len(d.data) > 0; step++ {
			d.act(c)
			c.Take()
			if got, limit := c.bytes(), c.opt.MemoryLimit; got > limit+limit/10 {
				t.Fatalf("seed %d step %d: %d bytes, limit %d", seed, step, got, limit)
			}
			if step > 400 && step%16 != 0 {
				continue
			}
			if err := checkInvariants(c); err != nil {
				t.Fatalf("seed %d step %d: %v", seed, step, err)
			}
		}
	}
}
