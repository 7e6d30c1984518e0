// SPDX-License-Identifier: Apache-2.0

// Command bench measures what the plugin costs a whole Fluent Bit: processor time of the process for a log of IIS read
// by tail and thrown away (out_null), against the same log read by tail into the plugin. Runs take turns, so that both
// see the same machine, and the medians are compared.
//
// It needs a Fluent Bit: FLUENT_BIT names one, else PATH is searched; without one it says so and measures nothing. Wall
// time says little, for Fluent Bit waits for its flush interval.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"
)

// goal is what the plugin may cost: half of what tail alone costs, on top of it.
const goal = 1.5

func main() {
	lines := flag.Int("lines", 1_000_000, "lines of the log, 245 bytes each, 40 in 100 of them calls of scripts")
	pairs := flag.Int("pairs", 5, "runs of each kind")
	plugin := flag.String("plugin", "../build/out_webshell.so", "the plugin")
	flag.Parse()
	if err := bench(*lines, *pairs, *plugin); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(lines, pairs int, plugin string) error {
	program, err := fluentBit()
	if err != nil {
		fmt.Println("bench: no Fluent Bit (FLUENT_BIT, PATH): whole-process cost is not measured")
		return nil
	}
	dir, err := os.MkdirTemp("", "webshell-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // what stays is in the system's temporary folder
	if plugin, err = filepath.Abs(plugin); err != nil {
		return err
	}
	fmt.Printf("writing a log of %d lines ...\n", lines)
	log := filepath.Join(dir, "W3SVC1", "u_ex260302.log")
	if err := writeLog(log, lines); err != nil {
		return err
	}
	b := run{program: program, plugin: plugin, dir: dir, log: log, lines: lines}
	var null, webshell []time.Duration
	for i := range pairs {
		a, err := b.measure(outNull)
		if err != nil {
			return err
		}
		w, err := b.measure(b.outWebshell())
		if err != nil {
			return err
		}
		null, webshell = append(null, a), append(webshell, w)
		fmt.Printf("pair %d of %d: %.2f s to null, %.2f s to webshell\n", i+1, pairs, a.Seconds(), w.Seconds())
	}
	return report(lines, median(null), median(webshell))
}

// fluentBit finds the program.
func fluentBit() (string, error) {
	if path := os.Getenv("FLUENT_BIT"); path != "" {
		return exec.LookPath(path)
	}
	return exec.LookPath("fluent-bit")
}

func median(all []time.Duration) time.Duration {
	all = slices.Sorted(slices.Values(all))
	n := len(all)
	return (all[(n-1)/2] + all[n/2]) / 2
}

func report(lines int, null, webshell time.Duration) error {
	perLine := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / float64(lines) }
	ratio := float64(webshell) / float64(null)
	verdict := "within"
	if ratio > goal {
		verdict = "beyond"
	}
	fmt.Printf("\nprocessor time of the whole process, %d lines, %s/%s, %d processors\n", lines, runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	rows := fmt.Sprintln("pipeline\tseconds\tns a line\tratio\t") +
		fmt.Sprintf("tail to null\t%.2f\t%.0f\t1.00\t\n", null.Seconds(), perLine(null)) +
		fmt.Sprintf("tail to webshell\t%.2f\t%.0f\t%.2f\t\n", webshell.Seconds(), perLine(webshell), ratio) +
		fmt.Sprintf("the plugin's part\t%.2f\t%.0f\t\t\n", (webshell-null).Seconds(), perLine(webshell-null))
	if _, err := w.Write([]byte(rows)); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Printf("goal: at most %.1f; %s\n", goal, verdict)
	return nil
}
