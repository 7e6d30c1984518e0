// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/pprof/profile"
)

// taken is a profile as runtime/pprof writes one: f calls g at its third line.
func taken() *profile.Profile {
	m := &profile.Mapping{ID: 1, Start: 0x400000, Limit: 0x500000, File: "/home/somebody/webshell/build/source.test"}
	f := &profile.Function{ID: 1, Name: "webshell/plugin/source.f", Filename: "/home/somebody/webshell/plugin/source/f.go", StartLine: 10}
	g := &profile.Function{ID: 2, Name: "webshell/plugin/source.g", Filename: "/home/somebody/webshell/plugin/source/f.go", StartLine: 20}
	caller := &profile.Location{ID: 1, Mapping: m, Address: 0x401000, Line: []profile.Line{{Function: f, Line: 12}}}
	callee := &profile.Location{ID: 2, Mapping: m, Address: 0x402000, Line: []profile.Line{{Function: g, Line: 21}}}
	return &profile.Profile{
		SampleType: []*profile.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}},
		PeriodType: &profile.ValueType{Type: "cpu", Unit: "nanoseconds"},
		Period:     10_000_000,
		TimeNanos:  1,
		Comments:   []string{"somebody's machine"},
		Mapping:    []*profile.Mapping{m},
		Function:   []*profile.Function{f, g},
		Location:   []*profile.Location{caller, callee},
		Sample: []*profile.Sample{{
			Location: []*profile.Location{callee, caller}, Value: []int64{7, 70_000_000}, Label: map[string][]string{"host": {"somebody"}},
		}},
	}
}

func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cpu")
	var in, out bytes.Buffer
	if err := taken().Write(&in); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, in.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := write(&out, path); err != nil {
		t.Fatal(err)
	}
	p, err := profile.ParseData(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	checkStripped(t, p)
	if len(p.Sample) != 1 || !slices.Equal(p.Sample[0].Value, []int64{7, 70_000_000}) {
		t.Fatalf("samples: %v", p.Sample)
	}
	var calls []string
	for _, l := range p.Sample[0].Location {
		calls = append(calls, l.Line[0].Function.Name)
	}
	if want := []string{"webshell/plugin/source.g", "webshell/plugin/source.f"}; !slices.Equal(calls, want) {
		t.Errorf("calls %q, want %q", calls, want)
	}
	if l := p.Sample[0].Location[1].Line[0]; l.Line != 12 || l.Function.StartLine != 10 {
		t.Errorf("the call is at line %d of a function from %d, want 12 and 10", l.Line, l.Function.StartLine)
	}
}

// TestProfile_shipped holds the profile in the repository to what this command leaves of one, and to the code: it has to
// name functions that every line goes through.
func TestProfile_shipped(t *testing.T) {
	data, err := os.ReadFile("../../plugin/default.pgo")
	if err != nil {
		t.Fatal(err)
	}
	p, err := profile.ParseData(data)
	if err != nil {
		t.Fatal(err)
	}
	checkStripped(t, p)
	for _, name := range []string{
		"webshell/plugin/source.(*Set).Flush", "webshell/plugin/chunk.(*Reader).Next", "webshell/correlate.(*Correlator).AddRequest",
	} {
		if !slices.ContainsFunc(p.Function, func(f *profile.Function) bool { return f.Name == name }) {
			t.Errorf("it does not know %s: make profile", name)
		}
	}
}

// checkStripped fails if a profile tells of the machine that it was taken on.
func checkStripped(t *testing.T, p *profile.Profile) {
	t.Helper()
	if len(p.Comments) > 0 || p.TimeNanos != 0 || p.DurationNanos != 0 {
		t.Error("it has comments or times")
	}
	for _, m := range p.Mapping {
		if m.File != "" || m.BuildID != "" {
			t.Errorf("it has a mapping of %q", m.File)
		}
	}
	for _, f := range p.Function {
		if f.Filename != "" {
			t.Errorf("%s has the file %q", f.Name, f.Filename)
		}
	}
	for _, s := range p.Sample {
		if len(s.Label)+len(s.NumLabel) > 0 {
			t.Errorf("a sample has the labels %v, %v", s.Label, s.NumLabel)
		}
	}
}
