// SPDX-License-Identifier: Apache-2.0

package main

import (
	"webshell/plugin/deliver"
	"webshell/plugin/property"
)

// deliverOptions takes the properties of section 6 over to the outputs.
func deliverOptions(cfg *property.Config) deliver.Options {
	o := deliver.Options{
		Format:     string(cfg.Format),
		QueueLimit: cfg.QueueLimit,
		File:       deliver.FileOptions{Path: cfg.FilePath, RotateSize: cfg.FileRotateSize, RotateCount: cfg.FileRotateCount},
	}
	if cfg.Stdout {
		o.Outputs = append(o.Outputs, "stdout")
	}
	if cfg.File {
		o.Outputs = append(o.Outputs, "file")
	}
	return o
}
