// SPDX-License-Identifier: Apache-2.0

// Package schema_test holds the formats to what the published schemas say (README.md).
package schema_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// field is one line of a table.
type field struct {
	kind    string // without []
	isArray bool
	what    string
	values  []string // nil allows any
}

// table is what a schema says: fields by name, and objects that need at least one of some fields.
type table struct {
	fields map[string]field
	any    map[string][]string
}

// readTable reads a file of this folder.
func readTable(t *testing.T, name string) table {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	tab := table{fields: map[string]field{}, any: map[string][]string{}}
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) < 3 {
			t.Fatalf("%s: %q", name, line)
		}
		if words[1] == "any" {
			tab.any[words[0]] = strings.Split(words[2], ",")
			continue
		}
		f := field{what: words[2]}
		f.kind, f.isArray = strings.CutSuffix(words[1], "[]")
		if len(words) > 3 {
			f.values = strings.Split(strings.ReplaceAll(words[3], "_", " "), ",")
			if name == "ecs.txt" {
				f.values = strings.Split(words[3], ",")
			}
		}
		tab.fields[words[0]] = f
	}
	return tab
}

// value checks one value, or each of an array, and returns what is wrong.
func (f field) value(path string, v any, object func(path, kind string, v any) []string) []string {
	vs := []any{v}
	if f.isArray {
		var ok bool
		if vs, ok = v.([]any); !ok {
			return []string{fmt.Sprintf("%s: %v is no array", path, v)}
		}
	}
	var bad []string
	for _, v := range vs {
		if f.values != nil && !slices.Contains(f.values, fmt.Sprint(v)) {
			bad = append(bad, fmt.Sprintf("%s: %v is none of %q", path, v, f.values))
		}
		if err := scalar(f.kind, v); err != "" {
			if object == nil || err != "kind" {
				bad = append(bad, fmt.Sprintf("%s: %v: %s", path, v, err))
				continue
			}
			bad = append(bad, object(path, f.kind, v)...)
		}
	}
	return bad
}

// scalar checks a value of a simple kind: "" where it fits, "kind" where the kind is not a simple one.
func scalar(kind string, v any) string {
	s, isString := v.(string)
	n, isNumber := v.(json.Number)
	switch kind {
	case "json":
		return want(v != nil, "nothing")
	case "string", "keyword", "text":
		return want(isString, "no string")
	case "boolean":
		_, ok := v.(bool)
		return want(ok, "no boolean")
	case "integer", "int", "long":
		_, err := n.Int64()
		return want(isNumber && err == nil, "no integer")
	case "port", "percent":
		i, err := n.Int64()
		top := map[string]int64{"port": 65535, "percent": 100}[kind]
		return want(isNumber && err == nil && i >= 0 && i <= top, "out of range")
	case "ip":
		a, err := netip.ParseAddr(s)
		return want(err == nil && a.Zone() == "", "no address")
	case "date", "datetime":
		_, err := time.Parse(time.RFC3339Nano, s)
		return want(err == nil, "no time")
	}
	return "kind"
}

// want is "" where ok.
func want(ok bool, text string) string {
	if ok {
		return ""
	}
	return text
}

// missing names the required fields of an object that are not there, and its unmet needs.
func (t table) missing(object string, m map[string]any) []string {
	var bad []string
	prefix := ""
	if object != "" {
		prefix = object + "."
	}
	for name, f := range t.fields {
		rest, ok := strings.CutPrefix(name, prefix)
		if _, there := m[rest]; ok && f.what == "required" && !there && (object == "" || !strings.Contains(rest, ".")) {
			bad = append(bad, name+" is missing")
		}
	}
	if needs := t.any[object]; needs != nil && !slices.ContainsFunc(needs, func(k string) bool { return m[k] != nil }) {
		bad = append(bad, fmt.Sprintf("%s has none of %q", object, needs))
	}
	return bad
}

// ocsf checks an object of that kind.
func (t table) ocsf(path, kind string, v any) []string {
	m, ok := v.(map[string]any)
	if !ok {
		return []string{path + " is no object"}
	}
	bad := t.missing(kind, m)
	for k, v := range m {
		f, ok := t.fields[kind+"."+k]
		if !ok {
			bad = append(bad, fmt.Sprintf("%s.%s: %s has no %s", path, k, kind, k))
			continue
		}
		bad = append(bad, f.value(path+"."+k, v, t.ocsf)...)
	}
	return bad
}

// ecs checks nested fields by their dotted names.
func (t table) ecs(m map[string]any) []string {
	flat := map[string]any{}
	flatten("", m, flat)
	bad := t.missing("", flat)
	for k, v := range flat {
		if strings.HasPrefix(k, "webshell.") { // our own namespace
			continue
		}
		f, ok := t.fields[k]
		if !ok {
			bad = append(bad, "no field "+k)
			continue
		}
		bad = append(bad, f.value(k, v, nil)...)
	}
	return bad
}

// flatten puts the leaves of m into flat.
func flatten(prefix string, m, flat map[string]any) {
	for k, v := range m {
		if inner, ok := v.(map[string]any); ok {
			flatten(prefix+k+".", inner, flat)
		} else {
			flat[prefix+k] = v
		}
	}
}

// asim checks flat columns and aliases.
func (t table) asim(m map[string]any) []string {
	bad := t.missing("", m)
	for k, v := range m {
		f, ok := t.fields[k]
		if !ok {
			bad = append(bad, "no column "+k)
			continue
		}
		bad = append(bad, f.value(k, v, nil)...)
		if of, ok := strings.CutPrefix(f.what, "="); ok && m[of] != v {
			bad = append(bad, fmt.Sprintf("%s is %v, %s is %v", k, v, of, m[of]))
		}
	}
	return bad
}
