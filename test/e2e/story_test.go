// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"webshell/test/programs"
)

// The files that play the story by themselves, as they are shipped.
func TestStory_sample(t *testing.T) {
	program := programs.FluentBit(t)
	programs.Plugin(t)
	for _, config := range []string{"conf/sample.conf", "conf/sample.yaml"} {
		t.Run(config, func(t *testing.T) {
			for range 3 { // with four workers no two runs are alike
				p := start(t, programs.Root, program, "-c", config)
				p.end(t)
				got := final(t, p.out.String())
				wantGolden(t, "story.json", got, true)
				wantExpected(t, got)
			}
		})
	}
}

// The bundled host gives the same, however it frames and cuts.
func TestStory_host(t *testing.T) {
	program := programs.Built(t, "WEBSHELL_HOST", "host")
	for args, isOrdered := range map[string]bool{"": true, "--framing old": true, "--framing mixed --chunk-size 700": false,
		"--chunk-size 5000 --shuffle 3": false, "--chunk-size 900 --shuffle 9 --twice": false} {
		t.Run("host "+args, func(t *testing.T) {
			p := start(t, programs.Root, program, append(strings.Fields(args), "-e", programs.Plugin(t), "-c", "conf/sample.conf")...)
			p.end(t)
			got := final(t, p.out.String())
			wantGolden(t, "story.json", got, isOrdered)
			wantExpected(t, got)
		})
	}
}

// siteMap is what the story's server has: the shop and the reports.
const siteMap = `<configuration><system.applicationHost><sites>
<site name="Shop" id="1"><application path="/"><virtualDirectory path="/" physicalPath="C:\inetpub\wwwroot\shop" /></application></site>
<site name="Reports" id="2"><application path="/"><virtualDirectory path="/" physicalPath="C:\inetpub\wwwroot\reports" /></application></site>
</sites></system.applicationHost></configuration>`

// storyRequests is what the story's detections count together.
const storyRequests = 16 + 5 + 5

func requests(all map[string]detection) (n int64) {
	for _, d := range all {
		n += d.RequestCount
	}
	return n
}

// The minimal and the reference files, as they are shipped but for paths, which lie below a folder of the test's, the name
// of the server, which the story's logs do not have, and a shorter update_interval, so that the test can wait.
func TestStory_shipped(t *testing.T) {
	program := programs.FluentBit(t)
	for _, tc := range []struct{ config, logs, alerts, out, golden string }{
		{"minimal.conf", "inetpub/logs/LogFiles", "ProgramData/alerts", "", "story.json"},
		{"minimal.yaml", "inetpub/logs/LogFiles", "ProgramData/alerts", "", "story.json"},
		{"linux.conf", "var/log/iis/WEB01", "var/lib/alerts", "var/log/webshell/detections.jsonl", "story.json"},
		{"linux.yaml", "var/log/iis/WEB01", "var/lib/alerts", "var/log/webshell/detections.jsonl", "story.json"},
		{"windows.conf", "inetpub/logs/LogFiles", "ProgramData/alerts", "ProgramData/fluent-bit/detections.jsonl", "story_sites.json"},
		{"windows.yaml", "inetpub/logs/LogFiles", "ProgramData/alerts", "ProgramData/fluent-bit/detections.jsonl", "story_sites.json"},
	} {
		t.Run(tc.config, func(t *testing.T) {
			dir := t.TempDir()
			layStory(t, filepath.Join(dir, tc.logs), filepath.Join(dir, tc.alerts))
			write(t, filepath.Join(dir, "Windows/System32/inetsrv/config/applicationHost.config"), siteMap)
			for _, folder := range []string{"var/lib/fluent-bit", "var/log/webshell", "ProgramData/fluent-bit"} {
				write(t, filepath.Join(dir, folder, "here"), "")
			}
			args := []string{"-c", filepath.Join(moved(t, dir, tc.config, "plugins-linux.conf", "plugins-windows.conf"), tc.config)}
			if tc.config == "minimal.conf" { // as its own comment says
				args = append([]string{"-e", programs.Plugin(t)}, args...)
			}
			p := start(t, dir, program, args...)
			text := func() string {
				if tc.out == "" {
					return p.out.String()
				}
				return read(t, filepath.Join(dir, tc.out))
			}
			p.until(t, "every request counts", func() bool { return requests(final(t, text())) == storyRequests })
			p.terminate(t)
			got := final(t, text())
			wantGolden(t, tc.golden, got, true)
			wantExpected(t, got)
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// layStory copies the story to where a configuration looks for it.
func layStory(t *testing.T, logs, alerts string) {
	t.Helper()
	const story = programs.Root + "/test/data/story/"
	files, err := filepath.Glob(story + "W3SVC*/*.log")
	if err != nil || len(files) == 0 {
		t.Fatal("no logs in the story", err)
	}
	for _, path := range files {
		write(t, filepath.Join(logs, strings.TrimPrefix(path, story)), read(t, path))
	}
	write(t, filepath.Join(alerts, "alerts.json"), read(t, story+"alerts.json"))
}

var (
	pluginPath  = regexp.MustCompile(`/\S*out_webshell\.so|C:\\.*out_webshell\.dll`)
	otherPath   = regexp.MustCompile(`(?m)([\s'])(C:\\[^\s',]*|/var/[^\s',]*)`)
	outputMatch = regexp.MustCompile(`(?im)^(\s+)match(?:_regex)?(:?)\s+\S.*$`)
)

// moved copies files of conf/ below dir, every path in them moved there too, and gives their folder.
func moved(t *testing.T, dir string, names ...string) string {
	t.Helper()
	for _, name := range names {
		text := read(t, filepath.Join(programs.Root, "conf", name))
		text = pluginPath.ReplaceAllString(text, programs.Plugin(t))
		text = otherPath.ReplaceAllStringFunc(text, func(m string) string {
			return m[:1] + dir + strings.ReplaceAll(strings.TrimPrefix(m[1:], "C:"), `\`, "/")
		})
		text = outputMatch.ReplaceAllString(text, "$0\n${1}computer_name$2 WEB01.contoso.com\n${1}update_interval$2 1s")
		write(t, filepath.Join(dir, "conf", name), text)
	}
	return filepath.Join(dir, "conf")
}
