// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"syscall"
	"testing"
)

// deliveries makes n deliveries of that size.
func deliveries(n, size int) []Delivery {
	var ds []Delivery
	for i := range n {
		ds = append(ds, Delivery{Item: item(fmt.Sprintf("id%d", i), 1, size), First: true})
	}
	return ds
}

// text is what ds are as lines.
func text(ds []Delivery) string { return string(appendLines(nil, ds)) }

func TestStdout_oneWriteABatch(t *testing.T) {
	w := &shortWriter{take: []int{1 << 30}}
	ds := deliveries(3, 200_000)
	n, err := newStdout(w).send(t.Context(), ds)
	if n != 3 || err != nil || w.calls != 1 || w.String() != text(ds) {
		t.Errorf("got %d, %v with %d writes of %d bytes; want 3 with 1 of %d", n, err, w.calls, w.Len(), len(text(ds)))
	}
}

// shortWriter takes a given number of bytes at each call, then all.
type shortWriter struct {
	bytes.Buffer
	take  []int
	calls int
}

func (w *shortWriter) Write(p []byte) (int, error) {
	w.calls++
	n := len(p)
	if len(w.take) > 0 {
		n, w.take = min(n, w.take[0]), w.take[1:]
	}
	w.Buffer.Write(p[:n])
	if n < len(p) {
		return n, syscall.EAGAIN
	}
	return n, nil
}

// TestStdout_shortWrites cuts writes anywhere, again and again: the lines arrive whole, in order, once.
func TestStdout_shortWrites(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 1))
		w := &shortWriter{}
		for range rng.IntN(12) {
			w.take = append(w.take, rng.IntN(120))
		}
		ds := deliveries(1+rng.IntN(5), rng.IntN(30))
		out := newStdout(w)
		for left := ds; len(left) > 0; {
			n, err := out.send(t.Context(), left)
			if err != nil && !errors.Is(err, syscall.EAGAIN) {
				t.Fatal(err)
			}
			left = left[n:]
		}
		got := w.String() + string(out.rest)
		if got != text(ds) {
			t.Fatalf("seed %d: got %q, want %q", seed, got, text(ds))
		}
	}
}

func TestStdout_closedPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	n, err := newStdout(processStdout(w)).send(t.Context(), deliveries(1, 10))
	if n != 0 || !errors.Is(err, errGone) {
		t.Errorf("got %d and %v, want nothing and %v", n, err, errGone)
	}
}

func TestStdout_bigWritesThroughAPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	ds := deliveries(40, 100_000)
	sent := make(chan error, 1)
	go func() {
		n, err := newStdout(processStdout(w)).send(t.Context(), ds)
		if n != len(ds) && err == nil {
			err = fmt.Errorf("%d of %d", n, len(ds))
		}
		sent <- errors.Join(err, w.Close())
	}()
	got, err := io.ReadAll(r)
	if err := errors.Join(err, <-sent); err != nil {
		t.Fatal(err)
	}
	if string(got) != text(ds) {
		t.Errorf("%d bytes arrived, want the %d sent", len(got), len(text(ds)))
	}
}

// TestStdout_descriptorOne runs this test's own binary with a standard output that nobody reads. Go ends a process for
// that unless the write goes past os.File.
func TestStdout_descriptorOne(t *testing.T) {
	if os.Getenv("WEBSHELL_TEST_STDOUT") != "" {
		_, err := newStdout(nil).send(t.Context(), deliveries(1, 10))
		fmt.Fprintln(os.Stderr, "survived:", errors.Is(err, errGone))
		os.Exit(0)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := testBinary(t, "TestStdout_descriptorOne", "WEBSHELL_TEST_STDOUT=1")
	var stderr strings.Builder
	cmd.Stdout, cmd.Stderr = w, &stderr
	err = cmd.Run()
	if err != nil || !strings.Contains(stderr.String(), "survived: true") {
		t.Errorf("got %v and %q", err, stderr.String())
	}
}
