// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"webshell/correlate"
)

// ruleRows is mvexpand's default limit of rows: the rule sees no entity beyond it (Kusto, mv-expand, "mvexpand").
const ruleRows = 128

// ruleEntities reads Entities as the rule does: parse_json, mvexpand, Type =~ "file" or "host", then tostring of the
// members. References are not followed, and a member that is absent gives an empty text.
func (d *draft) ruleEntities(v any) {
	rows, total := d.expand(v)
	d.TruncatedRows = total - len(rows)
	for _, row := range rows {
		e, ok := row.(map[string]any)
		if !ok {
			continue // Type of anything else is null
		}
		kind, _ := e["Type"].(string)
		switch {
		case equalFold(kind, "file"):
			d.ruleFile(e)
		case equalFold(kind, "host"):
			d.ruleHost(e)
		}
	}
}

// ruleFile keeps a file as the rule's rows have it, its empty name too.
func (d *draft) ruleFile(e map[string]any) {
	f := correlate.FileEntity{
		Name: kustoText(e["Name"]), Directory: kustoText(e["Directory"]), Host: correlate.NoHost, Listed: true,
	}
	if d.fits(true, f.Name, f.Directory) {
		f.Name, f.Directory = strings.Clone(f.Name), strings.Clone(f.Directory)
		d.Files = append(d.Files, f)
	}
}

func (d *draft) ruleHost(e map[string]any) {
	h := correlate.HostEntity{HostName: kustoText(e["HostName"]), DNSDomain: kustoText(e["DnsDomain"]), Listed: true}
	if d.fits(true, h.HostName, h.DNSDomain) {
		d.Hosts = append(d.Hosts, ownHost(h))
	}
}

// expand gives the first ruleRows rows of mvexpand over v and how many there are in all. An array gives its members,
// an object one row a property ({"Type":"host"} among them), anything else a row that has no Type.
func (d *draft) expand(v any) (rows []any, total int) {
	if s, ok := v.(string); ok {
		return d.expandText(s)
	}
	switch v := v.(type) {
	case []byte:
		return d.expandText(string(v))
	case []any:
		return v[:min(len(v), ruleRows)], len(v)
	case map[string]any:
		return expandBag(v), len(v)
	}
	return nil, 0
}

// expandText is expand behind parse_json: bad text has no rows that count.
func (d *draft) expandText(s string) (rows []any, total int) {
	s = strings.Trim(s, blanks)
	if !strings.HasPrefix(s, "[") {
		if bag, ok := structure(s).(map[string]any); ok {
			return expandBag(bag), len(bag)
		}
		return nil, 0
	}
	return d.readList(s, ruleRows)
}

// expandBag gives one row a property, in the order of their names (a decoded object has kept no other).
func expandBag(bag map[string]any) []any {
	keys := make([]string, 0, len(bag))
	for key := range bag {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	rows := make([]any, 0, min(len(keys), ruleRows))
	for _, key := range keys[:min(len(keys), ruleRows)] {
		rows = append(rows, map[string]any{key: bag[key]})
	}
	return rows
}

// readList decodes the first limit members of a JSON array and counts them all. A text that is not one whole valid
// array within the limits gives nothing; a member over MaxValues is left out as nil, which has no Type.
func (d *draft) readList(s string, limit int) (list []any, total int) {
	if end, size, ok := span(s); !ok || end != len(s) || end > MaxText || size.depth > MaxDepth || !json.Valid([]byte(s)) {
		return nil, 0
	}
	for e := range elements(s) {
		total++
		if len(list) >= limit {
			continue
		}
		v, _, ok := decode(e)
		d.fits(ok)
		list = append(list, v)
	}
	return list, total
}

// kustoText is Kusto's tostring of a dynamic value: null is "", strings are themselves, the rest is JSON.
func kustoText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return kustoNumber(v)
	case float64:
		return kustoReal(v)
	case map[string]any, []any:
		return kustoJSON(v)
	}
	return scalarText(v)
}

// kustoJSON writes an object or array as compact JSON, its members in the order of their names.
func kustoJSON(v any) string {
	if !shallow(v, MaxDepth) {
		return ""
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return ""
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// shallow reports whether v nests at most depth levels.
func shallow(v any, depth int) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, e := range v {
			if depth == 0 || !shallow(e, depth-1) {
				return false
			}
		}
	case []any:
		for _, e := range v {
			if depth == 0 || !shallow(e, depth-1) {
				return false
			}
		}
	}
	return true
}

func kustoNumber(n json.Number) string {
	if !strings.ContainsAny(string(n), ".eE") {
		return string(n)
	}
	f, err := n.Float64()
	if err != nil {
		return ""
	}
	return kustoReal(f)
}

// kustoReal writes a real number: always told from a whole one (1.0).
func kustoReal(f float64) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return ""
	}
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}
