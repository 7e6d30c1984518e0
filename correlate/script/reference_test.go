// SPDX-License-Identifier: Apache-2.0

package script

import (
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// cell is one byte of a URL and whether it came out of an escape.
type cell struct {
	c       byte
	escaped bool
}

// cells is a text of which it is known what was decoded.
type cells []cell

func (t cells) String() string {
	var b strings.Builder
	for _, c := range t {
		b.WriteByte(c.c)
	}
	return b.String()
}

func cellsOf(s string, escaped bool) (t cells) {
	for i := range len(s) {
		t = append(t, cell{s[i], escaped})
	}
	return t
}

var (
	referenceEscape     = regexp.MustCompile(`(?i)^%(?:u(d[89ab][0-9a-f]{2})%u(d[c-f][0-9a-f]{2})|u([0-9a-f]{4})|([0-9a-f]{2}))`)
	referenceCookieless = regexp.MustCompile(`^\((?:[A-Za-z]\([^()]*\))+\)`)
	referenceListed     = regexp.MustCompile(`\.(` + strings.ReplaceAll(strings.Join(Windows(), "|"), ".", "") + `)$`)
	referenceTerm       = regexp.MustCompile(`\.(` + strings.ReplaceAll(strings.Join(Windows(), "|"), ".", "") + `)([^0-9A-Za-z]|$)`)
	referenceStatic     = regexp.MustCompile(`\.(js|shtml|shtm|stm)$`)
	referencePHP        = regexp.MustCompile(`\.(php[3457]?|pht|phtml|phar)$`)
	referenceParameters = regexp.MustCompile(`\.(jspx?|cfml?|cfc)$`)
)

// referenceDecode decodes once, or gives nothing.
func referenceDecode(t cells) (out cells) {
	s, any := t.String(), false
	for i := 0; i < len(s); {
		if s[i] != '%' {
			out, i = append(out, t[i]), i+1
			continue
		}
		m := referenceEscape.FindStringSubmatch(s[i:])
		if m == nil {
			return nil
		}
		var decoded string
		switch {
		case m[1] != "":
			decoded = string(utf16.DecodeRune(number(m[1]), number(m[2])))
		case m[3] != "" && utf16.IsSurrogate(number(m[3])):
			return nil
		case m[3] != "":
			decoded = string(number(m[3]))
		default:
			decoded = string([]byte{byte(number(m[4]))})
		}
		if decoded == "\x00" {
			return nil
		}
		out, i, any = append(out, cellsOf(decoded, true)...), i+len(m[0]), true
	}
	if !any {
		return nil
	}
	return out
}

func number(digits string) rune {
	n, _ := strconv.ParseUint(digits, 16, 32)
	return rune(n)
}

// referenceSources gives all texts that a stem stands for, in order.
func referenceSources(stem string) (all []cells, ansi []bool) {
	all = []cells{cellsOf(stem, false)}
	if strings.Contains(stem, "+") {
		all = append(all, cellsOf(strings.ReplaceAll(stem, "+", " "), false))
	}
	for _, t := range slices.Clone(all) {
		if d := referenceDecode(t); d != nil {
			all = append(all, d)
		}
	}
	ansi = make([]bool, len(all))
	for _, t := range slices.Clone(all) {
		if utf8.ValidString(t.String()) {
			continue
		}
		var converted cells
		for _, c := range t {
			converted = append(converted, cellsOf(string(fromWindows1252([]byte{c.c})), c.escaped)...)
		}
		all, ansi = append(all, converted), append(ansi, true)
	}
	return all, ansi
}

// lowerASCII is not strings.ToLower, nor (?i), for which "ſ" is an "s".
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// part is a segment of the reference.
type part struct {
	name string
	by   By
}

// referenceParts cuts a text into parts.
func referenceParts(t cells, ansi bool) (parts []part, tail, ok bool) {
	var undone By
	escaped := false
	s := t.String()
	if strings.Count(strings.ReplaceAll(s, `\`, "/"), "/") > maxSegments {
		return nil, false, false
	}
	for start := 0; start <= len(t); {
		end := start
		for end < len(t) && t[end].c != '/' && t[end].c != '\\' {
			escaped = escaped || t[end].escaped
			end++
		}
		name, by := s[start:end], undone
		if end < len(t) && t[end].c == '\\' {
			by |= Normalized
		}
		if escaped = escaped || end < len(t) && t[end].escaped; escaped {
			by |= Encoded
		}
		if ansi && strings.ContainsFunc(name, func(r rune) bool { return r >= 0x80 }) {
			by |= Case
		}
		switch {
		case name == "" && start == 0:
		case name == "", name == ".":
			undone, tail = undone|Normalized, true
		case name == "..":
			undone, tail = undone|Normalized, true
			parts = parts[:max(0, len(parts)-1)]
		case referenceCookieless.FindString(name) == name:
			undone, tail = undone|Cookieless, true
		default:
			parts, tail = append(parts, part{name, by}), false
		}
		if end < len(t) && t[end].c == '\\' {
			undone |= Normalized
		}
		start = end + 1
	}
	return parts, tail, true
}

// referenceJoin takes cookieless parts out and joins their neighbours.
func referenceJoin(parts []part) (joined []part) {
	var undone By
	for _, p := range parts {
		rest := strings.TrimPrefix(p.name, referenceCookieless.FindString(p.name))
		if rest != p.name {
			undone = Cookieless
		}
		if n := len(joined); rest != p.name && n > 0 {
			joined[n-1].name += rest
			joined[n-1].by |= p.by | undone
			continue
		}
		joined = append(joined, part{rest, p.by | undone})
	}
	return joined
}

// referenceCuts gives name and what is left of it without parameters, stream and
// trailing characters.
func referenceCuts(p part) []part {
	trim := func(s string) string { return strings.TrimRight(s, ". ") }
	all := []part{p}
	if i := strings.Index(p.name, ";"); i > 0 {
		plain := p.name[:i]
		if j := strings.Index(plain, ":"); j > 0 {
			plain = plain[:j]
		}
		if referenceParameters.MatchString(lowerASCII(trim(plain))) {
			p = part{p.name[:i], p.by | Parameters}
			all = append(all, p)
		}
	}
	if i := strings.Index(p.name, ":"); i > 0 {
		p = part{p.name[:i], p.by | Stream}
		all = append(all, p)
	}
	if s := trim(p.name); s != p.name && s != "" {
		all = append(all, part{s, p.by | Trailing})
	}
	return all
}

// referenceRuns reports whether a URL may go on behind name.
func referenceRuns(name string) bool {
	name = lowerASCII(name)
	return referenceListed.MatchString(name) && !referenceStatic.MatchString(name)
}

// referencePath gives the readings of parts, in order.
func referencePath(parts []part, tail bool) (all []Reading) {
	put := func(i int, p part) {
		var folders []string
		for _, above := range parts[:i] {
			folders = append(folders, above.name)
		}
		folder := "/" + strings.Join(folders, "/")
		all = append(all, Reading{Name: []byte(p.name), Folder: []byte(folder), By: p.by})
	}
	last := len(parts) - 1
	if !tail && last >= 0 {
		for _, p := range referenceCuts(parts[last]) {
			put(last, p)
		}
		last--
	}
	for i, left := 0, maxPerText; i <= last && left > 0; i++ {
		runs := slices.DeleteFunc(referenceCuts(parts[i]), func(p part) bool { return !referenceRuns(p.name) })
		for _, p := range runs {
			put(i, part{p.name, p.by | PathInfo})
		}
		if len(runs) > 0 {
			left--
		}
	}
	php := len(parts) - 1
	for php > 0 && !referencePHP.MatchString(lowerASCII(parts[php].name)) {
		php--
	}
	for i, left := 0, maxPerText; i < php && left > 0; i++ {
		if strings.Contains(parts[i].name, ".") {
			put(i, part{parts[i].name, parts[i].by | PHPPathInfo})
			left--
		}
	}
	return all
}

// referenceReadings is Readings for the default list, slow and plain.
func referenceReadings(stem string) (all []Reading) {
	literal := stem[strings.LastIndex(stem, "/")+1:]
	asLogged := Reading{Name: []byte(literal), Folder: []byte(stem[:len(stem)-len(literal)]), By: Exact}
	if len(stem) > maxStem {
		return referenceAdd(nil, literal, asLogged)
	}
	texts, ansi := referenceSources(stem)
	for i, t := range texts {
		parts, tail, ok := referenceParts(t, ansi[i])
		readings := referencePath(parts, tail)
		isLiteral := ok && !tail && len(parts) > 0 && parts[len(parts)-1].name == literal
		if i == 0 && literal != "" && !isLiteral {
			readings = append([]Reading{asLogged}, readings...)
		}
		joinable := slices.ContainsFunc(parts, func(p part) bool { return referenceCookieless.MatchString(p.name) })
		if joinable {
			readings = append(readings, referencePath(referenceJoin(parts), tail)...)
		}
		for _, r := range readings {
			all = referenceAdd(all, literal, r)
		}
	}
	from := 0
	if literal != "" && len(all) > 0 {
		from = 1
	}
	sort.SliceStable(all[from:], func(i, j int) bool { return all[from+i].By < all[from+j].By })
	return all
}

// referenceAdd adds r, or lets it take the place of the reading with its name.
func referenceAdd(all []Reading, literal string, r Reading) []Reading {
	if len(r.Name) == 0 {
		return all
	}
	if r.By &^= Exact; r.By == 0 {
		r.By = Exact
	}
	r.Low = r.By&(Trailing|Stream|ShortName) != 0
	for i, old := range all {
		if string(Fold(nil, old.Name)) != string(Fold(nil, r.Name)) {
			continue
		}
		folderOnly := string(old.Name) == string(r.Name) && old.By&Encoded == 0 && r.By&Encoded != 0 &&
			(old.By^r.By)&^(Exact|Encoded|Normalized|Cookieless) == 0
		if folderOnly || r.By.less(old.By) && (i > 0 || literal == "") {
			all[i] = r
		}
		return all
	}
	if len(all) < MaxReadings {
		all = append(all, r)
	}
	return all
}
