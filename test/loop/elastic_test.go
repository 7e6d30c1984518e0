// SPDX-License-Identifier: Apache-2.0

package loop_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"webshell/test/programs"
)

// toElastic reads one detection and sends it on. %s are the file, host, port, and the key of the document's id.
const toElastic = `
service: {flush: 0.2, log_level: info}
parsers:
  - {name: object, format: json}
pipeline:
  inputs:
    - {name: tail, tag: webshell.detection, path: '%s', read_from_head: on, parser: object, buffer_max_size: 1M}
  outputs:
    - {name: es, match: webshell.detection, host: '%s', port: %s, index: webshell-detections, id_key: "%s", write_operation: index,
       suppress_type_name: on, time_key: '@timestamp'}
`

// bulk takes Elasticsearch's bulk requests.
type bulk struct {
	mu    sync.Mutex
	lines []string
}

// ServeHTTP keeps the lines of a request.
func (b *bulk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	b.mu.Lock()
	b.lines = append(b.lines, strings.Split(strings.TrimSpace(string(body)), "\n")...)
	b.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"took":1,"errors":false,"items":[]}`) // the client sees to itself
}

func (b *bulk) received() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.lines...)
}

// TestElasticsearch_id: with the id_key that conf/detections/to-elasticsearch.yaml names for a format, the document's id
// is the detection's, and no key stands twice, which Elasticsearch refuses.
func TestElasticsearch_id(t *testing.T) {
	programs.FluentBit(t)
	shown, err := os.ReadFile(programs.Root + "/conf/detections/to-elasticsearch.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]string{"sentinel": "DetectionId", "ecs": "$event['id']"} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(string(shown), "id_key: "+key) {
				t.Errorf("to-elasticsearch.yaml does not say id_key: %s", key)
			}
			dir, b := shortDir(t), &bulk{}
			server := httptest.NewServer(b)
			defer server.Close()
			at, err := url.Parse(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			sample, err := os.ReadFile(programs.Root + "/plugin/format/testdata/" + name + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var one record
			if err := json.Unmarshal(sample, &one); err != nil {
				t.Fatal(err)
			}
			line, err := json.Marshal(one)
			if err != nil {
				t.Fatal(err)
			}
			write(t, dir+"/one.jsonl", string(line)+"\n")
			write(t, dir+"/es.yaml", fmt.Sprintf(toElastic, dir+"/one.jsonl", at.Hostname(), at.Port(), key))
			p := start(t, dir+"/es.yaml")
			p.until(t, "it arrives", func() bool { return len(b.received()) >= 2 })
			p.terminate(t)
			lines := b.received()
			if want := fmt.Sprintf(`"_id":%q`, one.at(formats[name].id...)); !strings.Contains(lines[0], want) {
				t.Errorf("got %s, want %s", lines[0], want)
			}
			if n := strings.Count(lines[1], `"@timestamp"`); n != 1 {
				t.Errorf("@timestamp stands %d times", n)
			}
		})
	}
}
