// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"strings"

	"webshell/correlate"
)

// statusOf tells where an alert stands from a feed's status and classification. The feeds write the same words in
// different ways (Dismissed, falsePositive, FalsePositive): letters alone are compared, without case.
func statusOf(status, classification string) correlate.AlertStatus {
	if letters(classification) == "falsepositive" || letters(status) == "dismissed" {
		return correlate.StatusDismissed
	}
	switch letters(status) {
	case "resolved", "closed":
		return correlate.StatusResolved
	}
	return correlate.StatusActive
}

// letters folds a short word to its ASCII letters in lower case; a long text is no such word.
func letters(s string) string {
	const longest = 64
	if len(s) > longest {
		return ""
	}
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'A' && c <= 'Z':
			return c + 'a' - 'A'
		case c >= 'a' && c <= 'z':
			return c
		}
		return -1
	}, s)
}
