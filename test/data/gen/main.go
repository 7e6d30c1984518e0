// SPDX-License-Identifier: Apache-2.0

// Command gen writes test/data/story: IIS logs of one server over three days, the alerts of that time, and what a
// reader of the logs counts for the alerted scripts. It writes the same bytes at each run.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	dir := flag.String("dir", "data/story", "folder to write the story to")
	flag.Parse()
	if err := write(*dir, story()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// story returns every file of the story by its slash-separated path.
func story() map[string][]byte {
	all := requests()
	files := map[string][]byte{
		"alerts.json":   alertLines(),
		"expected.json": expectedLines(all),
	}
	for _, log := range logs() {
		files[log.path] = log.render(all)
	}
	return files
}

func write(dir string, files map[string][]byte) error {
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
