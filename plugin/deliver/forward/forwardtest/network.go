// SPDX-License-Identifier: Apache-2.0

package forwardtest

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// Network is a network in memory with faults. It works in a bubble of testing/synctest, where its delays take no time.
type Network struct {
	// Next says what happens to the next connection to an address; nil stands for no faults.
	Next func(address string) Faults

	mu      sync.Mutex
	servers map[string]func(net.Conn)
	dials   map[string]int
}

// Faults is what happens to one connection. Bytes are counted from its start.
type Faults struct {
	Refuse  bool          // no connection
	CutUp   int           // the connection ends when so many bytes went to the receiver; 0 is never
	CutDown int           // the same for bytes of the receiver's answers
	Swallow int           // of the answers only so many bytes arrive, and the connection stays; 0 is all
	Piece   int           // bytes are handed on in pieces of at most this many; 0 is any
	Delay   time.Duration // before each piece
}

// Random makes faults of every sort; about a third of the connections have none.
func Random(rng *rand.Rand) Faults {
	var f Faults
	switch rng.IntN(8) {
	case 0:
		f.Refuse = true
	case 1:
		f.CutUp = 1 + rng.IntN(4000)
	case 2:
		f.CutDown = 1 + rng.IntN(500)
	case 3:
		f.Swallow = 1 + rng.IntN(500)
	case 4:
		f.Piece, f.Delay = 1+rng.IntN(400), time.Duration(rng.IntN(3000))*time.Millisecond
	}
	return f
}

// Listen makes serve answer at address.
func (n *Network) Listen(address string, serve func(net.Conn)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.servers == nil {
		n.servers, n.dials = map[string]func(net.Conn){}, map[string]int{}
	}
	n.servers[address] = serve
}

// Dials returns how often address was dialled.
func (n *Network) Dials(address string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.dials[address]
}

// Dial connects to who listens at address, through the next faults.
func (n *Network) Dial(ctx context.Context, _, address string) (net.Conn, error) {
	n.mu.Lock()
	serve := n.servers[address]
	if n.dials != nil {
		n.dials[address]++
	}
	var f Faults
	if n.Next != nil {
		f = n.Next(address)
	}
	n.mu.Unlock()
	if serve == nil || f.Refuse || ctx.Err() != nil {
		return nil, errors.New("connection refused")
	}
	ours, near := net.Pipe()
	far, theirs := net.Pipe()
	go serve(theirs)
	end := func() { _ = near.Close(); _ = far.Close() }
	go func() { defer end(); pump(far, near, f.CutUp, 0, f) }()
	go func() { defer end(); pump(near, far, f.CutDown, f.Swallow, f) }()
	return ours, nil
}

// pump hands bytes on until the connection ends or cut bytes went through.
func pump(dst, src net.Conn, cut, swallow int, f Faults) {
	piece := f.Piece
	if piece == 0 {
		piece = 32 << 10
	}
	buf := make([]byte, piece)
	for sum := 0; ; {
		n, err := src.Read(buf)
		if err != nil {
			return
		}
		if f.Delay > 0 {
			<-time.After(f.Delay)
		}
		out := buf[:n]
		ends := cut > 0 && sum+n >= cut
		if ends {
			out = out[:cut-sum]
		}
		if swallow > 0 {
			out = out[:min(len(out), max(swallow-sum, 0))]
		}
		sum += n
		if len(out) > 0 { // an empty write to a pipe waits for a reader
			if _, err := dst.Write(out); err != nil {
				return
			}
		}
		if ends {
			return
		}
	}
}
