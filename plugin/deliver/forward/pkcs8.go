// SPDX-License-Identifier: Apache-2.0

package forward

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"
)

// maxIterations bounds the work of one key. OpenSSL writes 2048, careful people 600000.
const maxIterations = 10_000_000

// encryptedKey is EncryptedPrivateKeyInfo of RFC 5958.
type encryptedKey struct {
	Algorithm pkix.AlgorithmIdentifier
	Data      []byte
}

// pbes2 is PBES2-params of RFC 8018.
type pbes2 struct {
	KDF    pkix.AlgorithmIdentifier
	Cipher pkix.AlgorithmIdentifier
}

// kdfParams is PBKDF2-params of RFC 8018.
type kdfParams struct {
	Salt       []byte
	Iterations int
	KeyLength  int                      `asn1:"optional"`
	PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
}

// Object identifiers of RFC 8018 and NIST.
const (
	oidPBES2  = "1.2.840.113549.1.5.13"
	oidPBKDF2 = "1.2.840.113549.1.5.12"
)

// ciphers that OpenSSL and others use for keys, with the length of their key.
var ciphers = map[string]struct {
	keyLength int
	block     func(key []byte) (cipher.Block, error)
}{
	"2.16.840.1.101.3.4.1.2":  {16, aes.NewCipher},
	"2.16.840.1.101.3.4.1.22": {24, aes.NewCipher},
	"2.16.840.1.101.3.4.1.42": {32, aes.NewCipher},
	"1.2.840.113549.3.7":      {24, des.NewTripleDESCipher},
}

// prfs are the hashes of PBKDF2; "" is the default.
var prfs = map[string]func() hash.Hash{
	"":                    sha1.New,
	"1.2.840.113549.2.7":  sha1.New,
	"1.2.840.113549.2.9":  sha256.New,
	"1.2.840.113549.2.10": sha512.New384,
	"1.2.840.113549.2.11": sha512.New,
}

// decryptPKCS8 decrypts a key of PKCS #8 with PBES2 (RFC 8018), which the standard library can't.
func decryptPKCS8(der, password []byte) ([]byte, error) {
	var key encryptedKey
	var scheme pbes2
	if err := unmarshal(der, &key); err != nil {
		return nil, err
	}
	if id := key.Algorithm.Algorithm.String(); id != oidPBES2 {
		return nil, fmt.Errorf("encryption %s: want PBES2 (openssl pkcs8 -topk8 -v2 aes256)", id)
	}
	if err := unmarshal(key.Algorithm.Parameters.FullBytes, &scheme); err != nil {
		return nil, err
	}
	c, ok := ciphers[scheme.Cipher.Algorithm.String()]
	if !ok {
		return nil, fmt.Errorf("cipher %s: want AES or triple DES in CBC mode", scheme.Cipher.Algorithm)
	}
	secret, err := deriveKey(&scheme.KDF, password, c.keyLength)
	if err != nil {
		return nil, err
	}
	block, err := c.block(secret)
	if err != nil {
		return nil, err
	}
	var iv []byte
	if err := unmarshal(scheme.Cipher.Parameters.FullBytes, &iv); err != nil {
		return nil, err
	}
	return decryptCBC(block, iv, key.Data)
}

// unmarshal reads all of der.
func unmarshal(der []byte, v any) error {
	rest, err := asn1.Unmarshal(der, v)
	if err == nil && len(rest) > 0 {
		err = errors.New("bytes behind the end")
	}
	if err != nil {
		return fmt.Errorf("encrypted key: %w", err)
	}
	return nil
}

// deriveKey makes the cipher's key of the password.
func deriveKey(kdf *pkix.AlgorithmIdentifier, password []byte, length int) ([]byte, error) {
	if id := kdf.Algorithm.String(); id != oidPBKDF2 {
		return nil, fmt.Errorf("key derivation %s: want PBKDF2", id)
	}
	var p kdfParams
	if err := unmarshal(kdf.Parameters.FullBytes, &p); err != nil {
		return nil, err
	}
	id := ""
	if len(p.PRF.Algorithm) > 0 {
		id = p.PRF.Algorithm.String()
	}
	prf, ok := prfs[id]
	if !ok {
		return nil, fmt.Errorf("hash %s: want SHA-1 or SHA-2", id)
	}
	if p.Iterations < 1 || p.Iterations > maxIterations {
		return nil, fmt.Errorf("%d iterations: want 1 to %d", p.Iterations, maxIterations)
	}
	return pbkdf2.Key(prf, string(password), p.Salt, p.Iterations, length)
}

// decryptCBC decrypts and takes the padding off. A wrong password shows there, nearly always.
func decryptCBC(block cipher.Block, iv, data []byte) ([]byte, error) {
	size := block.BlockSize()
	if len(iv) != size || len(data) == 0 || len(data)%size != 0 {
		return nil, errors.New("encrypted key: wrong length")
	}
	plain := make([]byte, len(data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, data)
	pad := int(plain[len(plain)-1])
	if pad < 1 || pad > size {
		return nil, errors.New("wrong password")
	}
	for _, b := range plain[len(plain)-pad:] {
		if int(b) != pad {
			return nil, errors.New("wrong password")
		}
	}
	return plain[:len(plain)-pad], nil
}
