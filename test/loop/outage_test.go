// SPDX-License-Identifier: Apache-2.0

package loop_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"webshell/correlate"
	"webshell/plugin/deliver"
	"webshell/plugin/deliver/forward"
	"webshell/test/programs"
)

// aggregator is a Fluent Bit with TLS, shared key and users, that keeps on disk what it acknowledged. %s are folder and
// port.
const aggregator = `
service: {flush: 0.2, log_level: info, storage.path: '%[1]s/storage', storage.sync: normal}
pipeline:
  inputs:
    - {name: forward, listen: 127.0.0.1, port: %[2]d, shared_key: '${WEBSHELL_SHARED_KEY}', self_hostname: aggregator1.contoso.com,
       security.users: web01 pass, tls: on, tls.crt_file: '%[1]s/server.crt', tls.key_file: '%[1]s/server.key',
       buffer_max_size: 32M, storage.type: filesystem}
  outputs:
    - {name: file, match: webshell.detection, path: '%[1]s', file: ours.jsonl, format: plain}
    - {name: file, match: stock, path: '%[1]s', file: stock.jsonl, format: plain}
`

// stock sends the same lines by Fluent Bit's own forward output, as careful as it can be set.
const stock = `
service: {flush: 0.2, log_level: info, storage.path: '%[1]s/stock', storage.sync: normal, scheduler.base: 1, scheduler.cap: 2}
pipeline:
  inputs:
    - {name: tail, tag: stock, path: '%[1]s/lines.jsonl', read_from_head: on, db: '%[1]s/lines.db', buffer_max_size: 1M, storage.type: filesystem}
  outputs:
    - {name: forward, match: stock, host: 127.0.0.1, port: %[2]d, shared_key: '${WEBSHELL_SHARED_KEY}', self_hostname: web01,
       username: web01, password: pass, require_ack_response: on, compress: gzip, retry_limit: no_limits, tls: on,
       tls.ca_file: '%[1]s/ca.crt', tls.vhost: aggregator1.contoso.com}
`

// outage sends each revision both ways.
type outage struct {
	dir   string
	ours  *deliver.Deliverer
	final map[string]int // the newest revision of each detection
}

// detections is how many are revised in each round.
const detections = 200

// put makes one more revision of some detections.
func (o *outage) put(t *testing.T, first, n int) {
	t.Helper()
	var ds []*correlate.Detection
	var lines strings.Builder
	for i := first; i < first+n; i++ {
		id := fmt.Sprintf("%032x", i)
		o.final[id]++
		ds = append(ds, &correlate.Detection{ID: id, Revision: int64(o.final[id]), First: o.final[id] == 1, TimeGenerated: correlate.At(time.Now()),
			ShellLocation: "/up/shell.aspx", AttackerIP: "203.0.113.7", RequestUserAgents: []string{strings.Repeat("a", 500)}})
		fmt.Fprintf(&lines, "{\"DetectionId\":%q,\"Revision\":%d}\n", id, o.final[id])
	}
	o.ours.Put(ds)
	add(t, o.dir+"/lines.jsonl", lines.String())
}

// missing counts the final revisions that did not arrive.
func (o *outage) missing(rs []record) int {
	got := map[string]bool{}
	for _, r := range rs {
		got[r.at("DetectionId")+"/"+r.at("Revision")] = true
	}
	n := 0
	for id, revision := range o.final {
		if !got[fmt.Sprintf("%s/%d", id, revision)] {
			n++
		}
	}
	return n
}

// stockRecords are the lines that came by the stock output.
func (o *outage) stockRecords(t *testing.T) []record {
	t.Helper()
	var rs []record
	for _, r := range records(t, o.dir+"/stock.jsonl") {
		var inner record
		dec := json.NewDecoder(strings.NewReader(r.at("log")))
		dec.UseNumber()
		if err := dec.Decode(&inner); err != nil {
			t.Fatal(err)
		}
		rs = append(rs, inner)
	}
	return rs
}

// oursRecords are those that came by ours.
func (o *outage) oursRecords(t *testing.T) []record {
	t.Helper()
	return records(t, o.dir+"/ours.jsonl")
}

// TestOutages: a real Fluent Bit's forward input that is down at the start, killed in the middle of a round, down for a
// round, ended in good order and back. Every final revision arrives; beside it the stock output does the same.
func TestOutages(t *testing.T) {
	programs.FluentBit(t)
	o := &outage{dir: shortDir(t), final: map[string]int{}}
	port := freePort(t)
	certify(t, o.dir)
	write(t, o.dir+"/lines.jsonl", "")
	write(t, o.dir+"/aggregator.yaml", fmt.Sprintf(aggregator, o.dir, port))
	write(t, o.dir+"/stock.yaml", fmt.Sprintf(stock, o.dir, port))
	var err error
	o.ours, err = deliver.Open(deliver.Options{Outputs: []string{"forward"}, Forward: forward.Options{
		Hosts: []string{"127.0.0.1"}, Port: port, SharedKey: sharedKey, SelfHostname: "web01", Username: "web01", Password: "pass",
		Compress: "gzip", TLS: forward.TLSOptions{On: true, CAFile: o.dir + "/ca.crt", VHost: "aggregator1.contoso.com"},
	}}, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer o.ours.Close(deliver.CloseTimeout)
	sender := start(t, o.dir+"/stock.yaml")
	arrived := func(p *process) {
		t.Helper()
		p.until(t, "all arrive", func() bool { return o.missing(o.oursRecords(t)) == 0 })
	}
	o.put(t, 0, detections) // down at the start
	o.fails(t, sender)
	r := start(t, o.dir+"/aggregator.yaml")
	arrived(r)
	if n := len(o.oursRecords(t)); n != detections {
		t.Errorf("%d arrived of %d, though no acknowledgement was lost", n, detections)
	}
	for i := range detections / 10 { // killed in the middle
		o.put(t, i*10, 10)
		if i == 10 {
			r.until(t, "some of the round arrive", func() bool { return len(o.oursRecords(t)) > detections })
			r.kill(t)
		}
	}
	r = start(t, o.dir+"/aggregator.yaml")
	arrived(r)
	r.terminate(t)
	o.put(t, 0, detections) // down for two rounds
	o.fails(t, sender)
	o.put(t, detections/2, detections)
	r = start(t, o.dir+"/aggregator.yaml")
	arrived(r)
	o.compare(t, r, sender)
}

// fails waits until ours has tried once more in vain.
func (o *outage) fails(t *testing.T, p *process) {
	t.Helper()
	before := o.ours.Stats().Outputs[0].Failures
	p.until(t, "ours fails", func() bool { return o.ours.Stats().Outputs[0].Failures > before })
}

// compare holds ours to the stock output, and what came more than once to what came before.
func (o *outage) compare(t *testing.T, r, sender *process) {
	t.Helper()
	ctx, cancel := contextFor(t)
	defer cancel()
	if err := o.ours.Flushed(ctx); err != nil {
		t.Fatal(err)
	}
	s := o.ours.Stats()
	if s.Outputs[0].Dropped.Total() != 0 || s.QueueBytes != 0 {
		t.Errorf("got %+v", s)
	}
	const newest = "{\"DetectionId\":\"last\",\"Revision\":1}\n"
	add(t, o.dir+"/lines.jsonl", newest) // behind all others: when it came, what is missing is lost
	sender.until(t, "the stock output's last line arrives", func() bool {
		rs := o.stockRecords(t)
		return o.missing(rs) == 0 || len(rs) > 0 && rs[len(rs)-1].at("DetectionId") == "last"
	})
	ours, theirs := o.oursRecords(t), o.stockRecords(t)
	t.Logf("of %d final revisions ours lost %d (%d lines, %d sent again), the stock output %d (%d lines)",
		len(o.final), o.missing(ours), len(ours), s.Outputs[0].Returned, o.missing(theirs), len(theirs))
	if o.missing(ours) > o.missing(theirs) {
		t.Errorf("ours lost %d, the stock output %d", o.missing(ours), o.missing(theirs))
	}
	seen := map[string]string{}
	for _, rec := range ours {
		key, text := rec.at("DetectionId")+"/"+rec.at("Revision"), fmt.Sprint(rec)
		if before, ok := seen[key]; ok && before != text {
			t.Errorf("%s came twice and differs:\n%s\n%s", key, before, text)
		}
		seen[key] = text
	}
	r.terminate(t)
}

// TestOutages_refused: a wrong key, user or certificate is said once and clearly; nothing arrives.
func TestOutages_refused(t *testing.T) {
	programs.FluentBit(t)
	dir, port := shortDir(t), freePort(t)
	certify(t, dir)
	write(t, dir+"/aggregator.yaml", fmt.Sprintf(aggregator, dir, port))
	r := start(t, dir+"/aggregator.yaml")
	r.prints(t, "listening on")
	good := forward.Options{Hosts: []string{"127.0.0.1"}, Port: port, SharedKey: sharedKey, SelfHostname: "web01", Username: "web01",
		Password: "pass", TLS: forward.TLSOptions{On: true, CAFile: dir + "/ca.crt", VHost: "aggregator1.contoso.com"}}
	for name, c := range map[string]struct {
		change func(o *forward.Options)
		kind   string
	}{
		"key":         {func(o *forward.Options) { o.SharedKey = "another" }, forward.KindKey},
		"password":    {func(o *forward.Options) { o.Password = "another" }, forward.KindUser},
		"user":        {func(o *forward.Options) { o.Username = "web02" }, forward.KindUser},
		"no key":      {func(o *forward.Options) { o.SharedKey, o.Username, o.Password = "", "", "" }, forward.KindKey},
		"certificate": {func(o *forward.Options) { o.TLS.VHost = "web01.contoso.com" }, forward.KindTLS},
		"no TLS":      {func(o *forward.Options) { o.TLS = forward.TLSOptions{} }, ""},
	} {
		o := good
		c.change(&o)
		client, err := forward.New(o, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = client.Send(t.Context(), []forward.Record{{JSON: []byte(`{"a":1}`)}})
		t.Logf("%s: %v", name, err)
		if err == nil || c.kind != "" && kindOf(err) != c.kind {
			t.Errorf("%s: got %v, want %s", name, err, c.kind)
		}
		_ = client.Close()
	}
	if n := len(records(t, dir+"/ours.jsonl")); n != 0 {
		t.Errorf("%d records arrived", n)
	}
}
