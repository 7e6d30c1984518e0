// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"hash/maphash"

	"github.com/axiomhq/hyperloglog"

	"webshell/correlate/script"
)

// host gives the history of the request's Computer, made when it is new.
func (c *Correlator) host(r *Request, wall Instant) *hostHistory {
	if h := c.lastHost; h != nil && h.name == string(r.HostName) {
		return h
	}
	h := c.hosts[string(r.HostName)]
	if h == nil {
		h = c.newHost(string(r.HostName), r.Time)
		c.arrive(h, wall)
	}
	c.lastHost = h
	return h
}

func (c *Correlator) newHost(name string, t Instant) *hostHistory {
	h := &hostHistory{
		name:    name,
		parsed:  parseHost(name, ""),
		stems:   map[string]*stem{},
		scripts: map[string]*scriptHistory{},
		callers: map[textID]*clientHistory{},
		since:   t,
	}
	if len(c.hosts) == 0 && c.hostsLost == 0 {
		h.since = 0 // what was seen before the first script request was this host's too
	}
	h.rank.item, h.place.item = h, h
	c.hosts[name] = h
	if h.short = name; c.opt.Matching == Windows {
		h.short = h.parsed.key()
	}
	c.shortNames[h.short] = append(c.shortNames[h.short], h)
	h.weight = hostBytes + 2*sizeClass(len(name))
	c.used += h.weight
	if _, isOurs := c.computer.matches(h.parsed); !isOurs {
		c.newHosts.push(h) // a flood of names must not wash out the server that this runs on
	}
	c.resize(&c.hostPeak, len(c.hosts), mapSlot)
	return h
}

// client gives the history of who sent r, for the script it calls; both are made when they are new.
func (c *Correlator) client(h *hostHistory, r *Request) (*clientHistory, Outcome) {
	site := c.site(r.SiteName) // first: it may let go of a text
	address := maphash.Bytes(c.seed, r.ClientIP)
	st := h.stems[string(r.URIStem)]
	if st != nil {
		if cl := c.index.find(address, site, st); cl != nil {
			cl.marks |= calledAgain
			return cl, Accepted
		}
	}
	ip := c.texts.lookUp(address)
	if st == nil {
		readings := c.read(h, r.URIStem)
		if len(readings) == 0 {
			return nil, NotScript
		}
		if cl := c.sharedSpelling(h, ip); cl != nil {
			return cl, Accepted
		}
		st = c.newStem(h, r, readings)
	} else if cl := c.overSpelled(st.home, ip); cl != nil {
		return cl, Accepted
	}
	return c.newClient(st, r, ip, address), Accepted
}

// site gives the id of a site's name. The latest one keeps a user, so that it has an id while it repeats.
func (c *Correlator) site(name []byte) textID {
	if c.lastSite != 0 && c.texts.get(c.lastSite) == string(name) {
		return c.lastSite
	}
	if c.lastSite != 0 {
		c.texts.release(c.lastSite)
	}
	c.lastSite, _ = c.texts.acquire(name)
	return c.lastSite
}

// read gives the readings of a URL that are to be remembered, none where it is no script.
func (c *Correlator) read(h *hostHistory, urlStem []byte) []script.Reading {
	if !c.Wants(urlStem) {
		return nil
	}
	if c.opt.Matching == KQL {
		c.readings = append(c.readings[:0], script.Reading{Name: script.KQLName(urlStem), By: script.Exact})
	} else {
		c.readings = script.Readings(c.readings[:0], urlStem, c.ext)
		c.appendDocuments(h, "", urlStem)
	}
	return c.readings
}

// scriptKey is the name under which a script is filed.
func (c *Correlator) scriptKey(name []byte) string {
	if c.opt.Matching == KQL {
		return string(name)
	}
	c.folded = script.Fold(c.folded[:0], name)
	return string(c.folded)
}

// newStem files a URL under every script that a reading gives, and has its clients at home in the first one that
// the list of extensions covers.
func (c *Correlator) newStem(h *hostHistory, r *Request, readings []script.Reading) *stem {
	id, _ := c.texts.acquire(r.URIStem)
	st := &stem{id: id, text: c.texts.get(id), isDirectory: isDirectory(r.URIStem)}
	home := 0
	for i := range readings {
		if c.ext.Match(readings[i].Name) {
			home = i
			break
		}
	}
	st.home = c.script(h, c.scriptKey(readings[home].Name))
	if st.home.stems++; st.home.line == nil {
		c.admitName(st.home, r)
	}
	for i := range readings {
		if i == home {
			continue
		}
		if s := c.script(h, c.scriptKey(readings[i].Name)); s != st.home && !st.isGuestOf(s) {
			st.others = append(st.others, filing{s, s.guests.len()})
			s.guests.push(guest{st, len(st.others) - 1})
			c.charge(s, guestSlot)
		}
	}
	h.stems[st.text] = st
	c.resizeHost(h)
	c.charge(st.home, stemBytes)
	return st
}

func (st *stem) isGuestOf(s *scriptHistory) bool {
	for _, o := range st.others {
		if o.script == s {
			return true
		}
	}
	return false
}

// script gives the history of a file name on h, made when it is new and watched when an active alert names it.
func (c *Correlator) script(h *hostHistory, key string) *scriptHistory {
	s := h.scripts[key]
	if s != nil {
		return s
	}
	s = &scriptHistory{host: h, name: key}
	s.rank.item, s.mass.item, s.place.item = s, s, s
	h.scripts[key] = s
	c.resizeHost(h)
	c.scripts++
	s.lost = h.namesLost
	s.sweepAt = int32(c.all.len())
	c.all.push(s)
	c.charge(s, scriptBytes+sizeClass(len(key)))
	for _, t := range c.watches[c.watchKey(h.short, key)] {
		if t.host.is(h, c.opt.Matching) {
			c.attach(s, t)
		}
	}
	return s
}

// newClient files who sent r under the script that st is at home in; ip is the id of its address, 0 where nobody has
// it yet, and address its hash.
func (c *Correlator) newClient(st *stem, r *Request, ip textID, address uint64) *clientHistory {
	if ip == 0 {
		ip, _ = c.texts.acquire(r.ClientIP)
	} else {
		c.texts.retain(ip)
	}
	site := c.site(r.SiteName)
	c.texts.retain(site)
	c.texts.retain(st.id)
	cl := &clientHistory{ip: ip, address: address, site: site, stem: st}
	c.index.add(cl)
	s, h := st.home, st.home.host
	c.confirmName(s, r.ClientIP)
	if len(s.first) >= firstClients && s.recent == nil {
		s.recent = newRecent()
		c.charge(s, lruFixed)
	}
	bytes := clientBytes + s.insert(cl)
	c.resize(&s.peak, s.later.len(), mapSlot)
	if isFirst := h.chain(cl); isFirst {
		bytes += callerBytes
	}
	c.resizeHost(h)
	st.count++
	if st.keepsGuests() {
		cl.guestAt = int32(st.guests.len())
		st.guests.push(cl)
		bytes += guestBytes
		for _, o := range st.others {
			c.countGuest(o.script, address)
		}
	}
	if sp := s.spellings[ip]; sp != nil {
		sp.count++
		sp.shared = cl
	}
	c.clients++
	c.resize(&c.clientPeak, c.clients, clientSlack)
	c.chargeClient(cl, bytes)
	c.sketchClient(s, address)
	return cl
}

// sketchClient counts distinct clients of a script that has more than a list can hold.
func (c *Correlator) sketchClient(s *scriptHistory, address uint64) {
	if s.sketch == nil {
		if s.users() <= firstClients {
			return
		}
		s.sketch, _ = hyperloglog.NewSketch(10, false) // 1 KiB, 3 per cent; only a precision out of range is an error
		c.charge(s, sketchBytes)
		c.eachUser(s, func(cl *clientHistory) {
			s.sketch.InsertHash(cl.address)
		})
	}
	s.sketch.InsertHash(address)
}

// eachUser calls f for every client that can mean the script.
func (c *Correlator) eachUser(s *scriptHistory, f func(*clientHistory)) {
	for i := range s.size() {
		f(s.nth(i))
	}
	for i := range s.guests.len() {
		for of, j := &s.guests.at(i).stem.guests, 0; j < of.len(); j++ {
			f(of.at(j))
		}
	}
}

// sharedSpelling gives the client's shared spelling where the URL would be one too many of its script.
func (c *Correlator) sharedSpelling(h *hostHistory, ip textID) *clientHistory {
	if ip == 0 || c.opt.Matching == KQL {
		return nil
	}
	for i := range c.readings {
		if c.ext.Match(c.readings[i].Name) {
			if s := h.scripts[c.scriptKey(c.readings[i].Name)]; s != nil {
				return c.overSpelled(s, ip)
			}
			return nil
		}
	}
	return nil
}

// spellingWalk bounds the search for a client's other URLs of a script.
const spellingWalk = 256

// overSpelled counts one more URL of the script for the client, and gives its shared spelling once there are
// maxSpellings. A script with few URLs needs no count, nor does a client with few.
func (c *Correlator) overSpelled(s *scriptHistory, ip textID) *clientHistory {
	if ip == 0 || s.stems < maxSpellings || c.opt.Matching == KQL {
		return nil
	}
	sp := s.spellings[ip]
	if sp == nil {
		if sp = c.countSpellings(s, ip); sp == nil {
			return nil
		}
	}
	if sp.count >= maxSpellings && sp.shared != nil {
		sp.shared.marks |= cutOf(colStem)
		return sp.shared
	}
	return nil
}

func (c *Correlator) countSpellings(s *scriptHistory, ip textID) *spelling {
	sp := &spelling{}
	steps := 0
	for cl := s.host.callers[ip]; cl != nil && steps < spellingWalk; cl = cl.next {
		if steps++; cl.stem.home == s {
			sp.count++
			if sp.shared == nil {
				sp.shared = cl
			}
		}
	}
	if sp.count < maxSpellings/2 && steps < spellingWalk {
		return nil
	}
	if s.spellings == nil {
		s.spellings = map[textID]*spelling{}
	}
	s.spellings[ip] = sp
	c.texts.retain(ip)
	c.charge(s, spellingSlot)
	return sp
}
