// SPDX-License-Identifier: Apache-2.0

package iis

import (
	"fmt"
	"os"
	"time"

	"webshell/correlate/sitemap"
)

// Config is the file that iis_config names. It is for one goroutine.
type Config struct {
	path string
	seen fileState
}

// fileState tells whether a file has changed.
type fileState struct {
	size    int64
	changed time.Time
}

// OpenConfig reads the file at path; an error tells why it can't be used.
func OpenConfig(path string) (*Config, *sitemap.Map, error) {
	c := &Config{path: path}
	m, _, err := c.Reload()
	if err != nil {
		return nil, nil, err
	}
	return c, m, nil
}

// Reload reads the file again if it has changed since the last call. isNew tells that m is another map; with an error
// the last good one stays, and the same file is not read again.
func (c *Config) Reload() (m *sitemap.Map, isNew bool, err error) {
	info, err := os.Stat(c.path)
	if err != nil {
		return nil, false, fmt.Errorf("site map: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, false, fmt.Errorf("site map: %s is no regular file", c.path)
	}
	now := fileState{info.Size(), info.ModTime()}
	if now == c.seen {
		return nil, false, nil
	}
	c.seen = now
	data, err := readBounded(c.path, sitemap.MaxConfigBytes)
	if err != nil {
		return nil, false, fmt.Errorf("site map: %w", err)
	}
	if m, err = sitemap.Parse(data, os.Getenv); err != nil {
		return nil, false, fmt.Errorf("site map %s: %w", c.path, err)
	}
	return m, true, nil
}

// readBounded reads a file of at most limit bytes.
func readBounded(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // read only: nothing to lose
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%s has %d bytes, limit %d", path, info.Size(), limit)
	}
	data := make([]byte, info.Size())
	n, err := f.ReadAt(data, 0)
	if n < len(data) {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return data, nil
}
