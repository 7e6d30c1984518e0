// SPDX-License-Identifier: Apache-2.0

package property

import (
	"math"
	"net/netip"
	"slices"
	"strings"
)

const (
	maxExtensions     = 256 // each is searched for in every URL
	maxExtensionBytes = 64
)

func setExtensions(c *Config, text string) string {
	const want = "a comma list of at most 256 extensions with their dots, such as .aspx, .php"
	items, ok := ParseList(text)
	if !ok || len(items) > maxExtensions {
		return want
	}
	var out []string
	for _, item := range items {
		item = lower(item)
		if !isExtension(item) {
			return want
		}
		if !slices.Contains(out, item) {
			out = append(out, item)
		}
	}
	c.ScriptExtensions = out
	return ""
}

// isExtension asks for what a file's name can end in: the list is searched for as terms, so a missing dot would
// find folders too.
func isExtension(item string) bool {
	const notInNames = " \t/\\:*?\"<>|"
	return len(item) > 1 && len(item) <= maxExtensionBytes && item[0] == '.' && item[1] != '.' &&
		item[len(item)-1] != '.' && !strings.ContainsAny(item, notInNames)
}

func setProviders(c *Config, text string) string {
	items, ok := ParseList(text)
	if !ok || len(items) > 1 && slices.Contains(items, AnyProvider) {
		return "a comma list of provider names, or * alone for all"
	}
	c.AlertProviders = items
	return ""
}

// maxFields is more columns than IIS with every custom field has.
const maxFields = 1024

func setFields(c *Config, text string) string {
	if text == "" {
		return ""
	}
	names := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' })
	if len(names) > 0 && strings.EqualFold(names[0], "#Fields:") {
		names = names[1:]
	}
	if len(names) > maxFields || !slices.ContainsFunc(names, isURIStem) {
		return "the W3C columns as #Fields: lists them, cs-uri-stem among them"
	}
	c.Fields = names
	return ""
}

// isURIStem compares by letters and digits alone, as columns and keys are recognised everywhere.
func isURIStem(column string) bool {
	letters := strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, lower(column))
	return letters == "csuristem"
}

func setOutput(c *Config, text string) string {
	const want = "a comma list of stdout, file, forward, each once"
	items, ok := ParseList(text)
	if !ok {
		return want
	}
	for _, item := range items {
		to := map[string]*bool{"stdout": &c.Stdout, "file": &c.File, "forward": &c.ToForward}[lower(item)]
		if to == nil || *to {
			return want
		}
		*to = true
	}
	return ""
}

const maxProxies = 1024 // looked through for each address of a header

func setTrustedProxies(c *Config, text string) string {
	if text == "" {
		return ""
	}
	const want = "a comma list of at most 1024 addresses or networks, such as 10.0.0.0/8, 192.0.2.7, fd00::/8"
	items, ok := ParseList(text)
	if !ok || len(items) > maxProxies {
		return want
	}
	for _, item := range items {
		prefix, ok := parsePrefix(item)
		if !ok {
			return want
		}
		c.TrustedProxies = append(c.TrustedProxies, prefix)
	}
	return ""
}

func parsePrefix(text string) (netip.Prefix, bool) {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return prefix.Masked(), true
	}
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(addr, addr.BitLen()), true
}

// maxReceivers is a list that a person wrote.
const maxReceivers = 64

func setReceivers(c *Config, text string) string {
	const want = "a comma list of at most 64 hosts, each with :port where it differs from forward_port"
	items, ok := ParseList(text)
	if !ok || len(items) > maxReceivers {
		return want
	}
	for _, item := range items {
		r, ok := parseReceiver(item)
		if !ok {
			return want
		}
		c.Forward.Receivers = append(c.Forward.Receivers, r)
	}
	return ""
}

// parseReceiver reads host, host:port, an IPv6 address, or [address]:port. Port 0 stands for forward_port.
func parseReceiver(text string) (Receiver, bool) {
	if addr, err := netip.ParseAddr(text); err == nil {
		return Receiver{Host: addr.String()}, true
	}
	host, port, hasPort := text, "", false
	if i := strings.LastIndexByte(text, ':'); i >= 0 && !strings.HasSuffix(text, "]") {
		host, port, hasPort = text[:i], text[i+1:], true
	}
	host, ok := parseHost(host)
	if !ok {
		return Receiver{}, false
	}
	n, ok := parseDigits(port)
	if hasPort && (!ok || n < 1 || n > math.MaxUint16) {
		return Receiver{}, false
	}
	return Receiver{Host: host, Port: uint16(n)}, true
}

func parseHost(text string) (host string, ok bool) {
	if inner, found := strings.CutPrefix(text, "["); found {
		inner, found = strings.CutSuffix(inner, "]")
		addr, err := netip.ParseAddr(inner)
		return addr.String(), found && err == nil
	}
	return text, text != "" && len(text) <= maxNameBytes && !strings.ContainsAny(text, " \t:[]/")
}

// setForwardPort fills the port in where a receiver named none, so it stands behind forward_host in the table.
func setForwardPort(c *Config, text string) string {
	n, ok := parseDigits(text)
	if !ok || n < 1 || n > math.MaxUint16 {
		return "1 to 65535"
	}
	for i := range c.Forward.Receivers {
		if c.Forward.Receivers[i].Port == 0 {
			c.Forward.Receivers[i].Port = uint16(n)
		}
	}
	return ""
}

func setCompress(c *Config, text string) string {
	switch lower(text) {
	case "gzip":
		c.Forward.Gzip = true
	case "none":
		c.Forward.Gzip = false
	default:
		return "gzip or none"
	}
	return ""
}

// setRotateSize takes 0 beside sizes that a file can sensibly have.
func setRotateSize(c *Config, text string) string {
	if n, ok := ParseSize(text); ok && n == 0 {
		c.FileRotateSize = 0
		return ""
	}
	if want := size(minRotateSize, maxMemoryLimit, func(c *Config) *int64 { return &c.FileRotateSize })(c, text); want != "" {
		return "0 or " + want
	}
	return ""
}
