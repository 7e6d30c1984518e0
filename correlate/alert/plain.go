// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"strings"

	"webshell/correlate"
)

// isPlain knows the shape that anything can write: {"file": ...}.
func isPlain(m map[string]any) bool { return has(m, "file") }

// plain reads {"file","directory","host","domain","id","time","title","severity","provider","sha1","sha256","md5"}.
// `file` may be a whole path; `file` and `host` may be lists of texts; a `domain` without a dot inside is an NT domain.
func (p *pass) plain(m map[string]any) {
	d := p.draft(correlate.ShapePlain)
	d.Provider = note(m, "provider")
	if d.Provider != "" && !p.allows(d.Provider) {
		p.passTime(m, "time")
		p.out.refuse(Provider)
		return
	}
	if !d.setTime(m, "time") {
		return
	}
	d.setID(first(m, "id"))
	d.Title = note(m, "title")
	d.Severity = note(m, "severity")
	d.Status = statusOf(first(m, "status"), first(m, "classification"))
	dns, nt := first(m, "domain"), ""
	if !strings.Contains(strings.Trim(dns, "."), ".") {
		dns, nt = "", dns
	}
	for _, name := range texts(m["host"], MaxHosts) {
		d.addHost(correlate.HostEntity{HostName: name, DNSDomain: dns, NTDomain: nt, Listed: true})
	}
	for _, name := range texts(m["file"], MaxFiles) {
		d.addFile(correlate.FileEntity{
			Name: name, Directory: first(m, "directory"), Hashes: hashesOf(m), Host: correlate.NoHost, Listed: true,
		})
	}
	if len(d.Files) == 0 && d.Status == correlate.StatusActive {
		d.refuseNoFile()
		return
	}
	d.deriveID()
	d.emit()
}

// texts returns v as a list of texts: itself, or the texts of a list, at most limit.
func texts(v any, limit int) []string {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	var out []string
	for _, e := range list[:min(len(list), limit)] {
		if s := scalarText(e); s != "" {
			out = append(out, s)
		}
	}
	return out
}
