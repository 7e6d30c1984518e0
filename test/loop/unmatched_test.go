// SPDX-License-Identifier: Apache-2.0

package loop_test

import (
	"fmt"
	"maps"
	"testing"

	"webshell/test/programs"
)

// unmatched reports alerts whose file nobody requested. %s are format, folder and plugin.
const unmatched = `
service: {flush: 0.2, log_level: info}
plugins: ['%[3]s']
pipeline:
  inputs:
    - {name: tail, tag: iis, path: '%[2]s/iis/*.log', path_key: path, offset_key: offset, read_from_head: on}
    - {name: tail, tag: alert.file, path: '%[2]s/alerts/*.json', read_from_head: on}
  outputs:
    - {name: webshell, match: '*', format: %[1]s, output: file, file_path: '%[2]s/out.jsonl', offset_key: offset, report_unmatched: %[4]s}
`

// matchedBy, coverage and file say where a format has what an unmatched record tells.
var unmatchedFields = map[string]struct{ by, coverage, file []string }{
	"sentinel": {[]string{"MatchedBy"}, []string{"Coverage"}, []string{"FileName"}},
	"ecs":      {[]string{"webshell", "matched_by"}, []string{"webshell", "coverage"}, []string{"file", "name"}},
	"ocsf":     {[]string{"unmapped", "MatchedBy"}, []string{"unmapped", "Coverage"}, []string{"unmapped", "FileName"}},
	"asim":     {[]string{"AdditionalFields", "MatchedBy"}, []string{"AdditionalFields", "Coverage"}, []string{"FileName"}},
}

// TestUnmatched: one record for each alert whose file nobody was seen to request, in every format; none for one that was
// requested, for another server's, and none at all where it is not asked for.
func TestUnmatched(t *testing.T) {
	programs.FluentBit(t)
	want := map[string]string{ // MatchedBy by file
		"never.aspx": "[]", "global.asax": "[application_wide]", "web.config": "[application_wide]", "load.dll": "[application_wide]",
	}
	for name, fields := range unmatchedFields {
		t.Run(name, func(t *testing.T) {
			dir, w := shortDir(t), newWorld()
			write(t, dir+"/iis/u_ex.log", head+w.requests(0, "203.0.113.7", 3)+w.request(9, "203.0.113.9", "/default.aspx"))
			write(t, dir+"/unmatched.yaml", fmt.Sprintf(unmatched, name, dir, programs.Plugin(t), "on"))
			p := start(t, dir+"/unmatched.yaml")
			write(t, dir+"/alerts/seen.json", w.alert("shell.aspx", `C:\inetpub\wwwroot\up`))
			p.until(t, "the shell is reported", func() bool { return len(records(t, dir+"/out.jsonl")) == 1 }) // the host is known
			alerts := w.alert("never.aspx", `C:\inetpub\wwwroot`) + w.alert("global.asax", `C:\inetpub\wwwroot`) +
				w.alert("web.config", `C:\inetpub\wwwroot`) + w.alert("load.dll", `C:\inetpub\wwwroot\bin`)
			add(t, dir+"/alerts/seen.json", alerts)
			p.until(t, "all are reported", func() bool { return len(records(t, dir+"/out.jsonl")) >= 1+len(want) })
			add(t, dir+"/alerts/seen.json", alerts) // seen again, with nothing new
			add(t, dir+"/iis/u_ex.log", w.requests(1200, "203.0.113.99", 1))
			p.until(t, "the last request is reported", func() bool { return len(records(t, dir+"/out.jsonl")) > 1+len(want) })
			p.terminate(t)
			got := map[string]string{}
			for _, r := range records(t, dir+"/out.jsonl") {
				if r.at(formats[name].client...) != "" {
					continue
				}
				file := r.at(fields.file...)
				if _, ok := got[file]; ok {
					t.Errorf("%s twice", file)
				}
				if got[file] = r.at(fields.by...); got[file] == "" {
					got[file] = "[]" // left out where it is empty
				}
				if c := r.at(fields.coverage...); c != "complete" && c != "since" && c != "partial" {
					t.Errorf("%s: coverage %q", file, c)
				}
			}
			if !maps.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

// TestUnmatched_off: without the property nothing is said of such an alert.
func TestUnmatched_off(t *testing.T) {
	programs.FluentBit(t)
	dir, w := shortDir(t), newWorld()
	write(t, dir+"/iis/u_ex.log", head+w.requests(0, "203.0.113.7", 3))
	write(t, dir+"/alerts/a.json", w.alert("never.aspx", `C:\inetpub\wwwroot`)+w.alert("shell.aspx", `C:\inetpub\wwwroot\up`))
	write(t, dir+"/unmatched.yaml", fmt.Sprintf(unmatched, "sentinel", dir, programs.Plugin(t), "off"))
	p := start(t, dir+"/unmatched.yaml")
	p.until(t, "the shell is reported", func() bool { return len(records(t, dir+"/out.jsonl")) == 1 })
	p.terminate(t)
	if rs := records(t, dir+"/out.jsonl"); len(rs) != 1 || rs[0].at("AttackerIP") != "203.0.113.7" {
		t.Errorf("got %v", rs)
	}
}
