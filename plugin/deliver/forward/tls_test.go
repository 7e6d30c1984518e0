// SPDX-License-Identifier: Apache-2.0

package forward

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"webshell/plugin/deliver/forward/forwardtest"
)

func TestDecryptKey(t *testing.T) {
	want := pemBytes(t, "plain.key")
	for _, c := range []struct{ file, password, err string }{
		{"plain.key", "", ""},
		{"plain.key", "not needed", ""},
		{"pbes2-aes-128-cbc.key", "secret", ""},
		{"pbes2-aes-192-cbc.key", "secret", ""},
		{"pbes2-aes-256-cbc.key", "secret", ""},
		{"pbes2-des3.key", "secret", ""},
		{"pbes2-sha1.key", "secret", ""},
		{"pbes2-sha512.key", "secret", ""},
		{"sec1-aes256.key", "secret", ""},
		{"pbes2-aes-256-cbc.key", "", "forward_tls_key_passwd"},
		{"sec1-aes256.key", "wrong", "forward_tls_key_passwd"},
		{"scrypt.key", "secret", "want PBKDF2"},
	} {
		text, err := os.ReadFile(filepath.Join("testdata", c.file))
		if err != nil {
			t.Fatal(err)
		}
		key, err := decryptKey(text, c.password)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s with %q: got %v, want ...%s...", c.file, c.password, err, c.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.file, err)
			continue
		}
		if !sameKey(t, key, want) {
			t.Errorf("%s: another key", c.file)
		}
	}
}

// pemBytes reads a file of testdata.
func pemBytes(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// sameKey reports whether two PEM texts hold one key, by way of its certificate.
func sameKey(t *testing.T, a, b []byte) bool {
	t.Helper()
	cert := pemBytes(t, "client.crt")
	_, errA := tls.X509KeyPair(cert, a)
	_, errB := tls.X509KeyPair(cert, b)
	return errA == nil && errB == nil
}

// FuzzDecryptKey feeds hostile keys: an error or a result, in bounded time.
func FuzzDecryptKey(f *testing.F) {
	files, err := filepath.Glob("testdata/*.key")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		if block, _ := pem.Decode(text); block != nil {
			f.Add(block.Bytes)
		}
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		if plain, err := decryptPKCS8(der, []byte("secret")); err == nil && len(plain) > len(der) {
			t.Errorf("%d bytes of %d", len(plain), len(der))
		}
	})
}

// authority signs certificates of a test.
type authority struct {
	t    *testing.T
	dir  string
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	file string // PEM
}

// newAuthority makes one.
func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, dir: t.TempDir()}
	a.key = newKey(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"},
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.file = a.write("ca.crt", "CERTIFICATE", der)
	return a
}

// newKey makes a key.
func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// write writes a PEM file and returns its path.
func (a *authority) write(name, kind string, der []byte) string {
	a.t.Helper()
	path := filepath.Join(a.dir, name)
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		a.t.Fatal(err)
	}
	return path
}

// issue makes a certificate for name that ends then, with its key, as files.
func (a *authority) issue(name string, end time.Time) (certFile, keyFile string) {
	a.t.Helper()
	key := newKey(a.t)
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: end.Add(-2 * time.Hour), NotAfter: end}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	return a.write(name+".crt", "CERTIFICATE", der), a.write(name+".key", "PRIVATE KEY", keyDER)
}

// listen serves r over TLS on the loopback address and returns where.
func (a *authority) listen(r *forwardtest.Receiver, name string, end time.Time, clients bool) string {
	a.t.Helper()
	certFile, keyFile := a.issue(name, end)
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		a.t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}}
	if clients {
		config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		config.ClientCAs.AddCert(a.cert)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		a.t.Fatal(err)
	}
	serve(a.t, l, r.Serve)
	return l.Addr().String()
}

// serve accepts until the test ends.
func serve(t *testing.T, l net.Listener, handle func(net.Conn)) {
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go handle(c)
		}
	}()
}

func TestClient_tls(t *testing.T) {
	a := newAuthority(t)
	other := newAuthority(t)
	soon, past := time.Now().Add(time.Hour), time.Now().Add(-time.Hour)
	crt, key := a.issue("web01.contoso.com", soon)
	for _, c := range []struct {
		name    string
		cert    string // of the receiver
		end     time.Time
		clients bool // the receiver asks for a certificate
		o       TLSOptions
		err     string // "" delivers
	}{
		{"verified", "localhost", soon, false, TLSOptions{CAFile: a.file}, ""},
		{"by vhost", "log.contoso.com", soon, false, TLSOptions{CAFile: a.file, VHost: "log.contoso.com"}, ""},
		{"client certificate", "localhost", soon, true, TLSOptions{CAFile: a.file, CertFile: crt, KeyFile: key}, ""},
		{"not verified", "elsewhere", past, false, TLSOptions{NoVerify: true}, ""},
		{"expired", "localhost", past, false, TLSOptions{CAFile: a.file}, "has expired"},
		{"other name", "log.contoso.com", soon, false, TLSOptions{CAFile: a.file}, "for another name"},
		{"unknown authority", "localhost", soon, false, TLSOptions{CAFile: other.file}, "signed by nobody known"},
		{"system's authorities", "localhost", soon, false, TLSOptions{}, "signed by nobody known"},
		{"no client certificate", "localhost", soon, true, TLSOptions{CAFile: a.file}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var r forwardtest.Receiver
			_, port, _ := net.SplitHostPort(a.listen(&r, c.cert, c.end, c.clients))
			c.o.On = true
			cl, err := New(Options{Hosts: []string{"localhost:" + port}, TLS: c.o}, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = cl.Close() }()
			err = cl.Send(t.Context(), records(2))
			delivers := c.err == "" && c.name != "no client certificate" // TLS 1.3 tells the client only at its first read
			if delivers != (err == nil) || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("got %v, want %q", err, c.err)
			}
			if n := len(r.Records()); delivers && n != 2 || !delivers && n != 0 {
				t.Errorf("%d records arrived", n)
			}
		})
	}
}

func TestClient_tlsToAPlainReceiver(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serve(t, l, answer([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")))
	c, err := New(Options{Hosts: []string{l.Addr().String()}, TLS: TLSOptions{On: true}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Send(t.Context(), records(1)); err == nil || !strings.Contains(err.Error(), "does not speak TLS") {
		t.Errorf("got %v", err)
	}
}

// TestClient_renewedCertificate replaces our certificate on disk between two connections.
func TestClient_renewedCertificate(t *testing.T) {
	a := newAuthority(t)
	crt, key := a.issue("web01.contoso.com", time.Now().Add(-time.Hour))
	r := forwardtest.Receiver{SharedKey: "k", OneChunk: true}
	address := a.listen(&r, "localhost", time.Now().Add(time.Hour), true)
	o := Options{Hosts: []string{address}, SharedKey: "k", TLS: TLSOptions{On: true, CAFile: a.file, CertFile: crt, KeyFile: key, VHost: "localhost"}}
	c, err := New(o, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Send(t.Context(), records(1)); err == nil {
		t.Fatal("delivered with an expired certificate")
	}
	a.issue("web01.contoso.com", time.Now().Add(time.Hour))
	if err := c.Send(t.Context(), records(1)); err != nil {
		t.Fatal(err)
	}
}

func TestClient_unixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Skipf("no unix sockets here: %v", err)
	}
	r := forwardtest.Receiver{SharedKey: "k"}
	serve(t, l, r.Serve)
	c, err := New(Options{UnixPath: path, SharedKey: "k"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if err := c.Send(t.Context(), records(3)); err != nil || len(r.Records()) != 3 {
		t.Errorf("got %v and %d records, want 3", err, len(r.Records()))
	}
}
