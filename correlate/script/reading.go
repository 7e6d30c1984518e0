// SPDX-License-Identifier: Apache-2.0

package script

import (
	"bytes"
	"math"
	"unicode/utf8"
)

// Reading is one script that a URL can call.
//
// Name and Folder are views, of the stem where nothing had to be undone, else
// of memory of their own; they are good as long as the stem is unchanged, and
// must not be written to.
type Reading struct {
	Name   []byte // the script's file name, not folded, never empty
	Folder []byte // the folder part of the URL, "/up" or "/", not folded
	By     By     // what was undone to get here; Exact if nothing
	Low    bool   // By.Low: an attempt that IIS refuses in most cases
}

const (
	// MaxReadings bounds the readings of one URL and with it how many names one
	// request can be filed under. Ordinary URLs have 1 to 3.
	MaxReadings = 32
	// maxPerText bounds how many segments of one text (as logged, decoded, ...)
	// are taken for scripts with path info, and for files in front of a .php,
	// the first ones from the left, so that no text uses up all readings.
	maxPerText = 8
	// maxSegments is HTTP.sys's default UrlSegmentMaxCount; it refuses URLs
	// with more. They keep their literal last segment alone.
	maxSegments = 255
	// maxStem is the highest MaxFieldLength, in bytes, that HTTP.sys can be set
	// to. Longer stems keep their literal last segment alone.
	maxStem = 65534
)

var root = []byte("/")

// KQLName returns split(stem, "/")[-1]: what is behind the last slash.
func KQLName(stem []byte) []byte {
	return stem[bytes.LastIndexByte(stem, '/')+1:]
}

// Readings appends every script that the URL with stem can call to dst, by the
// table in the package's documentation, and returns it. The literal last
// segment, unless empty, comes first and always; the rest is in the table's
// order. Names that fold alike are one reading, the nearest one; at most
// MaxReadings are given. ext tells which segments a URL may go on behind.
//
// By counts what was undone up to the script's name, in its folders too, and
// not what stands behind it. Total on any bytes; a plain stem allocates nothing
// if dst has room.
func Readings(dst []Reading, stem []byte, ext *Extensions) []Reading {
	if isPlain(stem) {
		return appendPlain(dst, stem)
	}
	r := reader{dst: dst, base: len(dst), ext: ext}
	if len(stem) <= maxStem {
		r.textsOf(stem)
		r.readAll()
	}
	if len(r.dst) == r.base {
		r.literal(stem)
	}
	r.sort()
	return r.dst
}

func appendPlain(dst []Reading, stem []byte) []Reading {
	slash := bytes.LastIndexByte(stem, '/')
	if slash+1 == len(stem) {
		return dst
	}
	return append(dst, Reading{Name: stem[slash+1:], Folder: folderView(stem, slash+1), By: Exact})
}

// folderView returns the folder of the segment that begins at start.
func folderView(b []byte, start int) []byte {
	if start <= 1 {
		return root
	}
	return b[:start-1]
}

// Rememberable reports whether ext matches the stem or a reading of it: the
// stem as it is, decoded once, or either with its cookieless segments out.
// Every other reading's name is in one of those, between characters that has_any
// takes for the end of a term.
func Rememberable(stem []byte, ext *Extensions) bool {
	if ext.Match(stem) {
		return true
	}
	if ext == nil || len(stem) > maxStem {
		return false
	}
	if len(ext.needles) == 0 && bytes.IndexByte(stem, '%') < 0 && bytes.IndexByte(stem, '(') < 0 {
		return false
	}
	r := reader{ext: ext}
	r.textsOf(stem)
	return r.matches()
}

// source is one text that the stem stands for, before it is cut into segments.
type source struct {
	b       []byte
	decoded int  // where the first decoded byte stands; math.MaxInt for none
	ansi    bool // bytes that were no UTF-8, read as Windows-1252
}

// reader collects the readings of one stem.
type reader struct {
	dst     []Reading
	base    int // where this stem's readings begin in dst
	ext     *Extensions
	first   bool      // the literal last segment is dst[base]
	sources [8]source // [:n]; the stem as logged is sources[0]
	n       int
	path    path // the source at hand, cut into segments
}

// textsOf fills in the texts: as logged, "+" as space, each decoded, and each
// of these as Windows-1252 if it is no UTF-8.
func (r *reader) textsOf(stem []byte) {
	r.add(source{b: stem, decoded: math.MaxInt})
	if bytes.IndexByte(stem, '+') >= 0 {
		r.add(source{b: bytes.ReplaceAll(stem, []byte("+"), []byte(" ")), decoded: math.MaxInt})
	}
	for i := range r.n {
		if b, first, ok := decode(r.sources[i].b); ok {
			r.add(source{b: b, decoded: first})
		}
	}
	for i := range r.n {
		s := r.sources[i]
		if utf8.Valid(s.b) {
			continue
		}
		if s.decoded != math.MaxInt {
			s.decoded = len(fromWindows1252(s.b[:s.decoded]))
		}
		s.b, s.ansi = fromWindows1252(s.b), true
		r.add(s)
	}
}

func (r *reader) add(s source) {
	r.sources[r.n] = s
	r.n++
}

// readAll reads each source, once with a cookieless segment's neighbours apart
// and once, where there are such, with them joined.
func (r *reader) readAll() {
	for i := range r.n {
		s := &r.sources[i]
		if !r.path.cut(s) {
			continue
		}
		if r.first = r.first || r.path.endsLiterally(); i == 0 && !r.first {
			r.literal(s.b)
		}
		r.readPath()
		if r.path.joinable {
			r.path.join()
			r.readPath()
		}
	}
}

// matches reports whether ext matches one of the sources.
func (r *reader) matches() bool {
	for i := range r.n {
		s := &r.sources[i]
		if r.ext.Match(s.b) {
			return true
		}
		if !r.path.cut(s) || !r.path.joinable {
			continue
		}
		if r.path.join(); r.ext.Match(r.path.b) {
			return true
		}
	}
	return false
}

// literal puts the last segment as logged, if there is one.
func (r *reader) literal(stem []byte) {
	slash := bytes.LastIndexByte(stem, '/')
	if slash+1 < len(stem) {
		r.first = true
		r.put(Reading{Name: stem[slash+1:], Folder: folderView(stem, slash+1), By: Exact})
	}
}

// put adds a reading unless its name is there already. Of two the nearer one
// stays, but the literal last segment always; where decoding only changed the
// folder, the decoded folder is the better one.
func (r *reader) put(n Reading) {
	n.By = n.By.With(0)
	n.Low = n.By.Low()
	for i := r.base; i < len(r.dst); i++ {
		old := &r.dst[i]
		if !equalFold(old.Name, n.Name) {
			continue
		}
		if decodesFolder(old, &n) || n.By.less(old.By) && !(r.first && i == r.base) {
			*old = n
		}
		return
	}
	if len(r.dst)-r.base < MaxReadings {
		r.dst = append(r.dst, n)
	}
}

// decodesFolder reports whether n is old with nothing but its folder decoded,
// and what that brought to light undone.
func decodesFolder(old, n *Reading) bool {
	const folderBits = Encoded | Normalized | Cookieless
	return n.By&Encoded != 0 && old.By&Encoded == 0 &&
		(n.By|Exact)&^folderBits == (old.By|Exact)&^folderBits && bytes.Equal(n.Name, old.Name)
}

// sort puts the readings behind the literal one in the order of By; it is
// stable, and short: there are at most MaxReadings.
func (r *reader) sort() {
	from := r.base
	if r.first {
		from++
	}
	for i := from + 1; i < len(r.dst); i++ {
		for j := i; j > from && r.dst[j].By < r.dst[j-1].By; j-- {
			r.dst[j], r.dst[j-1] = r.dst[j-1], r.dst[j]
		}
	}
}
