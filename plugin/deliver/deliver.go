// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"webshell/correlate"
	"webshell/plugin/deliver/forward"
	"webshell/plugin/format"
)

// output is where deliveries go. One goroutine uses it.
type output interface {
	// send delivers the lines in order and returns how many from the start are known to have arrived. It ends soon
	// after ctx does, where the system lets it.
	send(ctx context.Context, ds []Delivery) (n int, err error)
	// close ends the use of the output; a send may still be stuck in the system.
	close() error
}

// errGone says that an output will take nothing any more, whatever is done.
var errGone = errors.New("takes nothing any more")

// Deliverer sends detections to the outputs. Its methods may be called from several goroutines.
type Deliverer struct {
	format  format.Formatter
	queue   Queue
	report  *reporter
	workers []*worker

	mu      sync.Mutex // guards scratch
	scratch []byte

	closing   chan struct{} // closed when no more will come
	closeOnce sync.Once
	cancel    context.CancelFunc // ends what is being sent
	ended     sync.WaitGroup
}

// Open checks o, opens its outputs and starts one goroutine for each. The error names every property that is wrong. A
// nil log drops all lines.
func Open(o Options, log *slog.Logger) (*Deliverer, error) {
	o = o.withDefaults()
	if err := o.validate(); err != nil {
		return nil, err
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	report := newReporter(log)
	outputs, err := openOutputs(&o, report)
	if err != nil {
		return nil, err
	}
	f, err := format.New(o.Format)
	if err != nil {
		return nil, err
	}
	d := &Deliverer{format: f, queue: o.Queue(len(outputs), o.QueueLimit), report: report,
		closing: make(chan struct{})}
	d.start(o.Outputs, outputs)
	return d, nil
}

// openOutputs opens the outputs by name, all or none.
func openOutputs(o *Options, r *reporter) ([]output, error) {
	var outputs []output
	var errs []error
	for _, name := range o.Outputs {
		out, err := openOutput(name, o, r)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		outputs = append(outputs, out)
	}
	if len(errs) == 0 {
		return outputs, nil
	}
	for _, out := range outputs {
		errs = append(errs, out.close())
	}
	return nil, errors.Join(errs...)
}

// openOutput opens one output.
func openOutput(name string, o *Options, r *reporter) (output, error) {
	switch name {
	case outputStdout:
		return newStdout(o.Stdout), nil
	case outputFile:
		return openFile(o.File)
	case outputForward:
		client, err := forward.New(o.Forward, func(err error) { r.failed(name, err) })
		return forwarder{client}, err
	}
	return nil, fmt.Errorf("BUG: output %q passed the check", name)
}

// start starts a goroutine for each output.
func (d *Deliverer) start(names []string, outputs []output) {
	ctx, cancel := context.WithCancel(context.Background())
	d.cancel = cancel
	for i, out := range outputs {
		w := &worker{name: names[i], number: i, out: out, queue: d.queue, report: d.report, closing: d.closing}
		d.workers = append(d.workers, w)
		d.ended.Go(func() { w.run(ctx) })
	}
}

// Put formats detections and queues them for every output. It waits for no output; what the bound makes it drop is
// counted and logged. It keeps nothing of ds.
func (d *Deliverer) Put(ds []*correlate.Detection) {
	if len(ds) == 0 {
		return
	}
	items := make([]*Item, len(ds))
	d.mu.Lock()
	for i, det := range ds {
		items[i], d.scratch = newItem(d.format, det, d.scratch)
	}
	if cap(d.scratch) > maxScratch {
		d.scratch = nil
	}
	d.mu.Unlock()
	d.report.dropped(d.queue.Put(items))
}

// maxScratch is what Put keeps for the next detection; a detection is seldom larger.
const maxScratch = 256 << 10

// Close sends what it can within timeout and ends. What is left is counted and logged. No Put may follow.
func (d *Deliverer) Close(timeout time.Duration) {
	d.closeOnce.Do(func() {
		close(d.closing)
		timer := time.AfterFunc(timeout, d.cancel)
		defer timer.Stop()
		ended := make(chan struct{})
		go func() { d.ended.Wait(); close(ended) }()
		select {
		case <-ended:
		case <-time.After(timeout + cancelGrace): // a write that the system holds; its goroutine ends with it
		}
		d.cancel()
		d.report.close(d.left())
	})
}

// cancelGrace is how long an output may take to end once it was told to.
const cancelGrace = 250 * time.Millisecond

// left counts the deliveries that were not made.
func (d *Deliverer) left() int64 {
	var n int64
	for _, l := range d.queue.Stats().Outputs {
		n += int64(l.Waiting)
	}
	return n
}

// Flushed waits until nothing waits and nothing is on its way, or ctx ends. It is for tests and for a caller that
// may wait.
func (d *Deliverer) Flushed(ctx context.Context) error {
	select {
	case <-d.queue.Idle():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
