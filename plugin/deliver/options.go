// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"webshell/plugin/deliver/forward"
	"webshell/plugin/format"
)

// The outputs by name.
const (
	outputStdout  = "stdout"
	outputFile    = "file"
	outputForward = "forward"
)

// Defaults and limits of SPEC section 6.
const (
	DefaultQueueLimit  = 64 << 20
	DefaultRotateSize  = 10 << 20
	DefaultRotateCount = 5

	// MinQueueLimit has room for ordinary detections; a larger one is counted as too large.
	MinQueueLimit = 64 << 10
	// MaxRotateCount bounds the renames of one rotation.
	MaxRotateCount = 1000
	// MinRotateSize keeps a rotation from happening at every detection; one has up to some hundred kilobytes.
	MinRotateSize = 4 << 10
)

// Options says where detections go, and how. Property names are the plugin's.
type Options struct {
	Outputs    []string // output: "stdout", "file", "forward"; none stands for stdout
	Format     string   // format: "" stands for sentinel
	QueueLimit int64    // queue_limit: bytes, MinQueueLimit or more; 0 stands for DefaultQueueLimit
	File       FileOptions
	Forward    forward.Options

	// Stdout is what the output stdout writes to; nil stands for the process's own.
	Stdout io.Writer
	// Queue makes the queue for that many outputs and bytes; nil stands for NewQueue.
	Queue func(outputs int, limit int64) Queue
}

// FileOptions are the properties of the output file.
type FileOptions struct {
	Path        string // file_path
	RotateSize  int64  // file_rotate_size: bytes, MinRotateSize or more; 0 stands for DefaultRotateSize
	RotateCount int    // file_rotate_count: older files kept, 1 to MaxRotateCount; 0 stands for DefaultRotateCount
}

// withDefaults fills in what is not set.
func (o Options) withDefaults() Options {
	if len(o.Outputs) == 0 {
		o.Outputs = []string{outputStdout}
	}
	o.QueueLimit = orDefault(o.QueueLimit, DefaultQueueLimit)
	o.File.RotateSize = orDefault(o.File.RotateSize, DefaultRotateSize)
	o.File.RotateCount = orDefault(o.File.RotateCount, DefaultRotateCount)
	if o.Queue == nil {
		o.Queue = NewQueue
	}
	return o
}

// orDefault is v, or def where v is not set.
func orDefault[T int | int64](v, def T) T {
	if v == 0 {
		return def
	}
	return v
}

// validate names every property that is wrong.
func (o *Options) validate() error {
	var errs []error
	for i, name := range o.Outputs {
		if !slices.Contains(outputNames, name) {
			errs = append(errs, fmt.Errorf("output %q: want one of %q", name, outputNames))
		}
		if slices.Contains(o.Outputs[:i], name) {
			errs = append(errs, fmt.Errorf("output %q: named twice", name))
		}
	}
	if _, err := format.New(o.Format); err != nil {
		errs = append(errs, err)
	}
	if o.QueueLimit < MinQueueLimit {
		errs = append(errs, fmt.Errorf("queue_limit %d: want %d bytes or more", o.QueueLimit, MinQueueLimit))
	}
	if slices.Contains(o.Outputs, outputFile) {
		errs = append(errs, o.File.validate())
	}
	if slices.Contains(o.Outputs, outputForward) {
		errs = append(errs, o.Forward.Validate())
	}
	return errors.Join(errs...)
}

// CheckFiles names every property whose file can't be used, and leaves no file behind.
func (o *Options) CheckFiles() error {
	var errs []error
	if slices.Contains(o.Outputs, outputFile) && o.File.Path != "" {
		errs = append(errs, o.File.check())
	}
	if slices.Contains(o.Outputs, outputForward) {
		errs = append(errs, o.Forward.TLS.CheckFiles())
	}
	return errors.Join(errs...)
}

// outputNames lists the outputs in the order of the documentation.
var outputNames = []string{outputStdout, outputFile, outputForward}

// validate names every property that is wrong.
func (o *FileOptions) validate() error {
	var errs []error
	if o.Path == "" {
		errs = append(errs, errors.New(`file_path "": want a path for output file`))
	} else {
		errs = append(errs, o.check())
	}
	if o.RotateSize < MinRotateSize {
		errs = append(errs, fmt.Errorf("file_rotate_size %d: want %d bytes or more", o.RotateSize, MinRotateSize))
	}
	if o.RotateCount < 1 || o.RotateCount > MaxRotateCount {
		errs = append(errs, fmt.Errorf("file_rotate_count %d: want 1 to %d", o.RotateCount, MaxRotateCount))
	}
	return errors.Join(errs...)
}

// Times of the outputs' goroutines.
const (
	// minBackoff is the wait after a first failure, long enough for a receiver's restart to cost few attempts.
	minBackoff = 250 * time.Millisecond
	// maxBackoff bounds the wait, and with it how late detections arrive after an outage.
	maxBackoff = 30 * time.Second
	// closeBackoff bounds the wait while closing, when time is short.
	closeBackoff = 500 * time.Millisecond
	// CloseTimeout is what a Close needs at least to be of use, and well within Fluent Bit's Grace of 5 s.
	CloseTimeout = 3 * time.Second
)

// maxBatch bounds what is on its way to one output: a Fluent Bit chunk is about as large, and a receiver that
// acknowledges after storing should not be asked to store much more at once. After each failure the next batch is half
// as large, down to one detection, so that a slow line gets something across within the deadlines.
var maxBatch = BatchLimit{Items: 512, Bytes: 1 << 20}
