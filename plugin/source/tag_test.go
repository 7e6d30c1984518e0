// SPDX-License-Identifier: Apache-2.0

package source

import "testing"

func TestMatchTag(t *testing.T) {
	for _, tc := range []struct {
		pattern, tag string
		want         bool
	}{
		{"alert.*", "alert.defender", true},
		{"alert.*", "alert.", true},
		{"alert.*", "alert", false},
		{"alert.*", "Alert.x", false},
		{"alert.*", "iis.alert.x", false},
		{"*", "", true},
		{"*", "anything", true},
		{"alert", "alert", true},
		{"alert", "alert.x", false},
		{"", "", true},
		{"", "x", false},
		{"*.alert", "iis.alert", true},
		{"*.alert", ".alert", true},
		{"*.alert", "alert", false},
		{"a*b*c", "abc", true},
		{"a*b*c", "a..b..c", true},
		{"a*b*c", "a..c..b", false},
		{"a*b*c", "ab", false},
		{"a*a", "a", false},
		{"a*a", "aa", true},
		{"*b*", "abc", true},
		{"*b*", "ac", false},
		{"**", "x", true},
		{"a**b", "ab", true},
		{"*ab*ab", "ab.ab", true},
		{"*ab*ab", "ab", false},
	} {
		if got := MatchTag(tc.pattern, tc.tag); got != tc.want {
			t.Errorf("MatchTag(%q, %q) = %v, want %v", tc.pattern, tc.tag, got, tc.want)
		}
	}
}
