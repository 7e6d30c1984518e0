// SPDX-License-Identifier: Apache-2.0

package forward

import (
	"context"
	"errors"
	"time"
)

// Client sends chunks to the first of its receivers that takes them. One goroutine uses it.
type Client struct {
	o      Options
	hosts  []*host
	report func(error)
}

// host is one receiver and what is known of it.
type host struct {
	address
	conn    *conn         // nil while there is none
	penalty time.Duration // of its last failure, 0 once it worked
	until   time.Time     // it is passed over till then, if another one works
}

// New checks o, files included, and connects nothing yet. report gets the failures of receivers while another one took
// the chunk; nil drops them. Failures of all are Send's own.
func New(o Options, report func(error)) (*Client, error) {
	o = o.withDefaults()
	addresses, err := o.validate()
	if err != nil {
		return nil, err
	}
	if report == nil {
		report = func(error) {}
	}
	c := &Client{o: o, report: report}
	for _, a := range addresses {
		c.hosts = append(c.hosts, &host{address: a})
	}
	return c, nil
}

// Send delivers records as one chunk and returns nil once a receiver acknowledged it. It tries every receiver at most
// twice, the second time only if a connection that had worked before turned out to be closed. It ends soon after ctx.
func (c *Client) Send(ctx context.Context, records []Record) error {
	m, err := newChunk(c.o.Tag, records, c.o.Compress == "gzip")
	if err != nil {
		return err
	}
	var errs []error
	for _, h := range c.order() {
		err := c.sendTo(ctx, h, m)
		if err == nil {
			h.worked()
			c.settle(h, errs)
			return nil
		}
		errs = append(errs, wrap(h.dial, err))
		if ctx.Err() != nil {
			break
		}
		h.failed()
	}
	return errors.Join(errs...)
}

// order is the order of preference, with those that failed lately behind the others.
func (c *Client) order() []*host {
	now := time.Now()
	var good, bad []*host
	for _, h := range c.hosts {
		if now.Before(h.until) {
			bad = append(bad, h)
		} else {
			good = append(good, h)
		}
	}
	return append(good, bad...)
}

// settle reports what failed before h worked, and ends the connections to others: it is the one to use.
func (c *Client) settle(h *host, errs []error) {
	for _, err := range errs {
		c.report(err)
	}
	for _, other := range c.hosts {
		if other != h {
			other.drop()
		}
	}
}

// sendTo delivers a chunk to one receiver, over the connection there is or a new one.
func (c *Client) sendTo(ctx context.Context, h *host, m chunkMessage) error {
	if h.conn != nil {
		err := h.exchange(ctx, m)
		if err == nil || ctx.Err() != nil || kindOf(err) != KindClosed {
			return err
		}
	}
	var err error
	if h.conn, err = connect(ctx, h.address, &c.o); err != nil {
		return err
	}
	return h.exchange(ctx, m)
}

// Close ends all connections.
func (c *Client) Close() error {
	for _, h := range c.hosts {
		h.drop()
	}
	return nil
}

// exchange sends a chunk over the connection, which it ends after a failure or where the receiver wants so.
func (h *host) exchange(ctx context.Context, m chunkMessage) error {
	err := h.conn.exchange(ctx, m)
	if err != nil || !h.conn.keepAlive {
		h.drop()
	}
	return err
}

// drop ends the connection. Nothing is on its way over it, so an error of its end says nothing.
func (h *host) drop() {
	if h.conn != nil {
		_ = h.conn.Close()
		h.conn = nil
	}
}

// worked forgets the failures.
func (h *host) worked() { h.penalty, h.until = 0, time.Time{} }

// failed passes h over for a while, twice as long each time.
func (h *host) failed() {
	h.penalty = min(max(2*h.penalty, minPenalty), maxPenalty)
	h.until = time.Now().Add(h.penalty)
}
