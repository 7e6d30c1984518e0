// SPDX-License-Identifier: Apache-2.0

package forward

import (
	"context"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"webshell/plugin/deliver/forward/forwardtest"
)

// TestClient_preference lets the first receiver fail and come back.
func TestClient_preference(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a, b forwardtest.Receiver
		var n forwardtest.Network
		down := true
		n.Listen(hostA, a.Serve)
		n.Listen(hostB, b.Serve)
		n.Next = func(address string) forwardtest.Faults {
			return forwardtest.Faults{Refuse: address == hostA && down}
		}
		var reported []error
		c := client(t, Options{Hosts: []string{hostA, hostB}}, &n, func(err error) { reported = append(reported, err) })
		send := func(wantA, wantB int) {
			t.Helper()
			if err := c.Send(t.Context(), records(1)); err != nil {
				t.Fatal(err)
			}
			if a.Chunks() != wantA || b.Chunks() != wantB {
				t.Fatalf("chunks %d and %d, want %d and %d", a.Chunks(), b.Chunks(), wantA, wantB)
			}
		}
		send(0, 1)
		send(0, 2)
		if len(reported) != 1 || n.Dials(hostA) != 1 {
			t.Errorf("%d reports after %d dials, want 1 of each: %v", len(reported), n.Dials(hostA), reported)
		}
		<-time.After(minPenalty)
		send(0, 3) // still down, passed over longer from now on
		<-time.After(minPenalty)
		send(0, 4)
		down = false
		<-time.After(minPenalty)
		send(1, 4)
		send(2, 4)
		if len(reported) != 2 || n.Dials(hostB) != 1 {
			t.Errorf("%d reports, %d dials of the second; want 2 and 1", len(reported), n.Dials(hostB))
		}
		for _, h := range c.hosts {
			if (h.conn != nil) != (h.dial == hostA) {
				t.Errorf("%s: connection is %v", h.dial, h.conn)
			}
		}
	})
}

// TestClient_hangingFirst keeps a first receiver that takes chunks and never answers from holding up the rest for long.
func TestClient_hangingFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b forwardtest.Receiver
		var n forwardtest.Network
		n.Listen(hostA, answer(nil))
		n.Listen(hostB, b.Serve)
		c := client(t, Options{Hosts: []string{hostA, hostB}}, &n, nil)
		start := time.Now()
		for range 1000 {
			if err := c.Send(t.Context(), records(1)); err != nil {
				t.Fatal(err)
			}
			<-time.After(10 * time.Second)
		}
		if waited := time.Since(start) - 1000*10*time.Second; waited > 40*ackTimeout {
			t.Errorf("waited %v for the first receiver in %v", waited, time.Since(start))
		}
		if b.Chunks() != 1000 {
			t.Errorf("%d chunks, want 1000", b.Chunks())
		}
	})
}

// TestClient_restartedReceiver closes the idle connection: the next chunk goes over a new one at once.
func TestClient_restartedReceiver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r forwardtest.Receiver
		var n forwardtest.Network
		var last net.Conn
		n.Listen(hostA, func(c net.Conn) { last = c; r.Serve(c) })
		c := client(t, Options{Hosts: []string{hostA}}, &n, nil)
		for range 3 {
			if err := c.Send(t.Context(), records(1)); err != nil {
				t.Fatal(err)
			}
			_ = last.Close()
			synctest.Wait()
		}
		if r.Chunks() != 3 || n.Dials(hostA) != 3 {
			t.Errorf("%d chunks over %d connections, want 3 and 3", r.Chunks(), n.Dials(hostA))
		}
	})
}

// TestClient_stops ends a Send in every step that may wait.
func TestClient_stops(t *testing.T) {
	for name, serve := range map[string]func(net.Conn){
		"HELO":  answer(nil),
		"PONG":  answer([]byte("\x92\xa4HELO\x80")),
		"ack":   answer(nil),
		"write": nil,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, _ := secured()
				if name == "write" || name == "ack" {
					noKey(&o)
				}
				var n forwardtest.Network
				n.Listen(hostA, serve)
				c := client(t, o, &n, nil)
				if name == "write" {
					c.o.Dial = deaf(t)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
				defer cancel()
				start := time.Now()
				wantError(t, c.Send(ctx, records(1)), KindStopped, "context deadline exceeded")
				if took := time.Since(start); took > 4*time.Second {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}
