// SPDX-License-Identifier: Apache-2.0

package format

import (
	"fmt"
	"strings"

	"webshell/correlate"
)

// Formatter writes detections in one format. It holds no state and may be used by several goroutines at once.
type Formatter interface {
	// Append appends d as one JSON object, without a newline anywhere in it, and returns the longer slice.
	Append(dst []byte, d *correlate.Detection) []byte
}

// Default is the format of an instance that names none.
const Default = "sentinel"

// appender is a format that is a plain function.
type appender func(dst []byte, d *correlate.Detection) []byte

// Append calls f.
func (f appender) Append(dst []byte, d *correlate.Detection) []byte { return f(dst, d) }

// names lists the formats in the order of the documentation.
var names = [...]string{"sentinel", "ecs", "ocsf", "asim"}

// New returns the format of that name; "" is the default.
func New(name string) (Formatter, error) {
	switch name {
	case "", Default:
		return appender(appendSentinel), nil
	case "ecs":
		return appender(appendECS), nil
	case "ocsf":
		return appender(appendOCSF), nil
	case "asim":
		return appender(appendASIM), nil
	}
	return nil, fmt.Errorf("format %q: want one of %s", name, strings.Join(names[:], ", "))
}

// Names returns the names that New knows.
func Names() []string { return append([]string(nil), names[:]...) }
