// SPDX-License-Identifier: Apache-2.0

package source

import (
	"fmt"
	"testing"

	"webshell/plugin/chunk/chunktest"
)

// A burst of alerts is read in shares, in order, and none is lost; requests go on meanwhile.
func TestBacklog(t *testing.T) {
	f := newFeed(t, tailOptions())
	var events [][]byte
	for i := range 20_000 {
		events = append(events, chunktest.Event(chunktest.TailFraming(), chunktest.TailTime, 0,
			"file", fmt.Sprintf("made-up-%d.aspx", i), "host", "WEB01", "id", fmt.Sprint(i), "time", "2026-03-02T10:00:00Z"))
	}
	last := chunktest.Event(chunktest.TailFraming(), chunktest.TailTime, 0,
		"file", "shell.aspx", "host", "WEB01", "id", "last", "time", "2026-03-02T10:00:00Z")
	f.flush("alert.x", append(events, last)...)
	if !f.set.HasWork() {
		t.Fatal("all of the burst was read within the flush")
	}
	f.flush("iis", chunktest.Tail(remotePath, 0, shortFields), chunktest.Tail(remotePath, 100, shortLine("10:00:00")))
	steps := 1
	for f.set.Step(f.wall) {
		steps++
	}
	if c := f.set.Counters(); c.Alerts != 20_001 || f.set.HasWork() {
		t.Errorf("%d alerts read, want 20001", c.Alerts)
	}
	if steps < 2 {
		t.Errorf("the rest was read in %d step, want several", steps)
	}
	f.wantFinals("WEB01 W3SVC1 " + shell + " 1")
}

// What waits has a bound, and what comes beyond is counted.
func TestBacklog_bounded(t *testing.T) {
	f := newFeed(t, tailOptions())
	text := string(make([]byte, 1<<20))
	for range 40 {
		f.flush("alert.x", chunktest.Event(chunktest.TailFraming(), chunktest.TailTime, 0, "log", text),
			chunktest.Event(chunktest.TailFraming(), chunktest.TailTime, 0, "log", text))
	}
	if n := f.set.backlog.bytes; n > backlogBytes {
		t.Errorf("%d bytes wait, limit %d", n, backlogBytes)
	}
	if f.set.Counters().Refused["alert_backlog"] == 0 {
		t.Error("nothing was counted as alert_backlog")
	}
}
