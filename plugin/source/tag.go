// SPDX-License-Identifier: Apache-2.0

package source

import "strings"

// MatchTag reports whether a tag fits a pattern in which * stands for any text, as Fluent Bit's match does.
func MatchTag(pattern, tag string) bool {
	head, rest, hasStar := strings.Cut(pattern, "*")
	if !hasStar {
		return pattern == tag
	}
	if !strings.HasPrefix(tag, head) {
		return false
	}
	tag = tag[len(head):]
	for {
		var part string
		part, rest, hasStar = strings.Cut(rest, "*")
		if !hasStar {
			return strings.HasSuffix(tag, part)
		}
		i := strings.Index(tag, part)
		if i < 0 {
			return false
		}
		tag = tag[i+len(part):]
	}
}
