// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"encoding/json"
	"reflect"
	"testing"
)

// FuzzRead reads any text, in both ways of matching: no panic, the bounds kept, the same result twice. A text that is
// one JSON value outside an envelope must give what its decoded form gives.
func FuzzRead(f *testing.F) {
	for _, tt := range fixtures {
		f.Add(readFixture(f, tt.file), false)
		f.Add(readFixture(f, tt.file), true)
	}
	for _, seed := range []string{
		``, `{`, `[`, `"`, `[[[[[[[[`, `{"value":[`, `{"records":[{}]}`, `{"file":"a"}{"file":"b"}`, `[{"file":"a"},`,
		`{"file":["a",1,null],"host":"h","time":1772445600.5}`, `{"SystemAlertId":"1","ProviderName":"MDATP","Entities":"[{\"Type\":\"file\",\"Name\":\"a\"}]"}`,
		`{"SystemAlertId":1,"ProviderName":"MDATP","Entities":{"Type":"host","Name":1e5}}`,
		`{"DetectionId":"6f0c0000000000000000000000000000","Revision":1,"RuleId":"` + RuleID + `"}`,
	} {
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, text string, kql bool) {
		o := Options{KQL: kql, Providers: []string{AnyProvider}}
		alerts, out := readText(t, o, text)
		checkBounds(t, alerts, out)
		again, outAgain := readText(t, o, text)
		if !reflect.DeepEqual(alerts, again) || !reflect.DeepEqual(out, outAgain) {
			t.Errorf("read twice: %s and %s", dump(alerts), dump(again))
		}
		var decoded any
		if json.Unmarshal([]byte(text), &decoded) != nil {
			return
		}
		tree, treeOut := readAll(t, Options{KQL: kql, Providers: o.Providers, LogKey: "log"}, decoded)
		checkBounds(t, tree, treeOut)
	})
}

// FuzzSpan holds the scanner to the standard decoder: a valid value ends where the decoder says, and its members are
// the decoder's.
func FuzzSpan(f *testing.F) {
	for _, seed := range []string{`{}`, `[1,"a\"]",{"b":[null]}] x`, `"\\"`, `-1.5e3,`, `{"a":{"b":"}"}}`, `[ ]`, `tru`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if text == "" {
			return
		}
		end, size, ok := span(text)
		if !ok {
			if json.Valid([]byte(text)) {
				t.Fatalf("span(%q) found no end of a valid value", text)
			}
			return
		}
		if end <= 0 || end > len(text) || size.depth > len(text) {
			t.Fatalf("span(%q) = %d, %+v", text, end, size)
		}
		var list []json.RawMessage
		if !json.Valid([]byte(text[:end])) || text[0] != '[' || json.Unmarshal([]byte(text[:end]), &list) != nil {
			return
		}
		var got []string
		for e := range elements(text[:end]) {
			got = append(got, e)
		}
		if len(got) != len(list) {
			t.Fatalf("elements(%q) = %q, want %d", text[:end], got, len(list))
		}
		for i, e := range list {
			if got[i] != string(e) {
				t.Errorf("element %d of %q = %q, want %q", i, text[:end], got[i], e)
			}
		}
	})
}
