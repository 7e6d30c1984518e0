// SPDX-License-Identifier: Apache-2.0

package sitemap

import (
	"strings"

	"webshell/correlate/script"
)

const (
	// maxURLParts is HTTP.sys's default UrlSegmentMaxCount; it refuses URLs with
	// more, so no folder is known for them.
	maxURLParts = 255
	// maxURLBytes is the highest MaxFieldLength, in bytes, that HTTP.sys can be
	// set to.
	maxURLBytes = 65534
)

// urlPath is the folder part of a URL, cut into its parts.
type urlPath struct {
	parts []string // as logged
	key   string   // the parts in their canonical form, each with a "/" in front
	ends  []int    // ends[i] is where the first i parts end in key
}

// cutURL cuts folder at slashes; "." and ".." are resolved as HTTP.sys does. It
// returns false for what is no URL of HTTP.sys.
func cutURL(folder string) (u urlPath, ok bool) {
	if len(folder) > maxURLBytes {
		return urlPath{}, false
	}
	for part := range strings.FieldsFuncSeq(folder, isSlash) {
		switch part {
		case ".":
		case "..":
			u.parts = u.parts[:max(len(u.parts)-1, 0)]
		default:
			u.parts = append(u.parts, part)
		}
		if len(u.parts) > maxURLParts {
			return urlPath{}, false
		}
	}
	var key strings.Builder
	u.ends = append(u.ends, 0)
	for _, part := range u.parts {
		key.WriteByte('/')
		key.WriteString(canonical(part))
		u.ends = append(u.ends, key.Len())
	}
	u.key = key.String()
	return u, true
}

func isSlash(r rune) bool { return r == '/' || r == '\\' }

// keyOf is the key of the parts from the i-th to before the j-th; "" for none.
func (u *urlPath) keyOf(i, j int) string { return u.key[u.ends[i]:u.ends[j]] }

// canonical is the one form that a name of the configuration and all logged
// spellings of it have in common: folded, "+" as a space, UTF-8.
func canonical(logged string) string {
	forms := script.Spellings(logged)
	return script.FoldString(strings.ReplaceAll(forms[len(forms)-1], "+", " "))
}
