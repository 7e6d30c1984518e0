// SPDX-License-Identifier: Apache-2.0

package forward

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSplitHost(t *testing.T) {
	for _, c := range []struct {
		in, host string
		port     int
	}{
		{"log.contoso.com", "log.contoso.com", 24224},
		{"log.contoso.com:24225", "log.contoso.com", 24225},
		{"127.0.0.1", "127.0.0.1", 24224},
		{"::1", "::1", 24224},
		{"[::1]", "::1", 24224},
		{"[::1]:80", "::1", 80},
		{"fe80::1%eth0", "fe80::1%eth0", 24224},
		{"", "", 0}, {":24224", "", 0}, {"a:b", "", 0}, {"a:0", "", 0}, {"a:65536", "", 0}, {"a b", "", 0},
		{"[::1", "", 0}, {"http://a", "", 0}, {"a:1:2:]", "", 0}, {"a\x00b", "", 0},
	} {
		host, port, err := splitHost(c.in, 24224)
		if host != c.host || port != c.port || (err != nil) != (c.host == "") {
			t.Errorf("%q: got %q, %d, %v; want %q, %d", c.in, host, port, err, c.host, c.port)
		}
	}
}

func TestOptions_validate(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	on := func(o TLSOptions) Options { o.On = true; return Options{TLS: o} }
	for _, c := range []struct {
		name string
		o    Options
		want []string
	}{
		{"defaults", Options{}, nil},
		{"gzip off", Options{Compress: "off"}, nil},
		{"several", Options{Hosts: []string{"a:0", "b c"}, Port: 70000, Compress: "zip", Password: "x", Tag: strings.Repeat("t", 256)},
			[]string{`forward_host "a:0"`, `forward_host "b c"`, "forward_port 70000", `forward_compress "zip"`, "forward_username", "forward_tag of 256"}},
		{"too many hosts", Options{Hosts: make([]string, maxHosts+1)}, []string{"forward_host with 65"}},
		{"tls off with files", Options{TLS: TLSOptions{CAFile: empty}}, []string{`forward_tls "off"`}},
		{"tls on a socket", Options{UnixPath: "/s", TLS: TLSOptions{On: true}}, []string{"forward_tls_vhost"}},
		{"half a pair", on(TLSOptions{CertFile: empty}), []string{"forward_tls_crt_file and forward_tls_key_file"}},
		{"missing authority", on(TLSOptions{CAFile: filepath.Join(dir, "no")}), []string{"forward_tls_ca_file"}},
		{"empty authority", on(TLSOptions{CAFile: empty}), []string{"no certificate in it"}},
		{"folder as authority", on(TLSOptions{CAFile: dir}), []string{"not a regular file"}},
		{"empty pair", on(TLSOptions{CertFile: empty, KeyFile: empty}), []string{"forward_tls_crt_file"}},
		{"key without its password", on(TLSOptions{CertFile: "testdata/client.crt", KeyFile: "testdata/pbes2-sha512.key"}), []string{"forward_tls_key_file", "forward_tls_key_passwd"}},
		{"key with its password", on(TLSOptions{CertFile: "testdata/client.crt", KeyFile: "testdata/pbes2-sha512.key", KeyPasswd: "secret"}), nil},
	} {
		err := c.o.Validate()
		if len(c.want) == 0 && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q is not in %v", c.name, want, err)
			}
		}
	}
}
