// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math"
	"net"
	"strconv"

	"webshell/plugin/deliver"
	"webshell/plugin/deliver/forward"
	"webshell/plugin/property"
)

// deliverOptions takes the properties of SPEC section 6 over to the outputs.
func deliverOptions(cfg *property.Config) deliver.Options {
	o := deliver.Options{
		Format:     string(cfg.Format),
		QueueLimit: cfg.QueueLimit,
		File:       deliver.FileOptions{Path: cfg.FilePath, RotateSize: rotateSize(cfg.FileRotateSize), RotateCount: cfg.FileRotateCount},
	}
	if cfg.Stdout {
		o.Outputs = append(o.Outputs, "stdout")
	}
	if cfg.File {
		o.Outputs = append(o.Outputs, "file")
	}
	if cfg.ToForward {
		o.Outputs = append(o.Outputs, "forward")
		o.Forward = forwardOptions(&cfg.Forward)
	}
	return o
}

// rotateSize is file_rotate_size, whose 0 says never, where the output's own 0 stands for its default.
func rotateSize(n int64) int64 {
	if n == 0 {
		return math.MaxInt64
	}
	return n
}

func forwardOptions(f *property.Forward) forward.Options {
	o := forward.Options{
		UnixPath: f.UnixPath, Tag: f.Tag, SharedKey: f.SharedKey, SelfHostname: f.SelfHostname,
		Username: f.Username, Password: f.Password,
		TLS: forward.TLSOptions{
			On: f.TLS.On, NoVerify: !f.TLS.Verify, CAFile: f.TLS.CAFile, CertFile: f.TLS.CertFile,
			KeyFile: f.TLS.KeyFile, KeyPasswd: f.TLS.KeyPasswd, VHost: f.TLS.ServerName,
		},
	}
	for _, r := range f.Receivers {
		o.Hosts = append(o.Hosts, net.JoinHostPort(r.Host, strconv.Itoa(int(r.Port))))
	}
	if f.Gzip {
		o.Compress = "gzip"
	}
	return o
}
