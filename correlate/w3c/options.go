// SPDX-License-Identifier: Apache-2.0

package w3c

import (
	"fmt"
	"net/netip"
)

// Options says where a request's client is found. The zero value, and a nil pointer, mean c-ip.
// It must not change while a Record uses it.
type Options struct {
	// ClientIPField names a column such as X-Forwarded-For that holds the client when the server stands
	// behind a proxy. It is recognised as FieldOf does. Empty: c-ip is the client.
	ClientIPField string
	// TrustedProxies are the networks whose word is taken. With none, the right-most address of
	// ClientIPField is the client, whoever sent it.
	TrustedProxies []netip.Prefix
}

// Validate reports a ClientIPField that can't name a column of its own.
func (o *Options) Validate() error {
	if o == nil || o.ClientIPField == "" {
		return nil
	}
	if f := FieldOf([]byte(o.ClientIPField)); f != Other {
		return fmt.Errorf("client_ip_field %q is the column %s itself", o.ClientIPField, f)
	}
	if len(o.ClientIPField) > maxKey || !sameName(o.ClientIPField, []byte(o.ClientIPField)) || sameName(o.ClientIPField, nil) {
		return fmt.Errorf("client_ip_field %q is no name of a column: want ASCII letters and digits, at most %d bytes",
			o.ClientIPField, maxKey)
	}
	return nil
}

// FieldOf is the function FieldOf, and ClientIPHeader for the column that o.ClientIPField names.
func (o *Options) FieldOf(key []byte) Field {
	f := FieldOf(key)
	if f == Other && o != nil && o.ClientIPField != "" && len(key) <= maxKey && sameName(o.ClientIPField, key) {
		return ClientIPHeader
	}
	return f
}
