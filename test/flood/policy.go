// SPDX-License-Identifier: Apache-2.0

package main

import (
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/hashicorp/golang-lru/v2/simplelru"

	"webshell/correlate"
)

// entryBytes is what our own memory takes for a client of the ordinary mix: the caches that are compared get as many
// entries as the same memory would hold, which flatters them, as their values and lists would need some of it.
const entryBytes = 400

// cache is a flat memory of (host, site, script, client) with a count of requests.
type cache interface {
	Get(key string) (value *int64, ok bool)
	add(key string, value *int64)
	Peek(key string) (value *int64, ok bool)
}

// flat is golang-lru as it is.
type flat struct {
	*simplelru.LRU[string, *int64]
}

func newFlat(entries int) flat {
	l, err := simplelru.NewLRU[string, *int64](entries, nil)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return flat{l}
}

func (f flat) add(key string, value *int64) { f.Add(key, value) }

// twoQueues is golang-lru's 2Q.
type twoQueues struct {
	*lru.TwoQueueCache[string, *int64]
}

func newTwoQueues(entries int) twoQueues {
	q, err := lru.New2Q[string, *int64](entries)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return twoQueues{q}
}

func (q twoQueues) add(key string, value *int64) { q.Add(key, value) }

func keyOf(r *correlate.Request) string {
	return string(r.HostName) + "|" + string(r.SiteName) + "|" + string(r.URIStem) + "|" + string(r.ClientIP)
}

func count(c cache, r *correlate.Request) {
	key := keyOf(r)
	if n, ok := c.Get(key); ok {
		*n++
		return
	}
	n := int64(1)
	c.add(key, &n)
}

// knownTo counts the attackers of whom the cache remembers every request.
func knownTo(c cache) (known int) {
	for ip, n := range attackers {
		if got, ok := c.Peek(host + "|W3SVC1|" + shell + "|" + ip); ok && *got == n {
			known++
		}
	}
	return known
}

// compare plays a flood to the caches, and gives how many attackers each knows in the end.
func compare(fl *flood, limit int64) (inFlat, inTwoQueues int) {
	a, b := newFlat(int(limit/entryBytes)), newTwoQueues(int(limit/entryBytes))
	play(fl, func(r *correlate.Request) {
		count(a, r)
		count(b, r)
	})
	return knownTo(a), knownTo(b)
}

// play hands out the requests of a flood and its story.
func play(fl *flood, take func(*correlate.Request)) *feed {
	f := newFeed(take)
	if fl.before != nil {
		fl.before(f)
	}
	f.story()
	fl.after(f)
	return f
}
