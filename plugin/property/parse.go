// SPDX-License-Identifier: Apache-2.0

package property

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxValueBytes bounds one value: longer ones are a file's content put in the wrong place.
const maxValueBytes = 64 << 10

// maxShownBytes bounds what of a bad value an error repeats; Fluent Bit cuts log lines at 4 KiB.
const maxShownBytes = 128

// Error is one property that can't be used.
type Error struct {
	Key   string
	Value string // as given; "" where the property is missing
	Want  string
	quiet bool // the value is a secret
}

// Error names the property, its value and what was wanted.
func (e *Error) Error() string {
	value := e.Value
	if len(value) > maxShownBytes {
		value = value[:maxShownBytes] + "..."
	}
	if e.quiet {
		return fmt.Sprintf("%s (value not shown): want %s", e.Key, e.Want)
	}
	return fmt.Sprintf("%s %q: want %s", e.Key, value, e.Want)
}

// Errors is every fault of a section, in the table's order.
type Errors []*Error

// Error joins the faults into one line.
func (e Errors) Error() string {
	parts := make([]string, len(e))
	for i, one := range e {
		parts[i] = one.Error()
	}
	return strings.Join(parts, "; ")
}

// Unwrap gives the faults one by one.
func (e Errors) Unwrap() []error {
	out := make([]error, len(e))
	for i, one := range e {
		out[i] = one
	}
	return out
}

// Parse reads a section through get, which gives "" for what is not set. On a fault the error is an Errors that names
// every bad property, and the Config has defaults in their place: it serves to look for what else is wrong.
func Parse(get func(key string) string) (Config, error) {
	p := parser{get: get, given: map[string]string{}}
	for _, prop := range table() {
		p.read(prop)
	}
	p.crossCheck()
	if len(p.errs) > 0 {
		return p.cfg, p.errs
	}
	return p.cfg, nil
}

type parser struct {
	cfg   Config
	get   func(string) string
	given map[string]string // what was set to something, trimmed
	errs  Errors
}

func (p *parser) read(prop property) {
	text := strings.TrimSpace(p.get(prop.key))
	if text == "" {
		text = prop.defaultUnder(p.cfg.Matching)
	} else {
		p.given[prop.key] = text
	}
	want := textFault(text)
	if want == "" {
		want = prop.set(&p.cfg, text)
	}
	if want != "" {
		p.errs = append(p.errs, &Error{Key: prop.key, Value: text, Want: want, quiet: prop.secret})
		prop.set(&p.cfg, prop.defaultUnder(p.cfg.Matching))
	}
}

// crossCheck looks at what single values can't show.
func (p *parser) crossCheck() {
	p.needs(p.cfg.File, "file_path", "the path of the file that output names")
	f := &p.cfg.Forward
	p.needs(f.TLS.CertFile != "", "forward_tls_key_file", "the key of forward_tls_crt_file")
	p.needs(f.TLS.KeyFile != "", "forward_tls_crt_file", "the certificate of forward_tls_key_file")
	p.needs(f.Username != "", "forward_password", "the password of forward_username")
	p.needs(f.Password != "", "forward_username", "the user of forward_password")
	p.needs(f.Username != "", "forward_shared_key", "a shared key, without which receivers ask for no user")
	p.needs(p.cfg.ToForward && f.TLS.On && f.TLS.Verify && f.UnixPath != "", "forward_tls_vhost", "the name in the receiver's certificate, as a socket has none")
	p.needsTLS()
	for _, key := range []string{"alert_detections", "set_limit", "iis_config", "path_match", "report_unmatched"} {
		p.idle(p.cfg.Matching == MatchKQL, key, "matching is kql")
	}
	p.idle(!p.cfg.File, "file_", "output does not name file")
	p.idle(!p.cfg.ToForward, "forward_", "output does not name forward")
	p.idle(!f.TLS.On, "forward_tls_", "forward_tls is off")
	p.idle(p.cfg.ClientIPField == "", "trusted_proxies", "client_ip_field is not set")
	p.later()
}

// later notes in one warning what was set and has no effect yet.
func (p *parser) later() {
	var keys []string
	for _, prop := range table() {
		if _, ok := p.given[prop.key]; ok && prop.isLater {
			keys = append(keys, prop.key)
		}
	}
	if len(keys) > 0 {
		p.cfg.Warnings = append(p.cfg.Warnings, "no effect in this version: "+strings.Join(keys, ", "))
	}
}

// needs makes key necessary when something else asks for it.
func (p *parser) needs(when bool, key, want string) {
	if _, ok := p.given[key]; when && !ok && !p.hasFault(key) {
		p.errs = append(p.errs, &Error{Key: key, Want: want})
	}
}

// needsTLS keeps who asked for encryption from sending without.
func (p *parser) needsTLS() {
	tls := &p.cfg.Forward.TLS
	asks := !tls.Verify || tls.CAFile+tls.CertFile+tls.KeyFile+tls.KeyPasswd+tls.ServerName != ""
	if p.cfg.ToForward && !tls.On && asks && !p.hasFault("forward_tls") {
		p.errs = append(p.errs, &Error{Key: "forward_tls", Value: p.given["forward_tls"], Want: "on, as another forward_tls_ property is set"})
	}
}

func (p *parser) hasFault(key string) bool {
	for _, e := range p.errs {
		if e.Key == key {
			return true
		}
	}
	return false
}

// idle notes the properties with this prefix that were set and change nothing.
func (p *parser) idle(when bool, prefix, why string) {
	if !when {
		return
	}
	for _, prop := range table() {
		if _, ok := p.given[prop.key]; ok && strings.HasPrefix(prop.key, prefix) {
			p.cfg.Warnings = append(p.cfg.Warnings, prop.key+" has no effect: "+why)
		}
	}
}

// textFault says what is wrong with a value as text, whatever the property: "" when nothing is.
func textFault(text string) string {
	if len(text) > maxValueBytes {
		return fmt.Sprintf("at most %d bytes", maxValueBytes)
	}
	if !utf8.ValidString(text) {
		return "valid UTF-8"
	}
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }) {
		return "no control characters"
	}
	return ""
}
