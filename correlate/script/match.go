// SPDX-License-Identifier: Apache-2.0

package script

import (
	"bytes"
	"strings"
)

// Key is a name, folded, under which URLs that call a Target are filed, and
// what was undone for a URL that is found there.
type Key struct {
	Name string // Fold of the name
	By   By     // what the key adds; Exact for the name itself
}

// LookupKeys returns the keys under which URLs that call t are filed: its name,
// the name as logged where it has blanks and "+" both, the name without its
// extension, and its 8.3 aliases. Each name comes once; there are at most 16.
// Match tells which of the readings found there do call t.
func LookupKeys(t Target) []Key {
	var keys []Key
	add := func(name string, by By) {
		folded := FoldString(name)
		for _, k := range keys {
			if k.Name == folded {
				return
			}
		}
		keys = append(keys, Key{folded, by.With(t.By)})
	}
	add(t.Name, 0)
	if t.Literal {
		return keys
	}
	if logged, ok := loggedName(t.Name); ok {
		add(logged, 0)
	}
	if bare, ok := bareName(t.Name); ok {
		add(bare, Extensionless)
	}
	if t.Hash == "" { // an alias was made from the page, whose letters' case is lost
		for _, alias := range shortNames(t.Name) {
			add(alias, ShortName)
		}
	}
	return keys
}

// loggedName returns name as IIS logs it, if no reading gives it back: with a
// blank and a "+", which both stand as "+" in the log.
func loggedName(name string) (string, bool) {
	if strings.Contains(name, " ") && strings.Contains(name, "+") {
		return strings.ReplaceAll(name, " ", "+"), true
	}
	return "", false
}

// bareName returns name without its extension, if that can be left out of URLs.
func bareName(name string) (string, bool) {
	base, _, _ := cutLast(name)
	if base == "" || extensionTraits([]byte(name))&friendly == 0 {
		return "", false
	}
	return base, true
}

// Match reports whether a URL's reading r is the target t, and what was undone
// on both sides. It compares names alone; see MatchFolder.
func Match(r Reading, t Target) (By, bool) {
	by := r.By | t.By
	if t.Literal {
		return matchName(r.Name, t.Name, by)
	}
	if by, ok := matchName(r.Name, t.Name, by); ok {
		return by, true
	}
	if logged, ok := loggedName(t.Name); ok && equalFold(r.Name, logged) {
		return matchName(r.Name, logged, by)
	}
	if bare, ok := bareName(t.Name); ok && equalFold(r.Name, bare) {
		return matchName(r.Name, bare, by|Extensionless)
	}
	if t.Hash != "" || !mayBeShort(r.Name) {
		return 0, false
	}
	for _, alias := range shortNames(t.Name) {
		if equalFold(r.Name, alias) {
			return (by | ShortName).With(0), true
		}
	}
	return 0, false
}

// matchName compares a name of a URL with one of an alert.
func matchName(url []byte, name string, by By) (By, bool) {
	switch {
	case string(url) == name:
	case equalFold(url, name):
		by |= Case
	default:
		return 0, false
	}
	return by.With(0), true
}

// mayBeShort reports whether name is as long as an 8.3 name and has a "~".
func mayBeShort(name []byte) bool {
	return len(name) <= 12 && bytes.IndexByte(name, '~') >= 0
}
