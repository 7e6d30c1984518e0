// SPDX-License-Identifier: Apache-2.0

package format

import (
	"strings"

	"webshell/correlate"
)

// ecsVersion is the version of the Elastic Common Schema that is written.
const ecsVersion = "9.4.0"

// ecsSeverity is the number Elastic's own rules use for medium.
const ecsSeverity = 47

// appendECS writes the Elastic Common Schema. A field that is no array there holds the latest request's value; all
// that is known stands below webshell, keys in snake_case. Members without a value are left out: an empty string would
// not fit the type that Elasticsearch chose for the field.
func appendECS(dst []byte, d *correlate.Detection) []byte {
	r := latest(d)
	w := writer{dst: append(dst, '{'), sparse: true}
	w.millis("@timestamp", d.TimeGenerated)
	w.str("message", sentence(d))
	w.open("ecs")
	w.str("version", ecsVersion)
	w.close()
	w.ecsEvent(d)
	w.ecsHost(d)
	w.ecsSource(d)
	w.ecsRequest(&r)
	w.ecsFile(d)
	w.ecsRule()
	w.ecsThreat()
	w.ecsRelated(d)
	w.ecsObserver()
	w.snake = true
	w.sentinelAll(product, d, true)
	w.close()
	return w.dst
}

// ecsEvent writes the event field set.
func (w *writer) ecsEvent(d *correlate.Detection) {
	w.open("event")
	w.str("kind", "alert") // signal is reserved for Elastic's own rules
	w.strs("category", []string{"web", "intrusion_detection"})
	w.strs("type", []string{"info"})
	w.str("module", product)
	w.str("dataset", product+".detection")
	w.str("id", d.ID)
	w.num("sequence", d.Revision)
	w.instant("start", d.StartTime)
	w.instant("end", d.EndTime)
	w.num("severity", ecsSeverity)
	w.str("reason", sentence(d))
	w.str("provider", first(d.AlertProviders))
	w.str("url", first(d.AlertLinks))
	w.close()
}

// ecsHost writes the web server.
func (w *writer) ecsHost(d *correlate.Detection) {
	hostName, domain, _ := strings.Cut(d.Computer, ".")
	w.open("host")
	w.str("name", d.Computer)
	w.str("hostname", hostName)
	w.str("domain", domain)
	w.strs("ip", ips(d.ServerIPs...))
	w.str("id", first(d.DeviceIDs))
	w.close()
}

// ecsSource writes the client.
func (w *writer) ecsSource(d *correlate.Detection) {
	w.open("source")
	w.str("address", d.AttackerIP)
	w.str("ip", ip(d.AttackerIP))
	w.close()
}

// ecsRequest writes the request that stands for all.
func (w *writer) ecsRequest(r *correlate.RequestEvidence) {
	w.open("url")
	w.str("path", r.URIStem)
	w.str("query", given(r.URIQuery))
	w.str("domain", hostOnly(given(r.Host)))
	if n, ok := number(r.Port); ok {
		w.num("port", n)
	}
	w.close()
	w.open("user_agent")
	w.str("original", given(r.UserAgent))
	w.close()
	w.open("user")
	w.str("name", given(r.UserName))
	w.close()
	w.open("http")
	w.open("request")
	w.str("method", r.Method)
	w.str("referrer", given(r.Referer))
	w.close()
	w.open("response")
	if n, ok := number(r.Status); ok {
		w.num("status_code", n)
	}
	w.close()
	w.close()
}

// ecsFile writes the alerted file.
func (w *writer) ecsFile(d *correlate.Detection) {
	w.open("file")
	w.str("name", d.FileName)
	w.str("directory", d.FileDirectory)
	w.str("path", filePath(d))
	w.open("hash")
	w.str("md5", firstHash(d, "MD5"))
	w.str("sha1", firstHash(d, "SHA1"))
	w.str("sha256", firstHash(d, "SHA256"))
	w.str("sha512", firstHash(d, "SHA512"))
	w.close()
	w.close()
}

// ecsRule writes the rule.
func (w *writer) ecsRule() {
	w.open("rule")
	w.str("id", RuleID)
	w.str("name", RuleName)
	w.str("version", RuleVersion)
	w.close()
}

// ecsThreat writes the technique.
func (w *writer) ecsThreat() {
	w.open("threat")
	w.str("framework", "MITRE ATT&CK")
	w.open("tactic")
	w.strs("id", []string{tacticID})
	w.strs("name", []string{tactic})
	w.close()
	w.open("technique")
	w.strs("id", []string{technique})
	w.strs("name", []string{techniqueName})
	w.open("subtechnique")
	w.strs("id", []string{subTechnique})
	w.strs("name", []string{subTechniqueName})
	w.close()
	w.close()
	w.close()
}

// ecsRelated writes what to pivot on.
func (w *writer) ecsRelated(d *correlate.Detection) {
	w.open("related")
	w.strs("ip", ips(append([]string{d.AttackerIP, d.ProxyIP}, d.ServerIPs...)...))
	var hosts, hashes []string
	if d.Computer != "" {
		hosts = append(hosts, d.Computer)
	}
	for _, h := range d.RequestHosts {
		if h = hostOnly(given(h)); h != "" && !has(hosts, h) {
			hosts = append(hosts, h)
		}
	}
	for _, v := range d.FileHashes {
		if _, digits := hash(v); digits != "" && !has(hashes, digits) {
			hashes = append(hashes, digits)
		}
	}
	w.strs("hosts", hosts)
	w.strs("hash", hashes)
	w.strs("user", d.RequestUserNames)
	w.close()
}

// ecsObserver writes who detected.
func (w *writer) ecsObserver() {
	w.open("observer")
	w.str("vendor", product)
	w.str("product", product)
	w.str("type", "ids")
	w.close()
}
