// SPDX-License-Identifier: Apache-2.0

package source

import (
	"math/rand/v2"
	"testing"

	"webshell/plugin/chunk/chunktest"
)

// callers is a file in which the shell is called n times, behind its columns.
func callers(path string, n int) *logFile {
	l := newLogFile(path, shortFields)
	for i := range n {
		l.add(shortLine(clock(i)))
	}
	return l
}

// A chunk that comes twice, or a file that is read again, in other chunks and another order, counts once.
func TestSeen_again(t *testing.T) {
	l := callers(remotePath, 500)
	f := newFeed(t, tailOptions())
	f.watch("shell.aspx")
	f.flush("iis", l.events(0, 300)...)
	f.flush("iis", l.events(0, 300)...)
	f.flush("iis", l.events(300, 501)...)
	f.flush("iis", l.all()...)
	dice := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		from := dice.IntN(500)
		f.flush("iis", l.events(from, from+dice.IntN(501-from))...)
	}
	if got := f.set.Counters().Duplicates; got < 800 {
		t.Errorf("%d duplicates, want those of every reading", got)
	}
	f.wantFinals("WEB01 W3SVC1 " + shell + " 500")
}

// What is not sure to be the same line is counted.
func TestSeen_inDoubt(t *testing.T) {
	line := shortLine("10:00:00")
	event := func(path string, pairs ...any) []byte {
		return chunktest.Event(chunktest.TailFraming(), chunktest.TailTime, 0, append([]any{"path", path}, pairs...)...)
	}
	fields := chunktest.Tail(remotePath, 0, shortFields)
	for _, tc := range []struct {
		name          string
		first, second []byte
		isSame        bool
	}{
		{"same", event(remotePath, "offset", 100, "log", line), event(remotePath, "offset", 100, "log", line), true},
		{"same by other widths", event(remotePath, "offset", 100, "log", line),
			chunktest.Event(chunktest.Old(), chunktest.TailTime+9, 0, "path", remotePath, "offset", 100, "log", line), true},
		{"other offset", event(remotePath, "offset", 100, "log", line), event(remotePath, "offset", 101, "log", line), false},
		{"other text", event(remotePath, "offset", 100, "log", line), event(remotePath, "offset", 100, "log", line+"1"), false},
		{"the computer named and not", event(remotePath, "offset", 100, "log", line), event(remotePath, "Computer", "WEB01", "offset", 100, "log", line), true},
		{"no offset", event(remotePath, "log", line), event(remotePath, "log", line), false},
		{"negative offset", event(remotePath, "offset", -5, "log", line), event(remotePath, "offset", -5, "log", line), false},
		{"offset as text", event(remotePath, "offset", "100", "log", line), event(remotePath, "offset", "100", "log", line), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFeed(t, tailOptions())
			f.watch("shell.aspx")
			f.flush("iis", fields, tc.first)
			f.flush("iis", tc.second)
			want := " 2"
			if tc.isSame {
				want = " 1"
			}
			f.wantFinals("WEB01 W3SVC1 " + shell + want)
		})
	}
}

// Another file under the same path: lines at offsets of old ones count if they say something else.
func TestSeen_anotherFile(t *testing.T) {
	first, second := callers(remotePath, 50), newLogFile(remotePath, shortFields)
	for i := range 50 {
		second.add(shortLine(clock(i + 20))) // 30 of the requests were in the first file too, at other offsets
	}
	f := newFeed(t, tailOptions())
	f.watch("shell.aspx")
	f.flush("iis", first.all()...)
	f.flush("iis", second.all()...)
	f.wantFinals("WEB01 W3SVC1 " + shell + " 100")
}

// A line that the engine did not take is not known, so that it counts when it can.
func TestSeen_onlyWhatCounted(t *testing.T) {
	l := newLogFile(remotePath, shortFields, "2026-03-02 12:10:00 10.0.0.5 GET /up/shell.aspx 203.0.113.7 200")
	f := newFeed(t, tailOptions())
	f.watch("shell.aspx")
	f.flush("iis", l.all()...) // in the future
	f.wall = f.wall.Add(waitTime * 20)
	f.flush("iis", l.all()...)
	f.wantFinals("WEB01 W3SVC1 " + shell + " 1")
}

// Marks have a bound, in all and in one block.
func TestSeen_bounded(t *testing.T) {
	var s seen
	s.init(0)
	o := &file{id: 1}
	for i := range int64(3 * maxMarks) {
		s.add(o, i*40, uint32(i))
		if s.marks > maxMarks || s.blocks.Len() > maxMarks/blockMarks {
			t.Fatalf("%d marks in %d blocks", s.marks, s.blocks.Len())
		}
	}
	if !s.has(o, 40*(3*maxMarks-1), 3*maxMarks-1) || s.has(o, 0, 0) {
		t.Error("the latest lines are to be known, the first ones forgotten")
	}
	for i := range uint32(3 * maxBlockMarks) {
		s.add(o, 7, i)
	}
	if n := len(s.find(o, 7).marks); n > maxBlockMarks {
		t.Errorf("%d marks in one block, limit %d", n, maxBlockMarks)
	}
	sum := 0
	for _, b := range s.blocks.Values() {
		sum += len(b.marks)
	}
	if sum != s.marks {
		t.Errorf("%d marks are kept, %d counted", sum, s.marks)
	}
}
