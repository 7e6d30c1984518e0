// SPDX-License-Identifier: Apache-2.0

package loop_test

import (
	"fmt"
	"net"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"

	"webshell/plugin/deliver/forward/forwardtest"
	"webshell/test/programs"
)

// times is what one run of the host's flush mode measured.
type times struct {
	p50, p99, longest time.Duration
	peak              int64 // bytes that the process held at most
}

// flushes runs the host's flush mode in a process of its own.
func flushes(tb testing.TB, clients, n int, properties ...string) times {
	tb.Helper()
	words := append(hostCommand(tb), "flush", programs.Plugin(tb), strconv.Itoa(clients), strconv.Itoa(n))
	out, err := exec.CommandContext(tb.Context(), words[0], append(words[1:], properties...)...).Output()
	if err != nil {
		tb.Fatalf("%v: %s", err, out)
	}
	var r times
	if _, err := fmt.Sscanf(string(out), "flush p50 %d ns, p99 %d ns, max %d ns, peak %d bytes", &r.p50, &r.p99, &r.longest, &r.peak); err != nil {
		tb.Fatalf("%v: %s", err, out)
	}
	return r
}

// answering is a receiver that acknowledges everything; its port.
func answering(tb testing.TB) int {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go (&forwardtest.Receiver{}).Serve(c)
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

// forwardTo are the properties of an output to a receiver on the loopback address.
func forwardTo(port int) []string {
	return []string{"output=forward", fmt.Sprint("forward_port=", port)}
}

// maxRatio is what a flush may cost at p99 while the receiver hangs, against the cheaper of a receiver that answers and
// a file.
const maxRatio = 1.2

// BenchmarkFlush_receiverHangs is the time of a flush that makes ten revisions, through the shared object, with a
// receiver that answers, one that accepts and never answers, and with a file. The runs alternate and the middle one of
// each counts, so that what else the machine does falls on all alike.
func BenchmarkFlush_receiverHangs(b *testing.B) {
	const rounds, n = 5, 1000
	arms := map[string][]string{"answers": forwardTo(answering(b)), "hangs": forwardTo(newHanging(b, false).port), "file": nil}
	for range b.N {
		p50, p99 := map[string][]time.Duration{}, map[string][]time.Duration{}
		for range rounds {
			for name, properties := range arms {
				got := flushes(b, 400, n, properties...)
				p50[name], p99[name] = append(p50[name], got.p50), append(p99[name], got.p99)
			}
		}
		for name := range arms {
			b.ReportMetric(float64(middle(p50[name])), name+"-p50-ns")
			b.ReportMetric(float64(middle(p99[name])), name+"-p99-ns")
		}
		ratio := float64(middle(p99["hangs"])) / float64(min(middle(p99["answers"]), middle(p99["file"])))
		b.ReportMetric(ratio, "hangs/without")
		if ratio > maxRatio {
			b.Errorf("a flush takes %.2f times as long at p99, want %.1f at most", ratio, maxRatio)
		}
	}
	b.ReportMetric(0, "ns/op") // says nothing here
}

// middle is the median.
func middle(d []time.Duration) time.Duration {
	d = slices.Sorted(slices.Values(d))
	return d[len(d)/2]
}

// TestFlush_memoryWhileFull: 40 000 new detections for a receiver that hangs, some twenty times what the queue holds.
// The process takes no more than without, but for the queue, what the collector adds to it, and the batch on its way.
func TestFlush_memoryWhileFull(t *testing.T) {
	const limit, slack = 8 << 20, 12 << 20
	common := []string{"alert_detections=1000000", "queue_limit=8M"}
	without := flushes(t, 1<<20, 4000, append(common, "output=file", "file_rotate_size=1M")...)
	with := flushes(t, 1<<20, 4000, append(common, forwardTo(newHanging(t, false).port)...)...)
	t.Logf("peak %d bytes with a full queue of %d, %d without", with.peak, limit, without.peak)
	if without.peak == 0 {
		t.Skip("this system does not say how much memory a process takes")
	}
	if more := with.peak - without.peak; more > limit*5/4+slack {
		t.Errorf("a full queue of %d bytes takes %d", limit, more)
	}
}
