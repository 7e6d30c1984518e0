// SPDX-License-Identifier: Apache-2.0

// Package deliver_test sends detections to Forward receivers that are not ours.
package deliver_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"webshell/correlate"
	"webshell/plugin/deliver"
	"webshell/plugin/deliver/forward"
)

// patience bounds every wait for a receiver; it is reached only when a test fails.
const patience = 60 * time.Second

// receiver is a Forward receiver that can be stopped and started again at the same address.
type receiver interface {
	start(t *testing.T)
	stop(t *testing.T)
}

// arrivals collects what receivers got.
type arrivals struct {
	mu     sync.Mutex
	bodies []map[string]any
	more   chan struct{}
}

// newArrivals is empty.
func newArrivals() *arrivals { return &arrivals{more: make(chan struct{}, 1)} }

// add keeps one record.
func (a *arrivals) add(body map[string]any) {
	a.mu.Lock()
	a.bodies = append(a.bodies, body)
	a.mu.Unlock()
	select {
	case a.more <- struct{}{}:
	default:
	}
}

// revisions returns how often each detection's revisions arrived.
func (a *arrivals) revisions() map[string]int {
	a.mu.Lock()
	defer a.mu.Unlock()
	got := map[string]int{}
	for _, b := range a.bodies {
		got[fmt.Sprintf("%v/%v", b["DetectionId"], b["Revision"])]++
	}
	return got
}

// wait waits until every wanted revision arrived.
func (a *arrivals) wait(t *testing.T, want []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		got, missing := a.revisions(), ""
		for _, w := range want {
			if got[w] == 0 {
				missing = w
			}
		}
		if missing == "" {
			return
		}
		select {
		case <-a.more:
		case <-ctx.Done():
			t.Fatalf("%s never arrived; got %v", missing, got)
		}
	}
}

// id is the DetectionId of detection n.
func id(n int) string { return fmt.Sprintf("%032x", n) }

// put makes one revision of each of n detections.
func put(d *deliver.Deliverer, n, revision int) (want []string) {
	var ds []*correlate.Detection
	for i := range n {
		ds = append(ds, &correlate.Detection{ID: id(i), Revision: int64(revision), First: revision == 1,
			TimeGenerated: correlate.At(time.Date(2026, 3, 2, 10, revision, 0, 120_000_000, time.UTC)),
			ShellLocation: "/up/shell.aspx", AttackerIP: "203.0.113.7", RequestQueryStrings: []string{"cmd=whoami", "x=\xff\"<ü>"},
			RequestCount: 1 << 40, StatusClasses: correlate.StatusClasses{C2xx: 7}})
		want = append(want, fmt.Sprintf("%s/%d", id(i), revision))
	}
	d.Put(ds)
	return want
}

// flushed waits until everything is acknowledged.
func flushed(t *testing.T, d *deliver.Deliverer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := d.Flushed(ctx); err != nil {
		t.Fatalf("%v; %+v", err, d.Stats())
	}
}

// freePort is a TCP port of the loopback address that nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// story has the receiver down at the start, there, restarted between two chunks, down for a while, and back.
func story(t *testing.T, r receiver, a *arrivals, o forward.Options) {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	d, err := deliver.Open(deliver.Options{Outputs: []string{"forward"}, Forward: o}, log)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close(deliver.CloseTimeout)
	const n = 50
	want := put(d, n, 1)
	r.start(t)
	a.wait(t, want)
	flushed(t, d)
	r.stop(t)
	r.start(t)
	want = append(want, put(d, n, 2)...)
	a.wait(t, want)
	flushed(t, d)
	r.stop(t)
	put(d, n, 3)
	want = append(want, put(d, n, 4)...)
	r.start(t)
	a.wait(t, want)
	flushed(t, d)
	r.stop(t)
	checkBodies(t, a)
	s := d.Stats()
	if s.Outputs[0].Dropped.Total() != 0 || s.QueueBytes != 0 {
		t.Errorf("got %+v", s)
	}
	for revision, times := range a.revisions() {
		if times > 1 && s.Outputs[0].Returned == 0 {
			t.Errorf("%s arrived %d times though no acknowledgement was lost", revision, times)
		}
	}
}

// checkBodies compares the fields of every record with what was put.
func checkBodies(t *testing.T, a *arrivals) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, b := range a.bodies {
		queries := fmt.Sprint(b["RequestQueryStrings"])
		if b["ShellLocation"] != "/up/shell.aspx" || !strings.Contains(queries, "x=\uFFFD\"<ü>") || number(b["RequestCount"]) != 1<<40 {
			t.Fatalf("got %v", b)
		}
		if classes, ok := b["StatusClasses"].(map[string]any); !ok || number(classes["2xx"]) != 7 {
			t.Fatalf("got %v", b["StatusClasses"])
		}
	}
}

// number is an integer of any kind.
func number(v any) int64 {
	switch v := v.(type) {
	case int64:
		return v
	case float64: // JSON
		return int64(v)
	}
	return -1
}

// kindOf is the kind of a failure of forward.
func kindOf(err error) string {
	var e *forward.Error
	if errors.As(err, &e) {
		return e.Kind()
	}
	return ""
}
