// SPDX-License-Identifier: Apache-2.0

package source

import (
	"strconv"

	"github.com/cespare/xxhash/v2"
	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// seen knows lines that were counted by file, offset and text, so that a chunk handed over twice or a file read again
// counts once, while another file of the same name does not lose a line. Only lines that the engine took are noted.
//
// A block holds a 32-bit mark for each such line of 32 KiB of a file. Two different lines at one offset of one path
// are taken for one by a chance of one in thirty million.
type seen struct {
	files  *simplelru.LRU[string, *file] // by path and host
	nextID uint64
	blocks *simplelru.LRU[blockKey, *block]
	marks  int
	limit  int // of marks
}

type blockKey struct {
	file  uint64
	index int64
}

// file is a log file of a host: its path alone may be that of a hundred servers. Whichever tags its lines came under,
// it is one.
type file struct {
	id   uint64 // never used again
	host string

	high  int64 // no line at or behind it was counted yet
	block *block
	key   blockKey
}

type block struct {
	marks  []uint32
	isGone bool // it was given up while a source still held it
}

const (
	// blockShift is the size of a block: enough lines to be worth a place, few enough to be searched one by one.
	blockShift = 15
	// usualMarks is what a block gets room for at first: 32 KiB are some 130 lines, of which few or four in ten are scripts.
	usualMarks = 32
	// maxBlockMarks bounds a block: 32 KiB hold so many lines of the least length, unless they are made up. Further
	// ones push out the first.
	maxBlockMarks = 1 << blockShift / 16
	// maxMarks bounds the memory for lines that were seen where Options do not: 4 bytes each, the latest million. A
	// line beyond is counted again when it comes again.
	maxMarks = 1 << 20
	// blockMarks is how many marks a block has that is worth its place: files of which next to every line is
	// something else get that many blocks less.
	blockMarks = 64
	// maxFiles bounds the files that are known at a time, those of all hosts together.
	maxFiles = 1 << 11
)

func (s *seen) init(limit int) {
	if s.limit = limit; limit <= 0 {
		s.limit = maxMarks
	}
	s.files, _ = simplelru.NewLRU[string, *file](maxFiles, nil)                             // only a size below 1 is an error
	s.blocks, _ = simplelru.NewLRU(max(s.limit/blockMarks, 1), func(_ blockKey, b *block) { // only a size below 1 is an error
		b.isGone = true
		s.marks -= len(b.marks)
	})
}

// file gives the file that the request at hand was logged in. Without a path the source stands for it.
func (s *Set) file(o *origin) *file {
	if f := o.file; f != nil && f.host == string(s.req.HostName) {
		return f
	}
	s.lookUp = append(append(append(s.lookUp[:0], o.path...), 0), s.req.HostName...)
	if o.path == "" {
		s.lookUp = strconv.AppendUint(append(s.lookUp, 0), o.id, 10)
	}
	f, ok := s.seen.files.Get(string(s.lookUp))
	if !ok {
		s.seen.nextID++
		f = &file{id: s.seen.nextID, host: string(s.req.HostName)}
		s.seen.files.Add(string(s.lookUp), f)
	}
	o.file = f
	return f
}

// mark is a hash of what makes a line itself at its place.
func mark(in *rawLine) uint32 {
	h := xxhash.Sum64(in.text) ^ uint64(in.offset)*0x9E3779B97F4A7C15
	h *= 0xFF51AFD7ED558CCD
	return uint32(h >> 32)
}

// has reports whether the line was added before.
func (s *seen) has(f *file, offset int64, mark uint32) bool {
	if offset >= f.high {
		return false
	}
	b := s.find(f, offset)
	if b == nil {
		return false
	}
	for _, other := range b.marks {
		if other == mark {
			return true
		}
	}
	return false
}

// find gives the block of an offset, nil where there is none.
func (s *seen) find(f *file, offset int64) *block {
	key := blockKey{f.id, offset >> blockShift}
	if f.block != nil && f.key == key && !f.block.isGone {
		return f.block
	}
	b, ok := s.blocks.Get(key)
	if !ok {
		return nil
	}
	f.block, f.key = b, key
	return b
}

// add notes that the line was counted.
func (s *seen) add(f *file, offset int64, mark uint32) {
	f.high = max(f.high, offset+1)
	b := s.find(f, offset)
	if b == nil {
		b = &block{}
		f.block, f.key = b, blockKey{f.id, offset >> blockShift}
		s.blocks.Add(f.key, b)
	}
	if len(b.marks) == maxBlockMarks {
		b.marks = b.marks[:copy(b.marks, b.marks[maxBlockMarks/2:])]
		s.marks -= maxBlockMarks / 2
	}
	if cap(b.marks) == 0 {
		b.marks = make([]uint32, 0, usualMarks)
	}
	b.marks = append(b.marks, mark)
	for s.marks++; s.marks > s.limit; {
		s.blocks.RemoveOldest()
	}
}
