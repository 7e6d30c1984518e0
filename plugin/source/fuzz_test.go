// SPDX-License-Identifier: Apache-2.0

package source

import (
	"strings"
	"testing"

	"webshell/correlate"
	"webshell/plugin/chunk/chunktest"
)

// Any bytes under any tag: no panic, and whatever comes, what follows in a chunk of its own is used.
func FuzzFlush(f *testing.F) {
	line := newLogFile(remotePath, shortFields, shortLine("10:00:00"), "#Date: 2026-03-02", longFields, longLine("10:00:01"))
	f.Add(chunktest.Chunk(line.all()...), "iis")
	f.Add(chunktest.Chunk(line.events(1, 5)...), "iis.x")
	f.Add(chunktest.Chunk(record(strings.ToLower), event("log", logMonitorText)), "iis")
	f.Add(etw(loggingProvider, loggingGUID, 6200, columnsOfEvent()), "etw")
	f.Add(winevtlog(loggingChannel, 6200, "StringInserts", valuesOf(columnsOfEvent())), "winevtlog")
	f.Add(chunktest.Tail("/alerts.json", 0, plainText), "alert.x")
	f.Add(chunktest.Tail("/alerts.json", 0, rowText), "alert.x")
	f.Add(chunktest.Event(chunktest.New(), -1, 0), "")
	f.Add([]byte{0xdd, 0xff, 0xff, 0xff, 0xff}, "iis")
	f.Fuzz(func(t *testing.T, data []byte, tag string) {
		fd := newFeed(t, tailOptions())
		for range 2 {
			_ = fd.set.Flush(data, tag, fd.wall) // broken framing is what this is about
			fd.pass(waitTime)
		}
		before := fd.engine.Stats()
		fd.flush("after", chunktest.Tail("after.log", 0, shortFields), chunktest.Tail("after.log", uint64(len(shortFields)+2), shortLine("11:59:59")))
		after := fd.engine.Stats()
		if before.Requests[correlate.Accepted]+1 != after.Requests[correlate.Accepted] {
			t.Errorf("the line behind was not taken: %v, then %v", before.Requests, after.Requests)
		}
		if n := fd.set.waitingBytes; n > waitBytes || fd.set.originBytes > maxOriginBytes {
			t.Errorf("%d bytes wait, %d for sources", n, fd.set.originBytes)
		}
	})
}
