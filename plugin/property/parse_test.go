// SPDX-License-Identifier: Apache-2.0

package property

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite golden files and the table in conf/README.md")

// section is a file of "key value" lines, as an [OUTPUT] section has them.
func section(t *testing.T, path string) (get func(string) string, want string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if rest, ok := strings.CutPrefix(line, "# error: "); ok {
			want = rest
			continue
		}
		key, value, ok := strings.Cut(line, " ")
		if ok {
			values[key] = value
		}
	}
	return func(key string) string { return values[key] }, want
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		t.Fatalf("glob %s: %d files, %v", pattern, len(found), err)
	}
	return found
}

func TestParse_bad(t *testing.T) {
	for _, path := range files(t, "testdata/bad/*.conf") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			get, want := section(t, path)
			_, err := Parse(get)
			if err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

// TestParse_good compares each good file with its .json beside it; -update rewrites those.
func TestParse_good(t *testing.T) {
	for _, path := range files(t, "testdata/good/*.conf") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			get, _ := section(t, path)
			cfg, err := Parse(get)
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(cfg, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(path, ".conf") + ".json"
			if *update {
				if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil || string(want) != string(got)+"\n" {
				t.Errorf("%s differs (%v), got\n%s", golden, err, got)
			}
		})
	}
}

func TestParse_namesEveryFault(t *testing.T) {
	bad := map[string]string{"matching": "x", "log_window": "soon", "output": "file"}
	_, err := Parse(func(key string) string { return bad[key] })
	want := `matching "x": want windows or kql; log_window "soon": want a duration from 1s to 3650d, such as 90s, 1h30m, 7d; ` +
		`file_path "": want the path of the file that output names`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestTable_everyPropertyIsTried keeps a new property from arriving without files.
func TestTable_everyPropertyIsTried(t *testing.T) {
	get, _ := section(t, "testdata/good/everything.conf")
	anyText := map[string]bool{
		"iis_config": false, "file_path": false, "forward_unix_path": true, "forward_tls_ca_file": true, "forward_tls_key_passwd": true,
	}
	for _, prop := range laterRows() {
		anyText[prop.key] = true
	}
	bad := files(t, "testdata/bad/*.conf")
	for _, key := range Keys() {
		if get(key) == "" {
			t.Errorf("%s is not in testdata/good/everything.conf", key)
		}
		hasBad := false
		for _, path := range bad {
			_, want := section(t, path)
			hasBad = hasBad || strings.HasPrefix(want, key+" ")
		}
		if !hasBad && !anyText[key] {
			t.Errorf("no file in testdata/bad breaks %s", key)
		}
	}
}

// TestTable_avoidsReserved: Fluent Bit's core keeps these for itself (src/flb_output.c, flb_output_set_property).
func TestTable_avoidsReserved(t *testing.T) {
	reserved := "match match_regex alias log_level log_suppress_interval host port ipv6 retry_limit tls workers name tag"
	for _, key := range Keys() {
		for _, word := range strings.Fields(reserved) {
			if strings.EqualFold(key, word) {
				t.Errorf("%s belongs to Fluent Bit", key)
			}
		}
		for _, prefix := range []string{"tls.", "net.", "oauth2", "storage.", "_debug."} {
			if strings.HasPrefix(key, prefix) {
				t.Errorf("%s belongs to Fluent Bit", key)
			}
		}
		if key != strings.ToLower(key) || strings.ContainsAny(key, " -") {
			t.Errorf("%s is not snake_case", key)
		}
	}
}

// TestTable_readme keeps the table in conf/README.md the one that is made here.
func TestTable_readme(t *testing.T) {
	const path, begin, end = "../../conf/README.md", "<!-- properties:begin -->\n", "<!-- properties:end -->"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, hasBegin := strings.Cut(string(text), begin)
	shown, after, hasEnd := strings.Cut(rest, end)
	if !hasBegin || !hasEnd {
		t.Fatalf("%s: no %q and %q", path, begin, end)
	}
	if shown == Table() {
		return
	}
	if !*update {
		t.Fatalf("%s is not the table of today: run go test ./plugin/property -update", path)
	}
	if err := os.WriteFile(path, []byte(before+begin+Table()+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestTable_examplesAreValid: what an error gives as examples is a value of that very property.
func TestTable_examplesAreValid(t *testing.T) {
	for _, prop := range table() {
		_, list, ok := strings.Cut(prop.set(&Config{}, "?"), ", such as ")
		if !ok || prop.grammar != "size" && prop.grammar != "duration" {
			continue
		}
		for text := range strings.SplitSeq(list, ", ") {
			if want := prop.set(&Config{}, text); want != "" {
				t.Errorf("%s: the example %s is refused: want %s", prop.key, text, want)
			}
		}
	}
}

// TestParse_idleUnderKQL: the rule to the letter leaves no room for what is set here.
func TestParse_idleUnderKQL(t *testing.T) {
	get, _ := section(t, "testdata/good/idle_under_kql.conf")
	cfg, err := Parse(get)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"alert_detections", "set_limit", "iis_config", "path_match", "report_unmatched"} {
		if want := key + " has no effect: matching is kql"; !slices.Contains(cfg.Warnings, want) {
			t.Errorf("no warning %q in %q", want, cfg.Warnings)
		}
	}
	for row := range strings.Lines(Table()) {
		for _, key := range []string{"alert_detections", "set_limit", "iis_config", "path_match", "report_unmatched"} {
			if strings.HasPrefix(row, "| `"+key+"`") && !strings.Contains(row, "under `windows`") {
				t.Errorf("the table does not say where it has an effect: %s", row)
			}
		}
	}
}

// TestParse_later: one warning names all that is set and has no effect yet, and the table says the same.
func TestParse_later(t *testing.T) {
	get, _ := section(t, "testdata/good/later.conf")
	cfg, err := Parse(get)
	if want := "no effect in this version: state_dir, rescan_path, metrics_listen"; err != nil || !slices.Equal(cfg.Warnings, []string{want}) {
		t.Errorf("got %q, %v, want %q", cfg.Warnings, err, want)
	}
	for _, key := range []string{"state_dir", "sync_interval", "gap_fill", "gap_delay", "rescan_path", "rescan_rate", "metrics_listen"} {
		_, row, _ := strings.Cut(Table(), "| `"+key+"` |")
		if row, _, _ = strings.Cut(row, "\n"); !strings.Contains(row, "No effect in this version") {
			t.Errorf("the table says of %s: %q", key, row)
		}
	}
}
