// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// alertRow is a row of SecurityAlert; a nil value is absent.
type alertRow struct {
	time         int64
	provider, id []byte
	entities     []byte // text of the column
	form         alertForm
	hasNoTime    bool // the record gives none: the event's timestamp stands in
	isDismissed  bool
}

func (a alertRow) String() string {
	return fmt.Sprintf("%s provider=%q id=%q entities=%s form=%d", clock(a.time), a.provider, a.id, a.entities, a.form)
}

// alertForm is how a row comes in.
type alertForm uint8

const (
	asMap       alertForm = iota // a record, Entities a text
	asStructure                  // a record, Entities already decoded, as msgpack has it
	asText                       // JSON text
	inEnvelope                   // JSON text of {"records":[...]}
	alertForms
)

// alert makes a row. Rows often share an id: the files may be in one and the hosts in another.
func (w *world) alert(t int64) alertRow {
	a := alertRow{time: t, provider: pick(w, providers), id: pick(w, w.ids), form: alertForm(w.IntN(int(alertForms))), hasNoTime: w.IntN(20) == 0}
	switch n := w.IntN(12); {
	case n == 0:
		a.entities = brokenEntities[w.IntN(len(brokenEntities))]
	case n == 1 && !w.isPlain:
		a.entities = bagOfHost
	default:
		a.entities = w.entities(w.IntN(5))
	}
	a.isDismissed = !w.isPlain && w.IntN(10) == 0
	return a
}

// entities makes the text of a list: files alone, hosts alone, or both.
func (w *world) entities(kind int) []byte {
	var list []string
	if kind != 0 {
		for range 1 + w.IntN(3) {
			list = append(list, w.file())
		}
	}
	if kind != 1 {
		for range 1 + w.IntN(3) {
			list = append(list, w.host())
		}
	}
	for range w.IntN(4) {
		list = append(list, w.otherEntity())
	}
	w.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	if w.IntN(8) == 0 { // some of them stand about the 128th place
		fill := make([]string, 128-w.IntN(len(list)+2))
		for i := range fill {
			fill[i] = w.otherEntity()
		}
		list = append(fill, list...)
	}
	return []byte("[" + strings.Join(list, pick(w, []string{",", ", ", ",\r\n"})) + "]")
}

// object writes members, given as name and JSON text by turns, in any order. A member without text is left out.
func (w *world) object(members ...string) string {
	var parts []string
	for i := 0; i < len(members); i += 2 {
		if members[i+1] != "" {
			parts = append(parts, quote(members[i])+":"+members[i+1])
		}
	}
	w.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	return "{" + strings.Join(parts, ",") + "}"
}

func quote(s string) string {
	b, _ := json.Marshal(s) // a string always marshals
	return string(b)
}

func (w *world) file() string {
	name := quote(pick(w, w.names))
	switch w.IntN(8) {
	case 0:
		name = quote(string(lastSegment(pick(w, w.stems))))
	case 1:
		name = quote(strings.ToLower(pick(w, w.names)))
	}
	if w.IntN(12) == 0 {
		name = pick(w, []string{"", "null", `""`, "17", "1.5", "true", `{"a":".js"}`, `[".js"]`})
	}
	device := ""
	if !w.isPlain && w.IntN(4) == 0 {
		device = `{"$ref":"2"}` // of another device; the rule reads no references
	}
	return w.object("$id", pick(w, []string{`"1"`, `"2"`, ""}), "Type", pick(w, []string{`"file"`, `"File"`, `"FILE"`, `"fIlE"`}),
		"Name", name, "Directory", pick(w, []string{"", `"C:\\inetpub\\wwwroot\\up"`, `"c:\\x"`, "null", `""`, "17"}), "Host", device)
}

func lastSegment(stem []byte) []byte { return stem[bytes.LastIndexByte(stem, '/')+1:] }

func (w *world) host() string {
	name := quote(hostNames[w.IntN(len(hostNames))])
	if h := pick(w, w.hosts); h != nil && w.IntN(8) > 0 {
		name = quote(string(h))
	}
	switch {
	case name == `"42"` && w.IntN(2) == 0:
		name = "42"
	case name == `"true"`, name == `"1.5"`, strings.HasPrefix(name, `"{`):
		name = strings.ReplaceAll(strings.Trim(name, `"`), `\"`, `"`)
	case !w.isPlain && w.IntN(12) == 0:
		name = pick(w, []string{"", "null", `""`})
	}
	return w.object("$id", pick(w, []string{`"2"`, `"3"`, ""}), "Type", pick(w, []string{`"host"`, `"Host"`, `"HOST"`}),
		"HostName", name, "DnsDomain", pick(w, []string{"", `"contoso.com"`, `"CONTOSO.COM"`, "null", `""`}), "NTDomain", pick(w, []string{"", `"CONTOSO"`}))
}

// otherEntity is none that the rule reads, though some look like one.
func (w *world) otherEntity() string {
	name, host := quote(pick(w, w.names)), quote(string(pick(w, w.hosts)))
	return pick(w, []string{
		`{"Type":"ip","Address":"203.0.113.7"}`,
		`{"Type":"process","CommandLine":"w3wp.exe","ImageFile":{"$ref":"1"}}`,
		"null", "17", `"file"`, "[]", "{}",
		quote(`{"Type":"file","Name":` + name + `}`),
		`{"Type":"url","Name":` + name + `,"HostName":` + host + `}`,
		`{"Type":null,"Name":` + name + `}`, `{"Type":1,"Name":` + name + `}`, `{"Type":["file"],"Name":` + name + `}`,
		`{"Type":"file ","Name":` + name + `}`, "{\"Type\":\"ho\u017ft\",\"HostName\":" + host + "}",
		`[{"Type":"file","Name":` + name + `}]`, `{"Entity":{"Type":"host","HostName":` + host + `}}`,
	})
}

// record gives the row in its form, as the engine's reader takes it.
func (a *alertRow) record() any {
	m := map[string]any{"DisplayName": "Suspicious web script", "AlertSeverity": "High"}
	set := func(name string, v []byte) {
		if v != nil {
			m[name] = string(v)
		}
	}
	set("ProviderName", a.provider)
	set("SystemAlertId", a.id)
	set("Entities", a.entities)
	if a.isDismissed {
		m["Status"] = "Dismissed"
	}
	if !a.hasNoTime {
		m["TimeGenerated"] = clock(a.time)
	}
	switch a.form {
	case asStructure:
		if v, ok := structure(a.entities); ok {
			m["Entities"] = v
		}
	case asText:
		return dump(m)
	case inEnvelope:
		return `{"records": [` + dump(m) + `]}`
	}
	return m
}

func dump(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("BUG: an alert that is not JSON: " + err.Error())
	}
	return string(b)
}

// structure decodes the text of an array or object, numbers as msgpack has them. (JSON text of a text would come as the
// text inside: another column's value.)
func structure(text []byte) (any, bool) {
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.UseNumber()
	var v any
	if !json.Valid(text) || dec.Decode(&v) != nil {
		return nil, false
	}
	_, isText := v.(string)
	return plainNumbers(v), !isText
}

func plainNumbers(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = plainNumbers(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = plainNumbers(v[name])
		}
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64() // the reader's own affair where it is out of range
		return f
	}
	return v
}
