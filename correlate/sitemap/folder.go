// SPDX-License-Identifier: Apache-2.0

package sitemap

import (
	"strings"

	"webshell/correlate/script"
)

// noLetter is the volume of a folder whose drive letter is not known.
const noLetter = `\`

// folder is a folder of the disk: `C:` and its parts, `\\server` and its parts,
// noLetter and its parts, or, with no volume, the trailing parts alone.
type folder struct {
	volume string
	parts  []string
}

// cutFolder cuts a folder in the form of script.Target.Folder.
func cutFolder(clean string) folder {
	f := folder{}
	switch {
	case strings.HasPrefix(clean, `\\`):
		server, rest, _ := strings.Cut(clean[2:], `\`)
		f.volume, clean = `\\`+server, rest
	case strings.HasPrefix(clean, `\`):
		f.volume = noLetter
	case len(clean) >= 2 && clean[1] == ':':
		f.volume, clean = clean[:2], clean[2:]
	}
	f.parts = strings.FieldsFunc(clean, isSlash)
	return f
}

// String is the form of script.Target.Folder again.
func (f folder) String() string {
	below := strings.Join(f.parts, `\`)
	switch {
	case f.volume == "" || f.volume == noLetter:
		return f.volume + below
	case below == "":
		return f.volume
	}
	return f.volume + `\` + below
}

// sameVolume reports whether two volumes can be one.
func sameVolume(a, b string) bool {
	switch {
	case strings.HasPrefix(a, `\\`) && strings.HasPrefix(b, `\\`):
		return sameServer(a[2:], b[2:])
	case a == noLetter:
		return !strings.HasPrefix(b, `\\`)
	case b == noLetter:
		return !strings.HasPrefix(a, `\\`)
	}
	return script.EqualFold(a, b)
}

// sameServer compares two names of a file server, a short one with a full one
// either way round.
func sameServer(a, b string) bool {
	if script.EqualFold(a, b) {
		return true
	}
	short, full := a, b
	if len(short) > len(full) {
		short, full = full, short
	}
	if short == "" || strings.Contains(short, ".") || len(short) >= len(full) {
		return false
	}
	return full[len(short)] == '.' && script.EqualFold(short, full[:len(short)])
}

// samePart compares two names of one folder of the disk, either of which may be
// an 8.3 alias of the other.
func samePart(a, b string) bool {
	return script.EqualFold(a, b) || script.IsAlias(a, b) || script.IsAlias(b, a)
}

// sameLogged compares a folder of a URL as logged with one of the disk. Windows
// opens the same folder with dots and spaces at the end of its name and with the
// stream that every folder has; IIS refuses most of these.
func sameLogged(logged, name string) bool {
	if script.SameFolder(logged, name) || script.IsAlias(logged, name) || script.IsAlias(name, logged) {
		return true
	}
	plain := strings.TrimRight(withoutStream(logged), ". +")
	return plain != logged && plain != "" && script.SameFolder(plain, name)
}

// withoutStream cuts the stream that a folder's entries are in.
func withoutStream(logged string) string {
	name, stream, found := strings.Cut(logged, ":")
	if found && (script.EqualFold(stream, ":$INDEX_ALLOCATION") || script.EqualFold(stream, "$I30:$INDEX_ALLOCATION")) {
		return name
	}
	return logged
}

// commonEnd returns how many trailing parts of a and b are equal by same.
func commonEnd(a, b []string, same func(a, b string) bool) int {
	n := 0
	for n < len(a) && n < len(b) && same(a[len(a)-1-n], b[len(b)-1-n]) {
		n++
	}
	return n
}
