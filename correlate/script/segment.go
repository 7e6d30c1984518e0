// SPDX-License-Identifier: Apache-2.0

package script

import "bytes"

// readPath puts the readings of the path at hand: its last segment, the scripts
// in front of path info, the files in front of a .php segment.
func (r *reader) readPath() {
	last := r.path.n - 1
	if last < 0 {
		return
	}
	behind := last + 1 // segments before this one have something behind them
	if !r.path.tail {
		behind = last
		r.readLast(last)
	}
	r.readPathInfo(behind)
	r.readPHP(last)
}

func (r *reader) readLast(i int) {
	name, by := r.path.name(i), r.path.segments[i].by
	r.putSegment(i, name, by)
	if r.attemptable(name) {
		r.readCuts(i, name, by, true)
	}
}

// readPathInfo puts the segments before end that a handler runs.
func (r *reader) readPathInfo(end int) {
	for i, left := 0, maxPerText; i < end && left > 0; i++ {
		name := r.path.name(i)
		if bytes.IndexByte(name, '.') < 0 {
			continue
		}
		by := r.path.segments[i].by | PathInfo
		runs := r.ext.of(name).runs()
		if runs {
			r.putSegment(i, name, by)
		}
		if r.attemptable(name) && r.readCuts(i, name, by, false) {
			runs = true
		}
		if runs {
			left--
		}
	}
}

// readPHP puts the segments with a dot before the last .php one: PHP's FastCGI
// takes segments off the end until a file is left.
func (r *reader) readPHP(last int) {
	for last > 0 && !r.isPHP(r.path.name(last)) {
		last--
	}
	for i, left := 0, maxPerText; i < last && left > 0; i++ {
		if name := r.path.name(i); bytes.IndexByte(name, '.') >= 0 {
			r.putSegment(i, name, r.path.segments[i].by|PHPPathInfo)
			left--
		}
	}
}

func (r *reader) isPHP(name []byte) bool {
	return r.ext.of(name)&listed != 0 && extensionTraits(name)&php != 0
}

// attemptable reports whether name may have parameters, a stream or a trailing
// dot or space.
func (r *reader) attemptable(name []byte) bool {
	return r.path.rare || isTrailing(name[len(name)-1])
}

// readCuts puts what is left of name without parameters, then without its stream,
// then without trailing dots and spaces. Unless name is the last segment, what
// is left must be something that a handler runs. It reports whether any was put.
func (r *reader) readCuts(i int, name []byte, by By, last bool) (any bool) {
	put := func(cut []byte, by By) {
		if len(cut) > 0 && (last || r.ext.of(cut).runs()) {
			r.putSegment(i, cut, by)
			any = true
		}
	}
	if cut, ok := cutParameters(name); ok {
		name, by = cut, by|Parameters
		put(name, by)
	}
	if colon := bytes.IndexByte(name, ':'); colon > 0 {
		name, by = name[:colon], by|Stream
		put(name, by)
	}
	if trimmed := trimTrailing(name); len(trimmed) < len(name) {
		put(trimmed, by|Trailing)
	}
	return any
}

func (r *reader) putSegment(i int, name []byte, by By) {
	r.put(Reading{Name: name, Folder: r.path.folder(i), By: by})
}

// cutParameters cuts name at its first ";" if a script that takes path parameters
// stands before it, be it spelled with a stream or trailing dots.
func cutParameters(name []byte) (cut []byte, ok bool) {
	semicolon := bytes.IndexByte(name, ';')
	if semicolon < 0 || extensionTraits(plainName(name[:semicolon]))&parameters == 0 {
		return nil, false
	}
	return name[:semicolon], true
}

// plainName returns name without stream and trailing dots and spaces.
func plainName(name []byte) []byte {
	if colon := bytes.IndexByte(name, ':'); colon > 0 {
		name = name[:colon]
	}
	return trimTrailing(name)
}

func isTrailing(c byte) bool { return c == '.' || c == ' ' }

func trimTrailing(name []byte) []byte {
	for len(name) > 0 && isTrailing(name[len(name)-1]) {
		name = name[:len(name)-1]
	}
	return name
}
