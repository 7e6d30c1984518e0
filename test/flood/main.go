// SPDX-License-Identifier: Apache-2.0

// Command flood plays floods to the bounded memory after a story of four attackers, and prints who is still known: to
// a flat golang-lru, to its 2Q, to the engine, and, with -plugin and -host, through the shared object.
//
//	go run ./flood [-floods ABCDEFGHI] [-limits 16,64,256] [-plugin out_webshell.so -host host]
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

var (
	chosen  = flag.String("floods", "ABCDEFGHI", "which floods")
	limits  = flag.String("limits", "16,64,256", "memory limits, in MiB")
	library = flag.String("plugin", "", "shared object to play the floods through as well")
	hosting = flag.String("host", "", "bundled host that loads it")
	child   = flag.String("child", "", "runs one flood and prints its result as JSON; used by the program itself")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "flood:", err)
		os.Exit(1)
	}
}

func run() error {
	if *child != "" {
		return runChild(*child)
	}
	failed := 0
	for _, mib := range strings.Split(*limits, ",") {
		n, err := strconv.ParseInt(mib, 10, 64)
		if err != nil {
			return fmt.Errorf("limits %q: want whole MiB, separated by commas", *limits)
		}
		failed += table(n << 20)
	}
	if failed > 0 {
		return fmt.Errorf("%d goals missed", failed)
	}
	return nil
}

// table plays the floods at one limit and prints a line each; it counts the goals that were missed.
func table(limit int64) (failed int) {
	fmt.Printf("\nmemory_limit %dM: attackers known of %d, resident memory may grow by %d MiB\n", limit>>20, len(attackers), bound(limit)>>20)
	fmt.Printf("%-2s %5s %4s %7s %8s %9s %8s %8s %8s %8s %7s  %s\n", "", "flat", "2Q", "engine", "coverage", "records", "each", "p99.9", "longest", "alert", "RSS", "what comes")
	for i := range floods {
		fl := &floods[i]
		if !strings.Contains(*chosen, fl.name) {
			continue
		}
		inFlat, inTwoQueues := compare(fl, limit)
		res := inProcess("engine", fl, limit)
		fmt.Printf("%-2s %5d %4d %7d %8s %9d %8v %8v %8v %8v %6dM  %s\n", fl.name, inFlat, inTwoQueues, res.Known, res.Coverage, res.Records,
			res.Each, short(res.Tail), short(res.Longest), short(res.Alert), res.Growth>>20, fl.says)
		failed += complain(res.faults(fl, limit))
		if *library != "" {
			res := inProcess("plugin", fl, limit)
			fmt.Printf("%-2s %5s %4s %7d %8s %9d %8v %8s %8s %8s %6dM  through the shared object\n", "", "", "", res.Known, res.Coverage, res.Records,
				res.Each, "", "", "", res.Growth>>20)
			failed += complain(res.faults(fl, limit))
		}
	}
	return failed
}

func complain(faults []string) int {
	for _, f := range faults {
		fmt.Println("   MISSED:", f)
	}
	return len(faults)
}

func short(d time.Duration) time.Duration {
	switch {
	case d > time.Millisecond:
		return d.Round(10 * time.Microsecond)
	default:
		return d.Round(10 * time.Nanosecond)
	}
}

// inProcess runs a flood in a process of its own.
func inProcess(way string, fl *flood, limit int64) (res result) {
	self, err := os.Executable()
	if err != nil {
		return result{Fault: err.Error()}
	}
	cmd := exec.Command(self, "-child", fmt.Sprintf("%s,%s,%d", way, fl.name, limit), "-plugin", *library, "-host", *hosting)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(out, &res)
	}
	if err != nil {
		res.Fault = fmt.Sprintf("%s: %v", way, err)
	}
	return res
}

func runChild(what string) error {
	parts := strings.Split(what, ",")
	limit, err := strconv.ParseInt(parts[len(parts)-1], 10, 64)
	if err != nil || len(parts) != 3 {
		return fmt.Errorf("child %q: want way,flood,limit", what)
	}
	for i := range floods {
		if floods[i].name != parts[1] {
			continue
		}
		var res result
		if parts[0] == "plugin" {
			res = runPlugin(&floods[i], limit)
		} else {
			res = runEngine(&floods[i], limit)
		}
		return json.NewEncoder(os.Stdout).Encode(res)
	}
	return fmt.Errorf("no flood %q", parts[1])
}
