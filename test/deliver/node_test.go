// SPDX-License-Identifier: Apache-2.0

package deliver_test

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"

	"webshell/plugin/deliver/forward"
)

// nodeDir is where the packages of node/package.json are installed, once a run, and why they are not.
var nodeDir struct {
	once   sync.Once
	path   string
	reason string
}

// installed returns the folder, and why it can't be used.
func installed() (dir, reason string) {
	nodeDir.once.Do(func() { nodeDir.path, nodeDir.reason = install() })
	return nodeDir.path, nodeDir.reason
}

// install fills a new folder.
func install() (dir, reason string) {
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			return "", program + " is not here"
		}
	}
	dir, err := os.MkdirTemp("", "webshell-node-")
	if err == nil {
		err = os.CopyFS(dir, os.DirFS("node"))
	}
	if err != nil {
		return dir, err.Error()
	}
	cmd := exec.Command("npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return dir, "npm install: " + err.Error() + ": " + string(out)
	}
	return dir, ""
}

// TestMain removes what was installed.
func TestMain(m *testing.M) {
	code := m.Run()
	if nodeDir.path != "" {
		_ = os.RemoveAll(nodeDir.path)
	}
	os.Exit(code)
}

// nodeServer is the server of npm's @fluent-org/logger, in a process of its own.
type nodeServer struct {
	dir      string
	settings map[string]any
	got      *arrivals
	cmd      *exec.Cmd
	ended    chan struct{}
}

func (s *nodeServer) start(t *testing.T) {
	t.Helper()
	settings, err := json.Marshal(s.settings)
	if err != nil {
		t.Fatal(err)
	}
	s.cmd = exec.CommandContext(t.Context(), "node", "server.js", string(settings))
	s.cmd.Dir, s.cmd.Stderr = s.dir, t.Output()
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan struct{})
	s.ended = make(chan struct{})
	go s.read(out, ready)
	select {
	case <-ready:
	case <-s.ended:
		t.Fatal("the server ended at its start")
	}
}

// read takes the lines of the server until it ends.
func (s *nodeServer) read(out io.Reader, ready chan<- struct{}) {
	defer close(s.ended)
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Ready  bool
			Record map[string]any
		}
		switch err := json.Unmarshal(lines.Bytes(), &line); {
		case err != nil:
		case line.Ready:
			close(ready)
		case line.Record != nil:
			s.got.add(line.Record)
		}
	}
}

func (s *nodeServer) stop(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-s.ended
	_ = s.cmd.Wait() // killed
}

func TestNode(t *testing.T) {
	dir, reason := installed()
	if reason != "" {
		t.Skip("no receiver of npm: " + reason)
	}
	security := map[string]any{"sharedKey": "secret", "serverHostname": "aggregator"}
	users := map[string]any{"sharedKey": "secret", "serverHostname": "aggregator", "authorize": true, "userDict": map[string]string{"iis": "pass"}}
	for _, c := range []struct {
		name     string
		security map[string]any
		o        forward.Options
	}{
		{"plain", nil, forward.Options{}},
		{"gzip", nil, forward.Options{Compress: "gzip"}},
		{"shared key", security, forward.Options{SharedKey: "secret", SelfHostname: "web01"}},
		{"users", users, forward.Options{SharedKey: "secret", SelfHostname: "web01", Username: "iis", Password: "pass", Compress: "gzip"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newArrivals()
			c.o.Port = freePort(t)
			settings := map[string]any{"port": c.o.Port}
			if c.security != nil {
				settings["security"] = c.security
			}
			story(t, &nodeServer{dir: dir, settings: settings, got: a}, a, c.o)
		})
	}
}

func TestNode_refuses(t *testing.T) {
	dir, reason := installed()
	if reason != "" {
		t.Skip("no receiver of npm: " + reason)
	}
	port := freePort(t)
	s := &nodeServer{dir: dir, got: newArrivals(), settings: map[string]any{"port": port, "security": map[string]any{
		"sharedKey": "secret", "serverHostname": "aggregator", "authorize": true, "userDict": map[string]string{"iis": "pass"}}}}
	s.start(t)
	defer s.stop(t)
	for _, c := range []struct {
		o    forward.Options
		kind string
	}{
		{forward.Options{SharedKey: "other", SelfHostname: "web01"}, forward.KindKey},
		{forward.Options{SharedKey: "secret", SelfHostname: "web01", Username: "iis", Password: "other"}, forward.KindUser},
		{forward.Options{}, forward.KindKey},
	} {
		c.o.Port = port
		client, err := forward.New(c.o, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = client.Send(t.Context(), []forward.Record{{JSON: []byte(`{"a":1}`)}})
		if kind := kindOf(err); kind != c.kind {
			t.Errorf("%+v: got %s: %v, want %s", c.o.SharedKey, kind, err, c.kind)
		}
		_ = client.Close()
	}
	if got := s.got.revisions(); len(got) != 0 {
		t.Errorf("refused, but %v arrived", got)
	}
}
