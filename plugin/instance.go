// SPDX-License-Identifier: Apache-2.0

package main

import (
	"log/slog"
	"sync/atomic"

	"webshell/plugin/property"
)

// instance is one [OUTPUT] section.
type instance struct {
	cfg    property.Config
	log    *slog.Logger
	chunks atomic.Int64
}

// openInstance reads the section and starts it.
func openInstance(get func(string) string, log *slog.Logger) (*instance, error) {
	cfg, err := property.Parse(get)
	if err != nil {
		return nil, err
	}
	for _, warning := range cfg.Warnings {
		log.Warn(warning)
	}
	log.Info("started", "version", version, "matching", string(cfg.Matching))
	return &instance{cfg: cfg, log: log}, nil
}

// flush takes one chunk.
func (in *instance) flush(data []byte, tag string) status {
	in.chunks.Add(1)
	in.log.Debug("flush", "tag", tag, "bytes", len(data))
	return statusOK
}

// close ends the instance.
func (in *instance) close() {
	in.log.Info("stopped", "chunks", in.chunks.Load())
}
