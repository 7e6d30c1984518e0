// SPDX-License-Identifier: Apache-2.0

package w3c

import (
	"math"
	"strings"
	"testing"

	"webshell/correlate"
)

func TestRecord_allFields(t *testing.T) {
	keys, values := pairs()
	var line Line
	want, err := read(&line, mustColumns(t, allFields, nil), benchLine)
	if err != nil {
		t.Fatal(err)
	}
	var r Record
	for _, style := range []func(string) string{
		strings.ToUpper,
		func(s string) string { return strings.NewReplacer("-", "_", "(", "_", ")", "_").Replace(s) },
		func(s string) string { return strings.NewReplacer("-", "", "(", "", ")", "").Replace(s) },
	} {
		r.Reset()
		for i := range keys {
			r.Set(FieldOf([]byte(style(string(keys[i])))), values[i])
		}
		var got correlate.Request
		if err := requestOf(&r, nil, 0, &got); err != nil {
			t.Fatal(err)
		}
		checkRequest(t, &got, &want)
	}
}

func TestRecord_numbers(t *testing.T) {
	var r Record
	r.Set(URIStem, []byte("/a.aspx"))
	r.SetInt(Status, 200)
	r.SetInt(Win32Status, math.MinInt64)
	r.SetInt(BytesSent, 512)
	r.SetInt(BytesReceived, math.MaxInt64)
	r.SetInt(TimeTaken, -5)
	r.SetInt(Status, 404)        // the first one counts
	r.Set(Cookie, nil)           // absent
	r.Set(Referer, []byte{})     // empty
	r.Set(Other, []byte("x"))    // unknown
	r.SetInt(fieldCount+3, 1)    // no field
	r.Set(Field(255), []byte{1}) // no field
	var got correlate.Request
	if err := requestOf(&r, nil, 77, &got); err != nil {
		t.Fatal(err)
	}
	checkRequest(t, &got, &correlate.Request{
		Time: 77, URIStem: []byte("/a.aspx"), Status: []byte("200"), Win32: []byte("-9223372036854775808"), Referer: []byte{},
		BytesSent: 512, BytesReceived: math.MaxInt64, TimeTaken: -1,
	})
	if !r.Has(Status) || r.Has(Cookie) || r.Has(Other) || r.Has(200) {
		t.Error("Has is wrong")
	}
}

func TestRecord_refused(t *testing.T) {
	tests := []struct {
		name, pairs string // key=value, separated by blanks
		event       correlate.Instant
		want        error
	}{
		{"good", "csUriStem=/a TimeGenerated=2026-03-02T10:00:00Z", 0, nil},
		{"no stem", "TimeGenerated=2026-03-02T10:00:00Z", 5, ErrNoStem},
		{"dash for the stem", "csUriStem=-", 5, ErrNoStem},
		{"no time", "csUriStem=/a", 0, ErrNoTime},
		{"a dash for the time", "csUriStem=/a TimeGenerated=-", 0, ErrNoTime},
		{"the event's time", "csUriStem=/a", 5, nil},
		{"a time without a date", "csUriStem=/a time=10:00:00", 5, nil},
		{"a bad time without a date", "csUriStem=/a time=10:00", 5, ErrTime},
		{"a bad date without a time", "csUriStem=/a date=2026-02-30", 5, ErrDate},
		{"a bad date", "csUriStem=/a date=2026-02-30 time=10:00:00", 5, ErrDate},
		{"a bad TimeGenerated", "csUriStem=/a TimeGenerated=1772000000", 5, ErrTime},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var r Record
			for _, pair := range strings.Fields(tt.pairs) {
				key, value, _ := strings.Cut(pair, "=")
				r.Set(FieldOf([]byte(key)), []byte(value))
			}
			before := correlate.Request{Time: -1}
			got := before
			err := requestOf(&r, nil, tt.event, &got)
			wantError(t, tt.pairs, err, tt.want)
			if err != nil && got.Time != before.Time {
				t.Error("a refused record changed the request")
			}
		})
	}
}

func FuzzRecord(f *testing.F) {
	f.Add("cs-uri-stem\t/a\ndate\t2026-03-02\ntime\t10:00:00", "csUriStem\t/b\ntime\t10:00:00", int64(5))
	f.Add("cs-uri-stem\t/a\nX_Forwarded_For\t203.0.113.9\ncIP\t10.0.0.1", "sComputerName\t-\nComputer\tw\ncs(uri)stem\t/", int64(1))
	f.Add("cs-uri-stem\t/a\nTimeGenerated\t2026-03-02 10:00:00.5+0100\nsc-bytes\t18446744073709551616", "", int64(0))
	f.Fuzz(func(t *testing.T, first, second string, event int64) {
		o := &Options{ClientIPField: "X-Forwarded-For", TrustedProxies: prefixes("10.0.0.0/8")}
		var r Record
		for _, text := range []string{first, second, first} {
			r.Reset()
			want := refValues{}
			for pair := range strings.SplitSeq(text, "\n") {
				key, value, _ := strings.Cut(pair, "\t")
				f := refFieldOf(o, key)
				if got := o.FieldOf([]byte(key)); got != f {
					t.Fatalf("FieldOf(%q) = %v, want %v", key, got, f)
				}
				r.Set(f, []byte(value))
				if _, ok := want[f]; !ok && f != Other {
					want[f] = value
				}
			}
			checkRecord(t, &r, o, want, correlate.Instant(event))
		}
	})
}

// requestOf reads a whole record; a refused one leaves req as it was.
func requestOf(r *Record, o *Options, event correlate.Instant, req *correlate.Request) error {
	if err := r.Peek(event); err != nil {
		return err
	}
	r.Request(o, req)
	return nil
}

func checkRecord(t *testing.T, r *Record, o *Options, want refValues, event correlate.Instant) {
	t.Helper()
	at, wantErr := want.resolve(event, nil)
	if !want.isThere(URIStem) {
		wantErr = ErrNoStem
	}
	var got correlate.Request
	err := requestOf(r, o, event, &got)
	wantError(t, "Request", err, wantErr)
	if err == nil {
		wantReq := want.request(o, at)
		checkRequest(t, &got, &wantReq)
	}
}

func TestRecord_allocations(t *testing.T) {
	keys, values := pairs()
	o := &Options{ClientIPField: "X-Forwarded-For", TrustedProxies: prefixes("203.0.113.0/24")}
	keys = append(keys, []byte("x_forwarded_for"), []byte("something-else"))
	values = append(values, []byte("198.51.100.7,+203.0.113.8"), []byte("x"))
	r, req := new(Record), new(correlate.Request)
	n := testing.AllocsPerRun(200, func() {
		r.Reset()
		r.SetInt(Port, 443)
		for i, key := range keys {
			r.Set(o.FieldOf(key), values[i])
		}
		if err := requestOf(r, o, 0, req); err != nil || string(req.ClientIP) != "198.51.100.7" {
			t.Fatalf("client %q, error %v", req.ClientIP, err)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
