// SPDX-License-Identifier: Apache-2.0

package source

import "slices"

// span is a part of a file of which no line is missing.
type span struct{ from, to int64 }

// spans are in order of offset, and no two touch.
type spans []span

const (
	// closeTo is how far a line may begin behind the end of the one before: line ends and empty lines stand between,
	// and a directive has more bytes.
	closeTo = int64(len("#Fields:"))
	// maxSpans bounds the parts of one file: with workers a handful of chunks are on their way at a time.
	maxSpans = 64
)

// at gives the span that offset stands in, or directly behind; the zero span where it is in none.
func (s spans) at(offset int64) span {
	if i := s.before(offset); i >= 0 && offset <= s[i].to+closeTo {
		return s[i]
	}
	return span{}
}

// before gives the index of the last span that begins at offset or before, -1 where there is none.
func (s spans) before(offset int64) int {
	i := len(s) - 1
	for i >= 0 && s[i].from > offset {
		i--
	}
	return i
}

// add notes that all of [from, to) was seen, and reports whether that closed a gap.
func (s *spans) add(from, to int64) (closed bool) {
	all := *s
	i := all.before(from)
	if i >= 0 && from <= all[i].to+closeTo {
		all[i].to = max(all[i].to, to)
	} else {
		i++
		all = slices.Insert(all, i, span{from, to})
	}
	end := i + 1
	for end < len(all) && all[end].from <= all[i].to+closeTo {
		all[i].to = max(all[i].to, all[end].to)
		end++
	}
	*s = slices.Delete(all, i+1, end)
	s.bound()
	return end > i+1
}

// bound forgets the smallest gap where there are too many.
func (s *spans) bound() {
	all := *s
	if len(all) <= maxSpans {
		return
	}
	best := 1
	for i := 2; i < len(all); i++ {
		if all[i].from-all[i-1].to < all[best].from-all[best-1].to {
			best = i
		}
	}
	all[best-1].to = all[best].to
	*s = slices.Delete(all, best, best+1)
}
