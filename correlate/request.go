// SPDX-License-Identifier: Apache-2.0

package correlate

// Request is one IIS request, its values as logged. A nil value is absent (no such column, or IIS's "-" where
// the matching leaves it out); an empty one was logged empty. The slices are views that the engine copies when
// it keeps them: they need to live only as long as the call that gets them.
type Request struct {
	Time Instant // date and time, else TimeGenerated, else the event's timestamp

	HostName  []byte // s-computername (W3CIISLog sComputerName), else one of the fallbacks of the host
	SiteName  []byte // s-sitename
	ClientIP  []byte // c-ip, or the client that a trusted proxy names
	ProxyIP   []byte // the peer (c-ip) where ClientIP came from another column
	Method    []byte // cs-method
	URIStem   []byte // cs-uri-stem, as logged, not decoded
	URIQuery  []byte // cs-uri-query
	Status    []byte // sc-status
	SubStatus []byte // sc-substatus
	Win32     []byte // sc-win32-status
	UserAgent []byte // cs(User-Agent)
	Cookie    []byte // cs(Cookie)
	Referer   []byte // cs(Referer)
	UserName  []byte // cs-username
	Host      []byte // cs-host
	ServerIP  []byte // s-ip
	Port      []byte // s-port

	BytesSent     int64 // sc-bytes, -1 when absent
	BytesReceived int64 // cs-bytes, -1 when absent
	TimeTaken     int64 // time-taken in milliseconds, -1 when absent
}
