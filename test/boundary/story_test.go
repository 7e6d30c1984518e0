// SPDX-License-Identifier: Apache-2.0

package boundary

import (
	"bufio"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
)

type detection map[string]any

// key is what makes two revisions one detection.
func (d detection) key() string {
	var parts []string
	for _, name := range []string{"Computer", "SiteName", "ShellLocation", "AttackerIP"} {
		text, _ := d[name].(string)
		parts = append(parts, text)
	}
	return strings.Join(parts, " ")
}

// isNewer orders revisions as SPEC section 4 does.
func (d detection) isNewer(than detection) bool {
	if a, b := d["TimeGenerated"].(string), than["TimeGenerated"].(string); a != b {
		return a > b
	}
	return d["Revision"].(float64) > than["Revision"].(float64)
}

// final gives the newest revision of each detection in lines of JSON.
func final(t *testing.T, lines string) map[string]detection {
	t.Helper()
	out := map[string]detection{}
	for line := range strings.Lines(lines) {
		var d detection
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			t.Fatalf("no JSON: %v\n%s", err, line)
		}
		if known, ok := out[d.key()]; !ok || d.isNewer(known) {
			out[d.key()] = d
		}
	}
	return out
}

func expected(t *testing.T) map[string]detection {
	t.Helper()
	text, err := os.ReadFile(root + "/test/data/story/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]detection{}
	for line := range strings.Lines(string(text)) {
		var d detection
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			t.Fatal(err)
		}
		out[d.key()] = d
	}
	return out
}

// compare wants every key of the expected detections, and no detection more.
func compare(t *testing.T, got map[string]detection) {
	t.Helper()
	want := expected(t)
	if a, b := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)); !slices.Equal(a, b) {
		t.Errorf("detections\n%s\nwant\n%s", strings.Join(a, "\n"), strings.Join(b, "\n"))
	}
	for id, d := range want {
		for name, value := range d {
			if !reflect.DeepEqual(got[id][name], value) {
				t.Errorf("%s: %s is %v, want %v", id, name, got[id][name], value)
			}
		}
	}
}

// TestStory plays the sample configuration as make run does, however the chunks are cut and in whatever order they come.
func TestStory(t *testing.T) {
	tests := []struct {
		name string
		args string
	}{
		{"as Fluent Bit", ""},
		{"old framing, small chunks", "--framing old --chunk-size 3000"},
		{"mixed framing, one line a chunk", "--framing mixed --chunk-size 1"},
		{"shuffled", "--chunk-size 2000 --shuffle 1"},
		{"shuffled otherwise", "--chunk-size 700 --shuffle 42"},
		{"every chunk twice", "--chunk-size 5000 --twice"},
		{"every chunk twice, shuffled", "--framing mixed --chunk-size 900 --shuffle 7 --twice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			args := append(strings.Fields(tt.args), "-e", plugin, "-c", "conf/sample.conf")
			got := runHost(t, nil, args...)
			if got.code != 0 {
				t.Fatalf("exit code %d\n%s", got.code, got.stderr)
			}
			compare(t, final(t, got.stdout))
			if t.Failed() {
				t.Log(got.stderr)
			}
		})
	}
}

// section writes a configuration with one tail input over the story and the output's properties.
func section(t *testing.T, input, output string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.conf")
	text := "[INPUT]\n  Name tail\n  Tag iis.*\n  Path test/data/story/W3SVC1/*.log\n  Path_Key path\n  Offset_Key offset\n" + input +
		"\n[INPUT]\n  Name tail\n  Tag alert.x\n  Path test/data/story/alerts.json\n  Read_From_Head on\n" + input +
		"\n[OUTPUT]\n  Name webshell\n  Match *\n  Offset_Key offset\n  Computer_Name WEB01.contoso.com\n" + output + "\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRefusal(t *testing.T) {
	got := runHost(t, nil, "-e", plugin, "-c", section(t, "  Exit_On_Eof on", "  Log_Window soon\n  Matching exact\n  IIS_Config no.config"))
	if got.code == 0 || got.stdout != "" {
		t.Errorf("exit code %d, %q on standard output", got.code, got.stdout)
	}
	for _, want := range []string{`matching "exact": want windows or kql`, `log_window "soon": want`, `iis_config "no.config": want`} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("no %s in\n%s", want, got.stderr)
		}
	}
}

// TestDaemon: Fluent Bit forks after loading; the plugin must say so and not hang.
func TestDaemon(t *testing.T) {
	if isWine() {
		t.Skip("no fork on Windows")
	}
	got := runHost(t, nil, "-d", "-e", plugin, "-c", "conf/sample.conf")
	if got.stdout != "" || !strings.Contains(got.stderr, "refused to start: Fluent Bit went to the background") {
		t.Errorf("%q on standard output, and\n%s", got.stdout, got.stderr)
	}
}

// TestTermination: what was read when the service is stopped is reported before it ends.
func TestTermination(t *testing.T) {
	if isWine() {
		t.Skip("no signals on Windows")
	}
	args := append(hostCommand[1:len(hostCommand):len(hostCommand)], "-e", plugin, "-c", section(t, "  Read_From_Head on", "  Workers 2"))
	cmd := exec.CommandContext(t.Context(), hostCommand[0], args...)
	cmd.Dir = root
	var stdout strings.Builder
	cmd.Stdout = &stdout
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "every file was read to its end") {
			break
		}
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
		if strings.Contains(lines.Text(), "[error]") {
			t.Error(lines.Text())
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	compare(t, final(t, stdout.String()))
}
