// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"webshell/correlate"
	"webshell/plugin/deliver/forward"
)

// detection makes one revision of detection n.
// testQueueLimit is a queue that fills soon and still has room for batches on their way.
const testQueueLimit = 1 << 20

func detection(n, revision int) *correlate.Detection {
	return &correlate.Detection{ID: fmt.Sprintf("%032x", n), Revision: int64(revision), First: revision == 1,
		TimeGenerated: correlate.At(time.Date(2026, 3, 2, 10, 0, revision, 0, time.UTC)), ShellLocation: "/up/shell.aspx"}
}

// fake is an output under the test's control.
type fake struct {
	mu     sync.Mutex
	lines  []string
	closed int
	calls  int
	err    func(ctx context.Context, call int) error // nil or nil result: all arrive
}

func (f *fake) send(ctx context.Context, ds []Delivery) (int, error) {
	f.mu.Lock()
	f.calls++
	call, check := f.calls, f.err
	f.mu.Unlock()
	if check != nil {
		if err := check(ctx, call); err != nil {
			return 0, err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range ds {
		f.lines = append(f.lines, string(ds[i].Line()))
	}
	return len(ds), nil
}

func (f *fake) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed++
	return nil
}

func (f *fake) got() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lines
}

// openFakes opens a deliverer over outputs of the test, and a buffer with its log.
func openFakes(t *testing.T, outputs ...output) (*Deliverer, *logBuffer) {
	t.Helper()
	log := &logBuffer{}
	d, err := Open(Options{Stdout: &bytes.Buffer{}}, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	d.Close(0)
	d.queue, d.workers, d.closing, d.closeOnce = NewQueue(len(outputs), testQueueLimit), nil, make(chan struct{}), sync.Once{}
	var names []string
	for i := range outputs {
		names = append(names, fmt.Sprint("fake", i))
	}
	d.start(names, outputs)
	return d, log
}

// logBuffer collects log lines.
type logBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// flushed waits until everything is delivered.
func flushed(t *testing.T, d *Deliverer) {
	t.Helper()
	if err := d.Flushed(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestDeliverer_stdoutAndFile(t *testing.T) {
	var out bytes.Buffer
	path := filepath.Join(t.TempDir(), "f")
	d, err := Open(Options{Outputs: []string{"stdout", "file"}, Stdout: &out, File: FileOptions{Path: path}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	d.Put([]*correlate.Detection{detection(1, 1), detection(2, 1)})
	flushed(t, d)
	d.Put([]*correlate.Detection{detection(1, 2)})
	d.Close(CloseTimeout)
	if got := read(t, path); got != out.String() || strings.Count(got, "\n") != 3 {
		t.Errorf("file %q, standard output %q", got, out.String())
	}
	for line := range strings.Lines(out.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("no JSON: %s", line)
		}
	}
	for _, o := range d.Stats().Outputs {
		if o.Acknowledged != 3 || o.Waiting != 0 || o.Failures != 0 || o.LastError != "" {
			t.Errorf("got %+v", o)
		}
	}
}

func TestDeliverer_retriesWithBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &fake{err: func(_ context.Context, call int) error {
			if call < 12 {
				return errors.New("no answer")
			}
			return nil
		}}
		d, log := openFakes(t, out)
		start := time.Now()
		d.Put([]*correlate.Detection{detection(1, 1)})
		synctest.Wait()
		d.Put([]*correlate.Detection{detection(1, 2)})
		flushed(t, d)
		if took := time.Since(start); took < time.Minute || took > 10*time.Minute {
			t.Errorf("12 attempts took %v", took)
		}
		if got := out.got(); len(got) != 1 || !strings.Contains(got[0], `"Revision":2,`) {
			t.Errorf("got %q, want the newest revision once", got)
		}
		if n := strings.Count(log.String(), "\n"); n < 1 || n > 10 {
			t.Errorf("%d log lines for 11 failures: %s", n, log)
		}
		s := d.Stats().Outputs[0]
		if s.Failures != 11 || s.LastError != "" || s.Acknowledged != 1 || s.Replaced != 1 {
			t.Errorf("got %+v", s)
		}
		d.Close(CloseTimeout)
	})
}

func TestDeliverer_slowOutputHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := &fake{err: func(ctx context.Context, _ int) error { <-ctx.Done(); return ctx.Err() }}
		quick := &fake{}
		d, log := openFakes(t, stuck, quick)
		for i := range 100 {
			d.Put([]*correlate.Detection{detection(i, 1)})
			synctest.Wait()
			if got := len(quick.got()); got != i+1 {
				t.Fatalf("%d lines, want %d", got, i+1)
			}
		}
		start := time.Now()
		d.Close(CloseTimeout)
		if took := time.Since(start); took != CloseTimeout {
			t.Errorf("close took %v, want %v", took, CloseTimeout)
		}
		if !strings.Contains(log.String(), "reason=exit count=100") {
			t.Errorf("the log does not say what was lost: %s", log)
		}
		if stuck.closed != 1 || quick.closed != 1 {
			t.Errorf("closed %d and %d times, want once each", stuck.closed, quick.closed)
		}
	})
}

func TestDeliverer_closeEndsEvenIfTheSystemHoldsAWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		held := &fake{err: func(context.Context, int) error { <-release; return nil }}
		d, _ := openFakes(t, held)
		d.Put([]*correlate.Detection{detection(1, 1)})
		start := time.Now()
		d.Close(time.Second)
		if took := time.Since(start); took > time.Second+cancelGrace {
			t.Errorf("close took %v", took)
		}
		close(release)
	})
}

func TestDeliverer_closeFlushesDuringABackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := true
		out := &fake{}
		out.err = func(context.Context, int) error {
			if down {
				return errors.New("down")
			}
			return nil
		}
		d, _ := openFakes(t, out)
		d.Put([]*correlate.Detection{detection(1, 1)})
		<-time.After(5 * time.Minute) // of the bubble's clock: the backoff is at its longest
		synctest.Wait()
		down = false
		d.Close(CloseTimeout)
		if got := out.got(); len(got) != 1 {
			t.Errorf("%d lines, want 1", len(got))
		}
	})
}

func TestDeliverer_goneOutputIsDiscarded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &fake{err: func(context.Context, int) error { return fmt.Errorf("standard output %w", errGone) }}
		d, log := openFakes(t, out)
		for i := range 5 {
			d.Put([]*correlate.Detection{detection(i, 1)})
			synctest.Wait()
		}
		flushed(t, d)
		s := d.Stats()
		if s.QueueBytes != 0 || s.Outputs[0].Dropped.Closed != 5 || out.calls != 1 {
			t.Errorf("got %+v after %d calls", s, out.calls)
		}
		if !strings.Contains(log.String(), "output_closed") {
			t.Errorf("the log does not say so: %s", log)
		}
		d.Close(CloseTimeout)
	})
}

func TestDeliverer_boundIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &fake{err: func(ctx context.Context, _ int) error { <-ctx.Done(); return ctx.Err() }}
		d, log := openFakes(t, out)
		for i := range 2000 {
			d.Put([]*correlate.Detection{detection(i, 1)})
		}
		s := d.Stats()
		if s.QueueBytes > testQueueLimit+int64(maxBatch.Bytes) || s.Outputs[0].Dropped.First == 0 {
			t.Errorf("got %+v", s)
		}
		if n := strings.Count(log.String(), "queue_full_first"); n != 1 {
			t.Errorf("%d log lines, want 1: %s", n, log)
		}
		d.Close(0)
	})
}

func TestOpen_namesEveryBadProperty(t *testing.T) {
	_, err := Open(Options{Outputs: []string{"stdout", "stdot", "file", "stdout"}, Format: "xml", QueueLimit: 5,
		File: FileOptions{RotateSize: 1, RotateCount: -1}}, nil)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{`output "stdot"`, `output "stdout": named twice`, `format "xml"`, "queue_limit 5", "file_path", "file_rotate_size 1", "file_rotate_count -1"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
}

// CheckFiles names what can't be used; what it makes to find out is gone again, and what was there is as it was.
func TestOptions_checkFiles(t *testing.T) {
	dir := t.TempDir()
	there := filepath.Join(dir, "there.json")
	if err := os.WriteFile(there, []byte("{}\n{\"cut"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, path string
		want       string
	}{
		{"file that is there", there, ""},
		{"new file", filepath.Join(dir, "new.json"), ""},
		{"new folders", filepath.Join(dir, "a", "b", "new.json"), ""},
		{"folder", dir, "file_path"},
		{"new folder", filepath.Join(dir, "a", "b") + string(filepath.Separator), "file_path"},
		{"below a file", filepath.Join(there, "a", "new.json"), "file_path"},
	} {
		o := Options{Outputs: []string{"file", "forward"}, File: FileOptions{Path: c.path},
			Forward: forward.Options{TLS: forward.TLSOptions{On: true, CAFile: filepath.Join(dir, "ca"), KeyFile: filepath.Join(dir, "key")}}}
		err := o.CheckFiles()
		if err == nil || strings.Contains(err.Error(), "file_path") != (c.want != "") {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for _, want := range []string{c.want, "forward_tls_ca_file", "forward_tls_key_file"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q is not in %v", c.name, want, err)
			}
		}
	}
	if left, err := os.ReadDir(dir); len(left) != 1 || read(t, there) != "{}\n{\"cut" {
		t.Errorf("left behind: %v, %v, %q", left, err, read(t, there))
	}
}

func TestOpen_badFileClosesTheOthers(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(Options{Outputs: []string{"stdout", "file"}, Stdout: os.Stderr, File: FileOptions{Path: dir}}, nil); err == nil {
		t.Error("a folder was taken for a file")
	}
}
