// SPDX-License-Identifier: Apache-2.0

package sitemap

import (
	"strings"

	"webshell/correlate/script"
)

// unsetVariables is what the variables of every Windows hold by default, for
// configurations read on another machine. The drive's letter is left open.
var unsetVariables = []struct{ name, value string }{
	{"SystemDrive", ""},
	{"SystemRoot", `\Windows`},
	{"windir", `\Windows`},
	{"ProgramFiles", `\Program Files`},
	{"ProgramW6432", `\Program Files`},
	{"ProgramFiles(x86)", `\Program Files (x86)`},
	{"CommonProgramFiles", `\Program Files\Common Files`},
	{"ProgramData", `\ProgramData`},
}

// lookup returns the value of a variable; ok is false where nobody knows it.
func lookup(name string, env func(string) string) (value string, ok bool) {
	if env != nil {
		if value = env(name); value != "" {
			return value, true
		}
	}
	for _, v := range unsetVariables {
		if script.EqualFold(v.name, name) {
			return v.value, true
		}
	}
	return "", false
}

// expand replaces each %NAME% of a path once, as Windows does. The parts up to
// and with the last one of which a variable is not known are left out: known is
// false then, and the path is only the trailing parts of the real one.
func expand(path string, env func(string) string) (expanded string, known bool) {
	var out strings.Builder
	known = true
	for {
		before, rest, found := strings.Cut(path, "%")
		out.WriteString(before)
		if !found || out.Len() > maxPathBytes {
			return out.String(), known
		}
		name, after, closed := strings.Cut(rest, "%")
		if !closed || name == "" || strings.ContainsAny(name, `\/`) {
			out.WriteByte('%') // Windows leaves it alone
			path = rest
			continue
		}
		path = after
		if value, ok := lookup(name, env); ok {
			out.WriteString(value)
			continue
		}
		out.Reset()
		known = false
		_, path, _ = cutAny(path)
	}
}

// cutAny cuts path at its first slash of either kind.
func cutAny(path string) (before, after string, found bool) {
	at := strings.IndexFunc(path, isSlash)
	if at < 0 {
		return path, "", false
	}
	return path[:at], path[at+1:], true
}
