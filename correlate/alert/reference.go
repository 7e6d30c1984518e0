// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"slices"
	"strings"
)

// Limits of following references between entities.
const (
	maxHops    = 8       // $ref to $ref to ...: one is usual, a cycle ends here
	maxVisited = 1 << 14 // objects, nested ones too, whose ids are noted
	maxLinks   = 1 << 15 // references followed in one alert: MaxEntities files with three hashes, a host and a process
)

// index notes the ids of v and of what is nested in it, in a fixed order; of two objects with one id the first counts.
func (l *entityList) index(v any, depth int) {
	if depth == 0 || l.visited >= maxVisited {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			l.index(e, depth-1)
		}
	case map[string]any:
		l.visited++
		l.note("$id", v)
		l.note("id", v)
		for _, key := range nested(v) {
			l.index(v[key], depth-1)
		}
	}
}

func (l *entityList) note(key string, m map[string]any) {
	id := scalarText(m[key])
	if id == "" || len(id) > MaxID {
		return
	}
	if key == "id" {
		id = resourceKey(id)
	}
	if _, taken := l.byID[id]; !taken {
		l.byID[id] = m
	}
}

// resourceKey is where an Azure resource id stands in byID: ids are compared without case, and never meet a $id.
func resourceKey(id string) string { return "id " + strings.ToLower(id) }

// nested returns the keys of the members of m that hold structures, sorted.
func nested(m map[string]any) []string {
	var keys []string
	for key, v := range m {
		switch v.(type) {
		case map[string]any, []any:
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// resolve returns the object that v is or refers to, nil when there is none. What has a Type is no reference.
func (l *entityList) resolve(v any) map[string]any {
	if v == nil {
		return nil
	}
	if l.links++; l.links > maxLinks {
		return nil
	}
	for range maxHops {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		ref := scalarText(m["$ref"])
		if ref == "" || has(m, "Type") {
			return m
		}
		v = l.byID[ref]
	}
	return nil
}

// linked returns the entity that e's member names: nested or by $ref, or by the id in idMember.
func (l *entityList) linked(e map[string]any, member, idMember string) map[string]any {
	if m := l.resolve(pick(e, member)); m != nil {
		return m
	}
	return l.byResource(scalarText(pick(e, idMember)))
}

func (l *entityList) byResource(id string) map[string]any {
	if id == "" || len(id) > MaxID {
		return nil
	}
	if l.links++; l.links > maxLinks {
		return nil
	}
	return l.byID[resourceKey(id)]
}

// member resolves a list's member: an entity, a reference, or an id.
func (l *entityList) member(m any) map[string]any {
	if id, ok := m.(string); ok {
		return l.byResource(id)
	}
	return l.resolve(m)
}
