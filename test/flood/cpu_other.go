// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package main

import "time"

var started = time.Now()

// cpuTime is the clock where a thread's own time is not to be had.
func cpuTime() time.Duration { return time.Since(started) }
