// SPDX-License-Identifier: Apache-2.0

package conf

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"webshell/plugin/property"
)

// coreKeys are the properties of an [OUTPUT] section that Fluent Bit's core keeps for itself (its documentation,
// "Golang output plugins"); storage.* beside them.
var coreKeys = []string{"name", "match", "match_regex", "alias", "log_level", "retry_limit", "workers"}

// Every property of a webshell section has a name that means something, a value that the plugin accepts, and an effect.
func TestFiles_webshellSections(t *testing.T) {
	seen := 0
	for _, path := range configurations(t) {
		for _, s := range read(t, path) {
			if !s.is("output", "webshell") {
				continue
			}
			seen++
			for _, p := range s.properties {
				key := strings.ToLower(p.key)
				if !slices.Contains(property.Keys(), key) && !slices.Contains(coreKeys, key) && !strings.HasPrefix(key, "storage.") {
					t.Errorf("%s: webshell has no property %q", path, p.key)
				}
			}
			cfg, err := property.Parse(func(key string) string { return expand(s.get(key)) })
			if err != nil || len(cfg.Warnings) > 0 {
				t.Errorf("%s: %v, warnings %q", path, err, cfg.Warnings)
			}
		}
	}
	if seen < 15 {
		t.Errorf("only %d webshell sections found", seen)
	}
}

// An input that tails IIS logs has everything that makes its lines known, and the plugin beside it the same keys.
func TestFiles_tailOfLogs(t *testing.T) {
	want := map[string]string{
		"path_key": "path", "offset_key": "offset", "read_from_head": "on", "skip_long_lines": "on", "buffer_max_size": "1M",
	}
	for _, path := range configurations(t) {
		sections := read(t, path)
		for _, s := range sections {
			if !s.is("input", "tail") || !strings.HasPrefix(s.get("tag"), "iis") || s.get("multiline.parser") != "" {
				continue
			}
			for key, value := range want {
				if got := s.get(key); got != value {
					t.Errorf("%s: tail of %s has %s %q, want %q", path, s.get("path"), key, got, value)
				}
			}
			for _, out := range sections {
				if out.is("output", "webshell") && out.get("offset_key") != s.get("offset_key") {
					t.Errorf("%s: webshell has offset_key %q, tail has %q", path, out.get("offset_key"), s.get("offset_key"))
				}
			}
		}
	}
}

// Every tag that an input gives is taken by the plugin where there is one, as a request or as an alert.
func TestFiles_tagsAreMatched(t *testing.T) {
	for _, path := range configurations(t) {
		sections := read(t, path)
		for _, out := range sections {
			if !out.is("output", "webshell") {
				continue
			}
			for _, in := range sections {
				tag := in.get("tag")
				if in.kind == "input" && tag != "" && !matches(t, out, tag) {
					t.Errorf("%s: tag %q does not reach the plugin", path, tag)
				}
			}
			if out.get("match_regex") != "" && matches(t, out, "webshell.detection") {
				t.Errorf("%s: the plugin takes its own detections", path)
			}
		}
	}
}

func matches(t *testing.T, out section, tag string) bool {
	t.Helper()
	if pattern := out.get("match_regex"); pattern != "" {
		re, err := regexp.Compile(pattern)
		if err != nil {
			t.Error(err)
			return false
		}
		return re.MatchString(tag)
	}
	return out.get("match") == "*"
}

// Nobody makes a folder below /run but who is told to, again after each boot: a file that needs one says how.
func TestFiles_runFoldersAreExplained(t *testing.T) {
	seen := 0
	for _, path := range configurations(t) {
		text := readText(t, path)
		for _, s := range read(t, path) {
			folder, _, ok := strings.Cut(strings.TrimPrefix(s.get("unix_path"), "/run/"), "/")
			if !ok {
				continue
			}
			seen++
			for _, way := range []string{"RuntimeDirectory=" + folder, "install -d -m 0700 /run/" + folder} {
				if !strings.Contains(text, way) {
					t.Errorf("%s does not say %q", path, way)
				}
			}
		}
	}
	if seen == 0 {
		t.Error("no socket below /run found")
	}
}

// README tells which files set workers, as a hot reload does not go with them.
func TestReadme_namesFilesWithWorkers(t *testing.T) {
	var with []string
	for _, path := range configurations(t) {
		for _, s := range read(t, path) {
			if s.is("output", "webshell") && s.get("workers") != "" {
				with = append(with, path)
			}
		}
	}
	_, row, _ := strings.Cut(readText(t, "README.md"), "| Fluent Bit ended at a hot reload |")
	row, _, _ = strings.Cut(row, "\n")
	for _, path := range with {
		if !strings.Contains(row, "`"+path+"`") {
			t.Errorf("%s sets workers, README's row on hot reload says %s", path, row)
		}
	}
}

// A classic file and the YAML file of the same name say the same.
func TestFiles_classicIsYAML(t *testing.T) {
	pairs := 0
	for _, path := range configurations(t) {
		base, ok := strings.CutSuffix(path, ".conf")
		if !ok || strings.HasPrefix(filepath.Base(base), "plugins") {
			continue
		}
		pairs++
		classic, yaml := comparable(read(t, path)), comparable(read(t, base+".yaml"))
		if classic != yaml {
			t.Errorf("%s and %s.yaml differ:\n%s\n----\n%s", path, base, classic, yaml)
		}
	}
	if pairs < 5 {
		t.Errorf("only %d pairs found", pairs)
	}
}

func comparable(sections []section) string {
	var out []string
	for _, s := range sections {
		if s.kind != "plugins" {
			out = append(out, s.text())
		}
	}
	return strings.Join(out, "\n")
}

// No secret stands in a file: each comes from the environment.
func TestFiles_secretsAreVariables(t *testing.T) {
	secret := regexp.MustCompile(`(?i)(shared_key|passwd|password|secret|token|api_key)$`)
	seen := 0
	for _, path := range configurations(t) {
		for _, s := range read(t, path) {
			for _, p := range s.properties {
				if !secret.MatchString(p.key) {
					continue
				}
				seen++
				if !regexp.MustCompile(`^\$\{[A-Z_]+\}$`).MatchString(p.value) {
					t.Errorf("%s: %s is %q, want a variable", path, p.key, p.value)
				}
			}
		}
	}
	if seen == 0 {
		t.Error("no secret found: the pattern does not fit")
	}
}

// conf/README.md says of every file what it is for.
func TestReadme_namesEveryFile(t *testing.T) {
	readme := readText(t, "conf/README.md")
	files, err := filepath.Glob(filepath.Join(root, "conf", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	top, err := filepath.Glob(filepath.Join(root, "conf", "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, top...) {
		name, err := filepath.Rel(filepath.Join(root, "conf"), file)
		if err != nil {
			t.Fatal(err)
		}
		if name = filepath.ToSlash(name); name != "README.md" && !strings.Contains(readme, "`"+name+"`") {
			t.Errorf("conf/README.md does not name `%s`", name)
		}
	}
}

// expand puts a stand-in where Fluent Bit puts a variable's value.
func expand(value string) string {
	return regexp.MustCompile(`\$\{[^}]*\}`).ReplaceAllStringFunc(value, func(v string) string {
		if strings.HasSuffix(v, ":-}") {
			return ""
		}
		return "WEB01"
	})
}

func readText(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(content), "\r\n", "\n")
}
