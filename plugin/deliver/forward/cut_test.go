// SPDX-License-Identifier: Apache-2.0

package forward

import (
	"context"
	"net"
	"reflect"
	"testing"
	"testing/synctest"

	"webshell/plugin/deliver/forward/forwardtest"
)

// TestClient_cutEverywhere cuts the first connection after every byte, either way. The chunk arrives over the next one.
func TestClient_cutEverywhere(t *testing.T) {
	up, down := exchangeSize(t)
	if up < 400 || down < 200 {
		t.Fatalf("an exchange of %d and %d bytes is too short to be one", up, down)
	}
	for i := 1; i <= up; i++ {
		cutOnce(t, forwardtest.Faults{CutUp: i})
	}
	for i := 1; i <= down; i++ {
		cutOnce(t, forwardtest.Faults{CutDown: i})
		cutOnce(t, forwardtest.Faults{Swallow: i})
	}
}

// counted counts what goes over a connection.
type counted struct {
	net.Conn
	up, down *int
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	*c.down += n
	return n, err
}

func (c counted) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	*c.up += n
	return n, err
}

// exchangeSize measures one delivery without faults.
func exchangeSize(t *testing.T) (up, down int) {
	synctest.Test(t, func(t *testing.T) {
		o, r := secured()
		var n forwardtest.Network
		n.Listen(hostA, r.Serve)
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := n.Dial(ctx, network, address)
			return counted{c, &up, &down}, err
		}
		c, err := New(o, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Send(t.Context(), records(3)); err != nil {
			t.Fatal(err)
		}
		_ = c.Close()
	})
	return up, down
}

// cutOnce sends until it succeeds, with faults on the first connection.
func cutOnce(t *testing.T, f forwardtest.Faults) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o, r := secured()
		var n forwardtest.Network
		n.Listen(hostA, r.Serve)
		n.Next = func(string) forwardtest.Faults {
			once := f
			f = forwardtest.Faults{}
			return once
		}
		c := client(t, o, &n, nil)
		tries := 0
		for c.Send(t.Context(), records(3)) != nil {
			if tries++; tries > 1 {
				t.Fatalf("failed again without faults")
			}
		}
		got := r.Records()
		if len(got) < 3 || !reflect.DeepEqual(got[len(got)-3:], bodies(3)) {
			t.Errorf("%+v: got %v", f, got)
		}
	})
}
