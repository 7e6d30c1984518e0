// SPDX-License-Identifier: Apache-2.0

package correlate

import "math/bits"

// list is a slice whose growth copies nothing: it stands in pages, each as long as all before it up to listPage. A
// million items that append would copy at once would hold up a flush. The zero value is ready.
type list[T any] struct {
	pages [][]T
	n     int
}

const listPage = 512

// place gives the page of an item, and where it is there.
func place(i int) (page, at int) {
	if i < listPage {
		page = bits.Len(uint(i))
		return page, i - (1<<page)>>1
	}
	return listPages + i/listPage - 1, i % listPage
}

// listPages is the number of pages that hold the first listPage items.
const listPages = 10

func (l *list[T]) len() int { return l.n }

func (l *list[T]) at(i int) T {
	page, at := place(i)
	return l.pages[page][at]
}

func (l *list[T]) set(i int, item T) {
	page, at := place(i)
	l.pages[page][at] = item
}

func (l *list[T]) push(item T) {
	page, at := place(l.n)
	if page == len(l.pages) {
		l.pages = append(l.pages, make([]T, min(max(l.n, 1), listPage)))
	}
	l.pages[page][at] = item
	l.n++
}

// remove takes the item at i out; the last one, which is given, takes its place unless it was the last itself.
func (l *list[T]) remove(i int) (last T, isMoved bool) {
	l.n--
	page, at := place(l.n)
	last = l.pages[page][at]
	l.set(i, last)
	var none T
	if l.pages[page][at] = none; at == 0 {
		l.pages[page] = nil
		l.pages = l.pages[:page]
	}
	return last, i < l.n
}
