// SPDX-License-Identifier: Apache-2.0

package forward

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
)

// TLSOptions are the properties of the connection's encryption.
type TLSOptions struct {
	On        bool   // forward_tls
	NoVerify  bool   // forward_tls_verify off
	CAFile    string // forward_tls_ca_file: PEM; "" stands for the system's
	CertFile  string // forward_tls_crt_file: PEM, ours
	KeyFile   string // forward_tls_key_file: PEM, of CertFile
	KeyPasswd string // forward_tls_key_passwd: of an encrypted KeyFile
	VHost     string // forward_tls_vhost: the name in the receiver's certificate; "" stands for the host's
}

// minTLSVersion is the least that is spoken. Older versions are deprecated (RFC 8996).
const minTLSVersion = tls.VersionTLS12

// maxPEMBytes bounds the files that are read; the bundles of systems have about 250 KB.
const maxPEMBytes = 8 << 20

// validate names every property that is wrong, and tries the files.
func (o *TLSOptions) validate(unixPath string) error {
	var errs []error
	set := o.CAFile + o.CertFile + o.KeyFile + o.KeyPasswd + o.VHost
	switch {
	case !o.On && (set != "" || o.NoVerify):
		errs = append(errs, errors.New(`forward_tls "off": want on, as another forward_tls_ property is set`))
	case o.On && unixPath != "" && o.VHost == "" && !o.NoVerify:
		errs = append(errs, errors.New(`forward_tls_vhost "": want the name in the certificate, as a socket has none`))
	}
	if (o.CertFile == "") != (o.KeyFile == "") {
		errs = append(errs, errors.New("forward_tls_crt_file and forward_tls_key_file: want both or none"))
	}
	if o.On && len(errs) == 0 {
		errs = append(errs, o.CheckFiles())
	}
	return errors.Join(errs...)
}

// CheckFiles names every property whose file can't be used, also while TLS is off.
func (o *TLSOptions) CheckFiles() error {
	_, err := o.config("localhost")
	return err
}

// config reads the files for a connection to host.
func (o *TLSOptions) config(host string) (*tls.Config, error) {
	c := &tls.Config{MinVersion: minTLSVersion, ServerName: host, InsecureSkipVerify: o.NoVerify}
	if o.VHost != "" {
		c.ServerName = o.VHost
	}
	var errs []error
	if o.CAFile != "" {
		pool, err := readPool(o.CAFile)
		if err != nil {
			errs = append(errs, fmt.Errorf("forward_tls_ca_file %q: want certificates as PEM: %w", o.CAFile, err))
		}
		c.RootCAs = pool
	}
	if o.CertFile != "" || o.KeyFile != "" {
		pair, err := o.readPair()
		errs = append(errs, err)
		c.Certificates = []tls.Certificate{pair}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return c, nil
}

// readPool reads certificates of authorities.
func readPool(path string) (*x509.CertPool, error) {
	text, err := readPEM(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, errors.New("no certificate in it")
	}
	return pool, nil
}

// readPair reads our certificate and its key.
func (o *TLSOptions) readPair() (tls.Certificate, error) {
	cert, certErr := o.readCert()
	key, keyErr := o.readKey()
	if err := errors.Join(certErr, keyErr); err != nil || cert == nil || key == nil {
		return tls.Certificate{}, err // one without the other is validate's to refuse
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return pair, fmt.Errorf("forward_tls_crt_file %q with forward_tls_key_file %q: want a certificate and its key as PEM: %w", o.CertFile, o.KeyFile, err)
	}
	return pair, nil
}

// readCert reads our certificate, nil where none is set.
func (o *TLSOptions) readCert() ([]byte, error) {
	if o.CertFile == "" {
		return nil, nil
	}
	text, err := readPEM(o.CertFile)
	if err != nil {
		return nil, fmt.Errorf("forward_tls_crt_file %q: want a certificate as PEM: %w", o.CertFile, err)
	}
	return text, nil
}

// readKey reads its key, nil where none is set.
func (o *TLSOptions) readKey() ([]byte, error) {
	if o.KeyFile == "" {
		return nil, nil
	}
	text, err := readPEM(o.KeyFile)
	if err == nil {
		text, err = decryptKey(text, o.KeyPasswd)
	}
	if err != nil {
		return nil, fmt.Errorf("forward_tls_key_file %q: want a key as PEM: %w", o.KeyFile, err)
	}
	return text, nil
}

// readPEM reads a file of bounded size.
func readPEM(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // read-only
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, errors.New("not a regular file"))
	}
	text, err := io.ReadAll(io.LimitReader(f, maxPEMBytes+1))
	if err == nil && len(text) > maxPEMBytes {
		err = fmt.Errorf("larger than %d bytes", maxPEMBytes)
	}
	return text, err
}

// decryptKey gives the key of a PEM text in the clear: as it is, of PKCS #8 with PBES2, or of OpenSSL's older form.
func decryptKey(text []byte, password string) ([]byte, error) {
	for rest := text; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return text, nil // no encrypted key; X509KeyPair says if there is none at all
		}
		var der []byte
		var err error
		switch {
		case block.Type == "ENCRYPTED PRIVATE KEY":
			block.Type = "PRIVATE KEY"
			der, err = decryptPKCS8(block.Bytes, []byte(password))
		case x509.IsEncryptedPEMBlock(block): //nolint:staticcheck // weak, but what older tools write
			der, err = x509.DecryptPEMBlock(block, []byte(password)) //nolint:staticcheck // as above
		default:
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("forward_tls_key_passwd: %w", err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: der}), nil
	}
}
