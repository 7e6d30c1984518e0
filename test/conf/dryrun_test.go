// SPDX-License-Identifier: Apache-2.0

package conf

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// dryRunLimit is long enough for a cold start on a loaded machine: a dry run takes well under a second.
const dryRunLimit = 30 * time.Second

// Fluent Bit accepts every file: sections, names of plugins and of their properties. A file for plugins that this
// Fluent Bit does not have (those of Windows, Kafka in a small build) is named and left out.
func TestFiles_dryRun(t *testing.T) {
	fluentBit, plugin := dryRunNeeds(t)
	known := pluginNames(t, fluentBit)
	dir := t.TempDir()
	paths := configurations(t)
	for _, path := range paths {
		rewrite(t, path, dir, plugin)
	}
	checked := 0
	for _, path := range paths {
		if strings.HasPrefix(filepath.Base(path), "plugins") {
			continue // named by other files
		}
		t.Run(path, func(t *testing.T) {
			for _, s := range read(t, path) {
				if name := s.get("name"); name != "" && s.kind != "service" && !known[name] && name != "webshell" {
					t.Skipf("this Fluent Bit has no %s %q", s.kind, name)
				}
			}
			checked++
			arguments := []string{"--dry-run", "-c", filepath.Join(dir, filepath.FromSlash(path))}
			if path == "conf/minimal.conf" { // as its own comment says
				arguments = append([]string{"-e", plugin}, arguments...)
			}
			out, err := run(fluentBit, arguments...)
			if err != nil || !strings.Contains(out, "configuration test is successful") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	if checked < 15 {
		t.Errorf("only %d files were checked", checked)
	}
}

// A dry run finds a property that an input does not have: without this, the test above would show nothing.
func TestDryRun_findsAFault(t *testing.T) {
	fluentBit, _ := dryRunNeeds(t)
	path := filepath.Join(t.TempDir(), "bad.yaml")
	text := "pipeline:\n  inputs:\n    - {name: tail, path: x, read_from_hed: on}\n  outputs:\n    - {name: 'null', match: '*'}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := run(fluentBit, "--dry-run", "-c", path); err == nil {
		t.Errorf("a misspelt property was accepted:\n%s", out)
	}
}

// dryRunNeeds returns the programs to run with, or skips.
func dryRunNeeds(t *testing.T) (fluentBit, plugin string) {
	t.Helper()
	fluentBit = os.Getenv("FLUENT_BIT")
	if fluentBit == "" {
		found, err := exec.LookPath("fluent-bit")
		if err != nil {
			t.Skip("no dry run: FLUENT_BIT is not set and no fluent-bit is on the path")
		}
		fluentBit = found
	}
	plugin, err := filepath.Abs(filepath.Join(root, "build", "out_webshell.so"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(plugin); err != nil {
		t.Skip("no dry run: build/out_webshell.so is not there, make build makes it")
	}
	return fluentBit, plugin
}

// rewrite copies a configuration with the plugin's path set to the one that was built.
func rewrite(t *testing.T, path, dir, plugin string) {
	t.Helper()
	text := readText(t, path)
	for _, s := range read(t, path) {
		if s.kind == "plugins" {
			text = strings.ReplaceAll(text, s.get("path"), plugin)
		}
	}
	target := filepath.Join(dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(target, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// pluginNames are the names that Fluent Bit's help lists.
func pluginNames(t *testing.T, fluentBit string) map[string]bool {
	t.Helper()
	out, err := run(fluentBit, "--help")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^  ([a-z0-9_]+)\s`).FindAllStringSubmatch(out, -1) {
		names[m[1]] = true
	}
	if !names["tail"] {
		t.Fatalf("no input tail in the help:\n%s", out)
	}
	return names
}

// run runs Fluent Bit in the repository's root with a value for every variable that the files name.
func run(fluentBit string, arguments ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), dryRunLimit)
	defer cancel()
	command := exec.CommandContext(ctx, fluentBit, arguments...)
	command.Dir = root
	command.Env = append(os.Environ(), "WEBSHELL_SHARED_KEY=key", "COMPUTERNAME=WEB01", "KAFKA_PASSWORD=p",
		"EVENTHUBS_CONNECTION_STRING=c", "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c", "AZURE_CLIENT_SECRET=s",
		"ELASTIC_API_KEY=k", "SPLUNK_HEC_TOKEN=t")
	out, err := command.CombinedOutput()
	return string(out), err
}
