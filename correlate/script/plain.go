// SPDX-License-Identifier: Apache-2.0

package script

// Classes of bytes that isPlain tells apart, and pairs of them.
const (
	slashClass = 1 << iota
	dotClass
	rareClass  // may have to be undone wherever it stands
	doubleBit  // "//"
	dotInFront // a dot in front of a slash: path info, "/./" or "/../"
)

// classes has the class of each byte; most have none.
var classes = func() (t [256]uint8) {
	for c := 0x80; c < 0x100; c++ {
		t[c] = rareClass
	}
	for _, c := range []byte(`%\;(+:`) {
		t[c] = rareClass
	}
	t['/'], t['.'] = slashClass, dotClass
	return t
}()

// isPlain reports whether the literal last segment, or nothing if that is
// empty, is the only reading of stem, by one pass that looks at bytes and pairs
// alone: false only means that a closer look is needed.
func isPlain(stem []byte) bool {
	var seen, last uint8
	for _, c := range stem {
		class := classes[c]
		seen |= class | class&last<<3 | class&slashClass<<1&seen<<3
		last = class
	}
	if seen&(rareClass|doubleBit|dotInFront) != 0 {
		return false
	}
	return len(stem) == 0 || !isTrailing(stem[len(stem)-1])
}
