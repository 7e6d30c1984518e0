// SPDX-License-Identifier: Apache-2.0

package source

import (
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"webshell/plugin/chunk/chunktest"
)

const (
	remotePath = `C:\inetpub\logs\LogFiles\W3SVC1\u_ex260302.log` // a file of another machine
	shell      = "/up/shell.aspx 203.0.113.7"
)

// changing is a file whose columns change twice, the second time without a change of their number.
func changing(path string, each int) *logFile {
	l := newLogFile(path, "#Software: Microsoft Internet Information Services 10.0", "#Version: 1.0", "#Date: 2026-03-02 10:00:00", longFields)
	for i := range each {
		l.add(longLine(clock(i)))
	}
	l.add(shortFields)
	for i := range each {
		l.add(shortLine(clock(each + i)))
	}
	l.add("#Date: 2026-03-02 11:00:00")
	l.add(otherFields)
	for i := range each {
		l.add(otherLine(clock(2*each + i)))
	}
	return l
}

func TestColumns_changeInMidFile(t *testing.T) {
	f := newFeed(t, tailOptions())
	f.watch("shell.aspx")
	f.flush("iis", changing(remotePath, 5).all()...)
	f.wantFinals("WEB01 W3SVC1 " + shell + " 15")
	f.wantRefused("")
}

// Chunks in whichever order, of a file that is here or is not: every line has the columns that stand before it.
func TestColumns_anyOrderOfChunks(t *testing.T) {
	const each, chunks = 40, 12
	remote := changing(remotePath, each)
	local := changing(filepath.Join(t.TempDir(), "W3SVC1", "u_ex.log"), each)
	writeFile(t, local.path, local.text)
	for _, l := range []*logFile{remote, local} {
		for seed := range uint64(24) {
			dice := rand.New(rand.NewPCG(seed, 1))
			cuts := cutPlaces(dice, len(l.lines), chunks)
			f := newFeed(t, tailOptions())
			f.watch("shell.aspx")
			for _, i := range dice.Perm(chunks) {
				f.flush("iis", l.events(cuts[i], cuts[i+1])...)
			}
			if n := f.set.Counters().Waiting; n != 0 {
				t.Errorf("order %d: %d bytes still wait when every line was seen", seed, n)
			}
			f.wantFinals("WEB01 W3SVC1 " + shell + " 120")
			f.wantRefused("")
			if t.Failed() {
				t.Fatalf("order %d of %s", seed, l.path)
			}
		}
	}
}

// cutPlaces cuts n lines into chunks at random places.
func cutPlaces(dice *rand.Rand, n, chunks int) []int {
	cuts := make([]int, chunks+1)
	cuts[chunks] = n
	for i := 1; i < chunks; i++ {
		cuts[i] = cuts[i-1] + dice.IntN(2*n/chunks)
		cuts[i] = min(cuts[i], n)
	}
	return cuts
}

// The chunk with the columns comes last; what came before it waited.
func TestColumns_comeLater(t *testing.T) {
	l := changing(remotePath, 3)
	f := newFeed(t, tailOptions())
	f.watch("shell.aspx")
	f.flush("iis", l.events(4, len(l.lines))...)
	if len(f.newest) != 1 { // those behind the second #Fields: of the same chunk need not wait
		t.Errorf("%d detections before the first columns came, want 1", len(f.newest))
	}
	if f.set.Counters().Waiting == 0 {
		t.Error("nothing waits")
	}
	f.flush("iis", l.events(0, 4)...)
	if n := f.set.Counters().Waiting; n != 0 {
		t.Errorf("%d bytes still wait", n)
	}
	f.wantFinals("WEB01 W3SVC1 " + shell + " 9")
	f.wantRefused("")
}

// A gap that nothing fills: after 30 s the lines behind it use the columns before it, and from then on nothing waits
// at a gap of that file.
func TestColumns_gapThatStays(t *testing.T) {
	l := newLogFile(remotePath, shortFields)
	for i := range 60 {
		l.add(shortLine(clock(i)))
	}
	f := newFeed(t, tailOptions())
	f.watch("shell.aspx")
	f.flush("iis", l.events(0, 10)...)
	f.flush("iis", l.events(20, 30)...)
	f.pass(29 * time.Second)
	if f.set.Counters().Waiting == 0 {
		t.Fatal("lines behind a gap do not wait")
	}
	f.pass(time.Second)
	if n := f.set.Counters().Waiting; n != 0 {
		t.Fatalf("%d bytes wait after 30 s", n)
	}
	f.flush("iis", l.events(40, 50)...)
	if n := f.set.Counters().Waiting; n != 0 {
		t.Errorf("%d bytes wait at the second gap", n)
	}
	f.flush("iis", l.events(30, 40)...)
	f.wantFinals("WEB01 W3SVC1 " + shell + " 39")
	f.wantRefused("")
}

// Lines that a filter took out of a chunk do not make the others wait.
func TestColumns_filteredChunk(t *testing.T) {
	l := newLogFile(remotePath, shortFields)
	for i := range 40 {
		l.add(shortLine(clock(i)))
	}
	f := newFeed(t, tailOptions())
	f.watch("shell.aspx")
	events := l.events(0, 1)
	for i := 2; i < 40; i += 3 {
		events = append(events, l.events(i, i+1)...)
	}
	f.flush("iis", events...)
	if n := f.set.Counters().Waiting; n != 0 {
		t.Errorf("%d bytes wait", n)
	}
	f.wantFinals("WEB01 W3SVC1 " + shell + " 13")
}

// Without offsets the latest columns count, whatever the path.
func TestColumns_withoutOffset(t *testing.T) {
	f := newFeed(t, Options{AlertTag: "alert.*", LogKey: "log", PathKey: "path", ComputerName: "WEB01"})
	f.watch("shell.aspx")
	event := func(line string) []byte {
		return chunktest.Event(chunktest.TailFraming(), chunktest.TailTime, 0, "log", line)
	}
	f.flush("iis", event(longFields), event(longLine("10:00:01")), event(shortFields), event(shortLine("10:00:02")))
	f.flush("iis", event(shortLine("10:00:03")), event(otherFields), event(otherLine("10:00:04")))
	f.flush("other", event(longFields), event(longLine("10:00:05")))
	f.flush("iis", event(otherLine("10:00:06")))
	f.wantFinals("WEB01  "+shell+" 4", "WEB01 W3SVC1 "+shell+" 2")
	f.wantRefused("")
}

// Two files that are read in turn keep their own columns.
func TestColumns_twoFilesInTurn(t *testing.T) {
	a, b := newLogFile("/a.log", longFields), newLogFile("/b.log", shortFields)
	var events [][]byte
	for i := range 20 {
		a.add(longLine(clock(i)))
		b.add(shortLine(clock(i)))
	}
	for i := range 21 {
		events = append(append(events, a.events(i, i+1)...), b.events(i, i+1)...)
	}
	f := newFeed(t, tailOptions())
	f.watch("shell.aspx")
	f.flush("iis", events...)
	f.wantFinals("WEB01  "+shell+" 20", "WEB01 W3SVC1 "+shell+" 20")
	f.wantRefused("")
}

// A file that took the place of another one under its path: rotation by renaming, and by truncating. Every line of both
// counts, a late one of the first too.
func TestColumns_rotation(t *testing.T) {
	first := newLogFile(remotePath, "#Date: 2026-03-02 10:00:00", longFields)
	second := newLogFile(remotePath, "#Date: 2026-03-02 11:00:00", shortFields)
	for i := range 10 {
		first.add(longLine(clock(i)))
		second.add(shortLine(clock(3600 + i)))
	}
	f := newFeed(t, tailOptions())
	f.watch("shell.aspx")
	f.flush("iis", first.events(0, 11)...)
	f.flush("iis", second.events(0, 6)...)
	f.flush("iis", first.events(11, 12)...) // on its way while the file was renamed
	f.flush("iis", second.events(6, 12)...)
	f.wantFinals("WEB01 W3SVC1 " + shell + " 20")
	f.wantRefused("")
}

// A source holds so many columns, and all sources together so many bytes.
func TestColumns_bounded(t *testing.T) {
	f := newFeed(t, tailOptions())
	name := make([]byte, 15<<10)
	for i := range maxDirectives + 20 {
		for j := range name {
			name[j] = 'a' + byte((i+j)%26)
		}
		f.flush("iis", chunktest.Tail("/x.log", uint64(i*20000), "#Fields: date time cs-uri-stem "+string(name)))
	}
	if o := f.set.last; len(o.columns) > maxDirectives {
		t.Errorf("%d sets of columns, limit %d", len(o.columns), maxDirectives)
	}
	for i := range 800 {
		f.flush("iis", chunktest.Tail("/"+clock(i), 0, "#Fields: date time cs-uri-stem "+clock(i)+string(name)))
	}
	if f.set.originBytes > maxOriginBytes {
		t.Errorf("%d bytes for sources, limit %d", f.set.originBytes, maxOriginBytes)
	}
	sum := 0
	for _, o := range f.set.origins.Values() {
		sum += o.bytes
	}
	if sum != f.set.originBytes {
		t.Errorf("sources have %d bytes, %d are counted", sum, f.set.originBytes)
	}
}
