// SPDX-License-Identifier: Apache-2.0

package source

import "webshell/correlate/w3c"

// role is what a key of a record is beside a column.
type role uint8

const (
	roleNone role = iota
	roleLog
	rolePath
	roleOffset
	roleComputer
	roleOwn   // it may tell one of our own detections
	roleEvent // it tells of an event that the record wraps
)

// key is what is known of a key by its name.
type key struct {
	role   role
	isHost bool // it is host_key
	field  w3c.Field
}

// Bounds of keyCache: records have the columns of IIS and a few keys more, with short names.
const (
	cachedKeys   = 64
	cachedKeyLen = 28
)

// keyCache knows the keys of the last records by their place: the records of a source have the same in the same order.
type keyCache struct {
	opt  *Options
	keys [cachedKeys]cachedKey
}

type cachedKey struct {
	key
	len  uint8 // 0: nothing cached
	name [cachedKeyLen]byte
}

// at looks a key up that stands at place i of a record.
func (c *keyCache) at(i int, name []byte) key {
	if i >= cachedKeys || len(name) > cachedKeyLen || len(name) == 0 {
		return c.opt.keyOf(name)
	}
	e := &c.keys[i]
	if string(name) != string(e.name[:e.len]) {
		e.key = c.opt.keyOf(name)
		e.len = uint8(copy(e.name[:], name))
	}
	return e.key
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
	case "EventID", "event_id", "EventId", "ProviderName", "provider_name", "ProviderGuid", "provider_guid", "ProviderId",
		"Channel", "payload", "EventData", "StringInserts", "LogEntry":
		return roleEvent
	}
	return roleNone
}
