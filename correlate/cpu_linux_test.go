// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"syscall"
	"time"
)

// cpuTime is what the thread has used of the processor: unlike the clock, it does not count other programs' turns.
func cpuTime() time.Duration {
	const thisThread = 1 // RUSAGE_THREAD
	var u syscall.Rusage
	if err := syscall.Getrusage(thisThread, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
