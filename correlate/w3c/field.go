// SPDX-License-Identifier: Apache-2.0

package w3c

// Field is a column that this package knows.
type Field uint8

// The fields, by the letters and digits of their names.
const (
	Other          Field = iota // any column that is not one of these
	Date                        // date
	Time                        // time
	SiteName                    // s-sitename
	ComputerName                // s-computername
	ServerIP                    // s-ip
	Method                      // cs-method
	URIStem                     // cs-uri-stem
	URIQuery                    // cs-uri-query
	Port                        // s-port
	UserName                    // cs-username
	ClientIP                    // c-ip
	Version                     // cs-version
	UserAgent                   // cs(User-Agent)
	Cookie                      // cs(Cookie)
	Referer                     // cs(Referer)
	Host                        // cs-host
	Status                      // sc-status
	SubStatus                   // sc-substatus
	Win32Status                 // sc-win32-status
	BytesSent                   // sc-bytes
	BytesReceived               // cs-bytes
	TimeTaken                   // time-taken, in milliseconds
	TimeGenerated               // TimeGenerated of the W3CIISLog table
	Computer                    // Computer of the W3CIISLog table: the agent's name of the machine
	ClientIPHeader              // the column that Options.ClientIPField names
	fieldCount
)

// names holds the letters and digits of each field's name in IIS's log, in Microsoft
// Sentinel's W3CIISLog table and in IIS's event 6200, which all have the same ones.
var names = [fieldCount]string{
	Date:          "date",
	Time:          "time",
	SiteName:      "ssitename",
	ComputerName:  "scomputername",
	ServerIP:      "sip",
	Method:        "csmethod",
	URIStem:       "csuristem",
	URIQuery:      "csuriquery",
	Port:          "sport",
	UserName:      "csusername",
	ClientIP:      "cip",
	Version:       "csversion",
	UserAgent:     "csuseragent",
	Cookie:        "cscookie",
	Referer:       "csreferer",
	Host:          "cshost",
	Status:        "scstatus",
	SubStatus:     "scsubstatus",
	Win32Status:   "scwin32status",
	BytesSent:     "scbytes",
	BytesReceived: "csbytes",
	TimeTaken:     "timetaken",
	TimeGenerated: "timegenerated",
	Computer:      "computer",
}

// String is the field's name by its letters and digits, "" for Other and ClientIPHeader.
func (f Field) String() string {
	if f >= fieldCount {
		return ""
	}
	return names[f]
}

// eventFields is the fixed order of the values of IIS's event 6200 (Microsoft-Windows-IIS-Logging), behind
// EnabledFieldsFlags (crowdsecurity/hub, test iis-xml-logs).
var eventFields = [...]Field{
	Other, Date, Time, ClientIP, UserName, SiteName, ComputerName, ServerIP, Method, URIStem, URIQuery, Status,
	Win32Status, BytesSent, BytesReceived, TimeTaken, Port, UserAgent, Cookie, Referer, Version, Host, SubStatus,
}

// EventField is the field of value i, from 0, of IIS's event 6200 where it comes as a list without names, as
// winevtlog's StringInserts do. Other for what lies outside.
func EventField(i int) Field {
	if i < 0 || i >= len(eventFields) {
		return Other
	}
	return eventFields[i]
}

// maxKey bounds the bytes of a key that are looked at: no column name of IIS has half as many.
const maxKey = 128

// FieldOf recognises a column by the ASCII letters and digits of its name alone,
// whatever their case and whatever stands between them: cs(User-Agent),
// cs_User_Agent_ and csUserAgent are one. A name with a byte that is not ASCII, or
// of more than 128 bytes, is Other. It never allocates.
func FieldOf(key []byte) Field {
	if len(key) > maxKey {
		return Other
	}
	p, ok := pack(key)
	if !ok {
		return Other
	}
	for i := p.slot(); ; i = (i + 1) % slots {
		if e := &fieldTable[i]; e.name == p || e.field == Other {
			return e.field
		}
	}
}

// packed is the letters and digits of a name, six bits each, the last one lowest. It is exact for up to
// packedMax of them, since no code is 0.
type packed struct{ hi, lo uint64 }

// packedMax is what fits; the longest name known has 13.
const packedMax = 16

// pack gives !ok for a name with other letters than ASCII's, or with too many to be known.
func pack(key []byte) (p packed, ok bool) {
	for _, b := range key {
		c := uint64(codes[b])
		if c == 0 {
			continue
		}
		if c == notASCII || p.hi>>(6*packedMax-6-64) != 0 {
			return p, false
		}
		p.hi = p.hi<<6 | p.lo>>58
		p.lo = p.lo<<6 | c
	}
	return p, true
}

// slots is the size of the table of names: a power of two, a quarter full, so that a look-up ends soon.
const slots = 128

func (p packed) slot() uint64 {
	return ((p.lo ^ p.hi*0x9e3779b97f4a7c15) * 0xd6e8feb86659fd93) >> 57
}

type fieldEntry struct {
	name  packed
	field Field
}

// fieldTable finds a field by its packed name; linear probing, Other marks a free slot.
var fieldTable = func() (t [slots]fieldEntry) {
	for f, name := range names {
		p, ok := pack([]byte(name))
		if name == "" || !ok {
			continue
		}
		i := p.slot()
		for t[i].field != Other {
			i = (i + 1) % slots
		}
		t[i] = fieldEntry{p, Field(f)}
	}
	return t
}()

// notASCII is the code of a byte that is not ASCII.
const notASCII = 0xff

// codes maps a byte to 1 to 36 for a letter (either case) or digit, to 0 for what stands between them.
var codes = func() (t [256]uint8) {
	for i := range uint8(26) {
		t['a'+i], t['A'+i] = 1+i, 1+i
	}
	for i := range uint8(10) {
		t['0'+i] = 27 + i
	}
	for b := 0x80; b <= 0xff; b++ {
		t[b] = notASCII
	}
	return t
}()

// sameName reports whether two names have the same letters and digits, by FieldOf's measure.
func sameName(a string, b []byte) bool {
	i, j := 0, 0
	for {
		for i < len(a) && codes[a[i]] == 0 {
			i++
		}
		for j < len(b) && codes[b[j]] == 0 {
			j++
		}
		if i == len(a) || j == len(b) {
			return i == len(a) && j == len(b)
		}
		if c := codes[a[i]]; c == notASCII || c != codes[b[j]] {
			return false
		}
		i++
		j++
	}
}
