// SPDX-License-Identifier: Apache-2.0

package format

import "webshell/correlate"

// ocsfEvidences writes one evidence a request, and the file.
func (w *writer) ocsfEvidences(d *correlate.Detection) {
	w.openArray("evidences")
	if d.FileName != "" {
		w.element()
		w.ocsfFile(d)
		w.close()
	}
	for i := range d.Requests {
		w.ocsfEvidence(d, &d.Requests[i])
	}
	w.closeArray()
}

// ocsfFile writes the alerted file.
func (w *writer) ocsfFile(d *correlate.Detection) {
	w.open("file")
	w.str("name", d.FileName)
	w.num("type_id", 1)
	w.str("type", "Regular File")
	w.str("parent_folder", d.FileDirectory)
	w.str("path", filePath(d))
	w.openArray("hashes")
	for _, v := range d.FileHashes {
		algorithm, digits := hash(v)
		if digits == "" {
			continue
		}
		w.element()
		w.num("algorithm_id", ocsfHashes[algorithm].id)
		w.str("algorithm", ocsfHashes[algorithm].caption)
		w.str("value", digits)
		w.close()
	}
	w.closeArray()
	w.close()
}

// ocsfHashes are the numbers of OCSF's fingerprint.
var ocsfHashes = map[string]struct {
	id      int64
	caption string
}{"MD5": {1, "MD5"}, "SHA1": {2, "SHA-1"}, "SHA256": {3, "SHA-256"}, "SHA512": {4, "SHA-512"}}

// ocsfEvidence writes one request.
func (w *writer) ocsfEvidence(d *correlate.Detection, r *correlate.RequestEvidence) {
	w.element()
	w.ocsfEndpoint("src_endpoint", d.AttackerIP, "")
	w.ocsfEndpoint("dst_endpoint", d.Computer, r.Port)
	if user := given(r.UserName); user != "" {
		w.open("user")
		w.str("name", user)
		w.close()
	}
	w.open("http_request")
	if ocsfMethods[r.Method] {
		w.str("http_method", r.Method)
	}
	w.ocsfURL(r)
	w.str("user_agent", given(r.UserAgent))
	w.str("referrer", given(r.Referer))
	w.close()
	if code, ok := number(r.Status); ok {
		w.open("http_response")
		w.num("code", code)
		w.close()
	}
	w.open("data") // what has no place of its own
	w.sentinelRequest(r)
	w.close()
	w.close()
}

// ocsfMethods are the methods that the schema lists; any other stands in data alone.
var ocsfMethods = map[string]bool{"CONNECT": true, "DELETE": true, "GET": true, "HEAD": true, "OPTIONS": true,
	"PATCH": true, "POST": true, "PUT": true, "TRACE": true}

// ocsfEndpoint writes an endpoint by its address, or by name where it is none.
func (w *writer) ocsfEndpoint(k, name, port string) {
	w.open(k)
	if v := ip(name); v != "" {
		w.str("ip", v)
	} else {
		w.key("name")
		w.dst = appendString(w.dst, name)
	}
	if n, ok := number(port); ok && n <= 65535 {
		w.num("port", n)
	}
	w.close()
}

// ocsfURL writes where a request went.
func (w *writer) ocsfURL(r *correlate.RequestEvidence) {
	w.open("url")
	w.key("path")
	w.dst = appendString(w.dst, r.URIStem)
	w.str("query_string", given(r.URIQuery))
	w.str("hostname", hostOnly(given(r.Host)))
	w.close()
}
