// SPDX-License-Identifier: Apache-2.0

package w3c

import (
	"strings"
	"testing"
)

func TestFieldOf(t *testing.T) {
	tests := []struct {
		want Field
		keys string // separated by blanks
	}{
		{Date, "date Date DATE"},
		{Time, "time Time"},
		{SiteName, "s-sitename s_sitename sSiteName"},
		{ComputerName, "s-computername s_computername sComputerName"},
		{ServerIP, "s-ip s_ip sIP"},
		{Method, "cs-method cs_method csMethod"},
		{URIStem, "cs-uri-stem cs_uri_stem csUriStem CS-URI-STEM cs.uri.stem"},
		{URIQuery, "cs-uri-query cs_uri_query csUriQuery"},
		{Port, "s-port s_port sPort"},
		{UserName, "cs-username cs_username csUserName"},
		{ClientIP, "c-ip c_ip cIP cip"},
		{Version, "cs-version csVersion"},
		{UserAgent, "cs(User-Agent) cs_User_Agent_ csUserAgent csUser-Agent cs(user-agent)"},
		{Cookie, "cs(Cookie) cs_Cookie_ csCookie"},
		{Referer, "cs(Referer) cs_Referer_ csReferer"},
		{Host, "cs-host cs(Host) csHost"},
		{Status, "sc-status scStatus"},
		{SubStatus, "sc-substatus scSubStatus"},
		{Win32Status, "sc-win32-status scWin32Status"},
		{BytesSent, "sc-bytes scBytes"},
		{BytesReceived, "cs-bytes csBytes"},
		{TimeTaken, "time-taken TimeTaken"},
		{TimeGenerated, "TimeGenerated time_generated"},
		{Computer, "Computer computer"},
		{Other, "cs-uri cs-uri-stem2 uri-stem x-forwarded-for - dat datee ssitenam s-sïtename cip\xc3\xa9 \x80cip " + strings.Repeat("a", 40)},
		{Other, strings.Repeat("-", 130) + "cip"},
	}
	for _, tt := range tests {
		for key := range strings.FieldsSeq(tt.keys) {
			if got := FieldOf([]byte(key)); got != tt.want {
				t.Errorf("FieldOf(%q) = %d %s, want %d %s", key, got, got, tt.want, tt.want)
			}
		}
	}
	if FieldOf(nil) != Other {
		t.Error("an empty name is a field")
	}
}

// Each field must be found by its own name, or the table of names is wrong.
func TestField_String(t *testing.T) {
	for f := Date; f < ClientIPHeader; f++ {
		if got := FieldOf([]byte(f.String())); got != f {
			t.Errorf("FieldOf(%q) = %d, want %d", f, got, f)
		}
	}
	if Field(200).String() != "" || Other.String() != "" || ClientIPHeader.String() != "" {
		t.Error("what is no known column has a name")
	}
}

func TestEventField(t *testing.T) {
	const order = "EnabledFieldsFlags date time c-ip cs-username s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query " +
		"sc-status sc-win32-status sc-bytes cs-bytes time-taken s-port csUser-Agent csCookie csReferer cs-version cs-host sc-substatus CustomFields"
	for i, name := range strings.Fields(order) {
		if got, want := EventField(i), FieldOf([]byte(name)); got != want {
			t.Errorf("EventField(%d) = %v, want %v", i, got, want)
		}
	}
	if EventField(-1) != Other || EventField(1<<30) != Other {
		t.Error("a value outside the event is a field")
	}
}

func TestOptions_Validate(t *testing.T) {
	for _, tt := range []struct {
		name string
		ok   bool
	}{
		{"", true}, {"X-Forwarded-For", true}, {"X-Real-IP", true}, {"---", false}, {"c-ip", false}, {"cs_host", false},
		{"X-Förwarded", false}, {strings.Repeat("x", 128), true}, {strings.Repeat("x", 129), false},
	} {
		if err := (&Options{ClientIPField: tt.name}).Validate(); (err == nil) != tt.ok {
			t.Errorf("Validate(%q) = %v, want ok %t", tt.name, err, tt.ok)
		}
	}
	if err := (*Options)(nil).Validate(); err != nil {
		t.Error(err)
	}
}

func FuzzFieldOf(f *testing.F) {
	f.Add("cs(User-Agent)", "X-Forwarded-For")
	f.Add("x forwarded\x00for", "xForwardedFor")
	f.Add("csuseragentx", "a-very-long-name-of-a-header-that-no-table-knows")
	f.Add("-", "-")
	f.Fuzz(func(t *testing.T, key, header string) {
		o := &Options{ClientIPField: header}
		if o.Validate() != nil {
			o.ClientIPField = ""
		}
		if got, want := o.FieldOf([]byte(key)), refFieldOf(o, key); got != want {
			t.Errorf("FieldOf(%q) with header %q = %d, want %d", key, header, got, want)
		}
	})
}

func TestFieldOf_allocations(t *testing.T) {
	o := &Options{ClientIPField: "X-Forwarded-For"}
	keys := [][]byte{[]byte("cs(User-Agent)"), []byte("x-forwarded-for"), []byte(strings.Repeat("unknown-", 20))}
	n := testing.AllocsPerRun(200, func() {
		for _, key := range keys {
			_, _ = FieldOf(key), o.FieldOf(key)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
