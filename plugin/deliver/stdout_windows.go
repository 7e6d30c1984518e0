// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"io"
	"os"
)

// processStdout is standard output itself: Windows has no SIGPIPE.
func processStdout(f *os.File) io.Writer { return f }
