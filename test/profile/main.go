// SPDX-License-Identifier: Apache-2.0

// Command profile turns a processor profile of the benchmarks into one that the compiler optimises by (plugin/default.pgo):
// it keeps which function calls which, at which of its lines, and how often, and leaves out what tells of the machine
// that it was taken on: names of files and of mappings, addresses, labels. It writes to standard output.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/google/pprof/profile"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: profile FILE")
		os.Exit(2)
	}
	if err := write(os.Stdout, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "profile:", err)
		os.Exit(1)
	}
}

func write(w io.Writer, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() // only read
	p, err := profile.Parse(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	strip(p)
	return p.Write(w)
}

// strip leaves what the compiler reads: functions, their first lines, the lines of their calls, and weights.
func strip(p *profile.Profile) {
	p.TimeNanos, p.DurationNanos, p.Comments = 0, 0, nil
	p.Mapping = nil
	for _, f := range p.Function {
		f.Filename = ""
	}
	for _, l := range p.Location {
		l.Mapping, l.Address = nil, 0
	}
	for _, s := range p.Sample {
		s.Label, s.NumLabel, s.NumUnit = nil, nil, nil
	}
}
