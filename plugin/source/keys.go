// SPDX-License-Identifier: Apache-2.0

package source

import (
	"webshell/correlate/w3c"
	"webshell/plugin/chunk"
)

// role is what a key of a record is beside a column.
type role uint8

const (
	roleNone role = iota
	roleLog
	rolePath
	roleOffset
	roleComputer
	roleOwn // it may tell one of our own detections

	roleEventID // of the event that the record wraps, as all that follow
	roleProvider
	roleGUID
	roleChannel
	roleColumns
	roleInserts
	roleEntry
)

// key is what is known of a key by its name.
type key struct {
	role   role
	isHost bool // it is host_key
	field  w3c.Field
}

// cachedKeys bounds a keyCache: records have the columns of IIS and a few keys more.
const cachedKeys = 64

// keyCache knows the keys of the last maps by their place: those of a source have the same in the same order.
type keyCache struct {
	keys [cachedKeys]cachedKey
}

// cachedKey is a key with the bytes that stand for it, a short text's; len 0 is none.
type cachedKey struct {
	key
	len  uint8
	text [1 + maxShortText]byte
}

const (
	// maxShortText is the longest text that msgpack gives a header of one byte, shortText plus its length.
	maxShortText = 31
	shortText    = 0xa0
)

// next moves it to its next entry, at place i, and tells what the key there is.
func (c *keyCache) next(o *Options, it *chunk.MapIter, i int, val *chunk.Value) (k key, ok bool) {
	if i >= cachedKeys {
		return c.read(o, it, nil, val)
	}
	e := &c.keys[i]
	if e.len > 0 && it.NextUnder(e.text[:e.len], val) {
		return e.key, true
	}
	return c.read(o, it, e, val)
}

// read is next for a key that is not the one kept in e, where it is kept then.
func (c *keyCache) read(o *Options, it *chunk.MapIter, e *cachedKey, val *chunk.Value) (k key, ok bool) {
	var name []byte
	if !it.Next(&name, val) {
		return key{}, false
	}
	k = o.keyOf(name)
	if e != nil && len(name) <= maxShortText {
		e.key, e.text[0] = k, shortText|byte(len(name))
		e.len = uint8(1 + copy(e.text[1:], name))
	}
	return k, true
}

func (o *Options) keyOf(name []byte) key {
	k := key{field: o.W3C.FieldOf(name), isHost: o.HostKey != "" && string(name) == o.HostKey}
	switch string(name) {
	case o.LogKey:
		k.role = roleLog
	case o.PathKey:
		k.role = rolePath
	case o.OffsetKey:
		k.role = roleOffset
	case "Computer":
		k.role = roleComputer
	default:
		k.role = roleOf(name)
	}
	return k
}

func roleOf(name []byte) role {
	switch string(name) {
	case "DetectionId", "webshell", "finding_info", "EventUid": // where format.IsOwn finds a DetectionId
		return roleOwn
	case "EventID", "event_id", "EventId":
		return roleEventID
	case "ProviderName", "provider_name":
		return roleProvider
	case "ProviderGuid", "provider_guid", "ProviderId":
		return roleGUID
	case "Channel":
		return roleChannel
	case "payload", "EventData":
		return roleColumns
	case "StringInserts":
		return roleInserts
	case "LogEntry":
		return roleEntry
	}
	return roleNone
}
