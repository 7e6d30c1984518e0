// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"syscall"
	"time"
	"unsafe"
)

// cpuTime is what the thread has used of the processor: unlike the clock, it does not count other programs' turns.
// Getrusage tells the same, but only to four milliseconds.
func cpuTime() time.Duration {
	const threadClock = 3 // CLOCK_THREAD_CPUTIME_ID
	var t syscall.Timespec
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, threadClock, uintptr(unsafe.Pointer(&t)), 0); errno != 0 {
		return 0
	}
	return time.Duration(t.Nano())
}
