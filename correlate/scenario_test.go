// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"webshell/correlate/script"
)

var update = flag.Bool("update", false, "rewrite the expected part of testdata/scenarios")

// A scenario file tells a story in steps, then a rule line, then what comes of it. testdata/scenarios/README.md has
// the steps.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/scenarios/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			steps, want, ok := strings.Cut(string(b), "----\n")
			if !ok && !*update {
				t.Fatal("no rule line")
			}
			got := runScenario(t, steps)
			if *update {
				if err := os.WriteFile(file, []byte(steps+"----\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// play is a scenario under way.
type play struct {
	t    *testing.T
	opt  Options
	c    *Correlator
	wall Instant
	show map[string]bool
	out  strings.Builder
}

func runScenario(t *testing.T, steps string) string {
	p := &play{t: t, opt: DefaultOptions(Windows), show: map[string]bool{}}
	for n, text := range strings.Split(steps, "\n") {
		words := strings.Fields(text)
		if len(words) == 0 || strings.HasPrefix(text, "#") {
			continue
		}
		times := 1
		if words[0] == "times" {
			times = p.number(words[1])
			words = words[2:]
		}
		for i := range times {
			if err := p.step(expand(words, i)); err != nil {
				t.Fatalf("line %d %q: %v", n+1, text, err)
			}
		}
		if p.c != nil {
			mustHold(t, p.c)
		}
	}
	p.counters()
	return p.out.String()
}

// expand puts i where a word has a "#".
func expand(words []string, i int) []string {
	out := make([]string, len(words))
	for n, w := range words {
		out[n] = strings.ReplaceAll(w, "#", strconv.Itoa(i))
	}
	return out
}

func (p *play) step(words []string) error {
	switch words[0] {
	case "option":
		return p.option(words[1], words[2:])
	case "show":
		for _, w := range words[1:] {
			p.show[w] = true
		}
		return nil
	}
	if p.c == nil {
		c, err := New(p.opt)
		if err != nil {
			return err
		}
		p.c = c
	}
	return p.act(words)
}

// act does one step and writes down what comes of it.
func (p *play) act(words []string) error {
	switch words[0] {
	case "request":
		r := p.request(words)
		p.pass(r.Time)
		p.c.AddRequest(r, p.wall)
	case "alert":
		a := p.alert(words)
		p.pass(a.Time)
		p.c.AddAlert(a, p.wall)
		for p.show["whole"] && p.c.Step(p.wall) {
		}
	case "wall":
		p.wall = p.time(words[1])
	case "tick":
		if len(words) > 1 {
			p.wall = p.time(words[1])
		}
		for p.c.Tick(p.wall) {
		}
	case "drain":
		p.c.Drain(p.wall)
	case "rows":
		for _, d := range p.c.Rows(p.time(words[1])) {
			p.detection("row", d)
		}
	case "note":
		fmt.Fprintln(&p.out, strings.Join(words[1:], " "))
	default:
		return fmt.Errorf("no such step: %s", words[0])
	}
	for _, d := range p.c.Take() {
		p.detection("detection", d)
	}
	return nil
}

// pass lets the wall clock go on to t, unless a record is from the future on purpose.
func (p *play) pass(t Instant) {
	if !p.show["wall"] {
		p.wall = max(p.wall, t)
	}
}

func (p *play) option(name string, values []string) error {
	o := &p.opt
	value := strings.Join(values, " ")
	switch name {
	case "matching":
		if value == "kql" {
			*o = DefaultOptions(KQL)
		}
	case "log_window":
		o.LogWindow = p.duration(value)
	case "alert_window":
		o.AlertWindow = p.duration(value)
	case "update_interval":
		o.UpdateInterval = p.duration(value)
	case "alert_detections":
		o.AlertDetections = p.number(value)
	case "evidence_requests":
		o.EvidenceRequests = p.number(value)
	case "set_limit":
		o.SetLimit = p.number(value)
	case "memory_limit":
		o.MemoryLimit = int64(p.number(strings.TrimSuffix(value, "M"))) << 20
	case "computer_name":
		o.ComputerName = value
	case "report_unmatched":
		o.ReportUnmatched = value == "on"
	case "path_match":
		o.PathMatch = map[string]script.PathMatch{"any": script.PathUnknown, "partial": script.PathPartial, "full": script.PathFull}[value]
	default:
		return fmt.Errorf("no such option: %s", name)
	}
	return nil
}

func (p *play) duration(s string) time.Duration {
	p.t.Helper()
	days := 0
	if rest, ok := strings.CutSuffix(s, "d"); ok {
		days, s = p.number(rest), "0"
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		p.t.Fatal(err)
	}
	return d + time.Duration(days)*24*time.Hour
}

func (p *play) number(s string) int {
	p.t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

// time reads 10:00:00 of the day, 10:00:00.120, or 2026-03-05T10:00:00 of another.
func (p *play) time(s string) Instant {
	p.t.Helper()
	if !strings.Contains(s, "T") {
		s = day.Time().Format("2006-01-02T") + s
	}
	t, err := time.Parse("2006-01-02T15:04:05", s)
	if err != nil {
		p.t.Fatal(err)
	}
	return At(t)
}
