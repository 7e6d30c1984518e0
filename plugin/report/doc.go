// SPDX-License-Identifier: Apache-2.0

// Package report carries the plugin's log lines into Fluent Bit's own logger.
//
// Fluent Bit's logger works on Fluent Bit's threads alone: from any other thread a line goes to standard error, or
// nowhere in a Windows service. So a line that a callback writes is printed at once, and one that a goroutine writes
// waits in a bounded ring until the next callback. Attackers write much of what is logged: values are quoted so that
// no text can forge a line, lines are bounded, and what happens often is throttled to one summary per reason.
package report
