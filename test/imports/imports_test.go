// SPDX-License-Identifier: Apache-2.0

// Package imports holds the packages of the main module to who may import whom (README, the map of the folders).
package imports

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	root     = "../.."
	module   = "webshell/"
	boundary = "webshell/plugin"       // package main: the only one that may see C
	engine   = "webshell/correlate"    // and what is below it: pure
	framing  = "webshell/plugin/chunk" // msgpack only, knows nothing of IIS
	bindings = "github.com/fluent/fluent-bit-go/output"
)

type goPackage struct {
	ImportPath string
	Name       string
	Dir        string
	GoFiles    []string
	CgoFiles   []string
	Imports    []string
}

// packages lists the main module as it builds for the system.
func packages(t *testing.T, system string) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Name,Dir,GoFiles,CgoFiles,Imports", "./...")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1", "GOOS="+system)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []goPackage
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 8 {
		t.Fatalf("%d packages", len(all))
	}
	return all
}

func isBelow(path, folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }

// engineMayUse is what is not of the standard library and has no input, output or clock.
var engineMayUse = []string{
	"github.com/hashicorp/golang-lru/v2/simplelru", // recency
	"github.com/cespare/xxhash/v2",                 // identifiers
	"github.com/axiomhq/hyperloglog",               // distinct clients
	"github.com/kamstrup/intmap",                   // small maps
	"github.com/vmihailenco/msgpack/v5",            // correlate/alert: whole values of structured alerts
}

// fault says what is wrong with an import, "" when nothing is.
func fault(p goPackage, path string) string {
	isStandard := !strings.Contains(strings.Split(path, "/")[0], ".") && !strings.HasPrefix(path, module)
	switch {
	case path == boundary:
		return "package main is nobody's library"
	case p.ImportPath == boundary:
		return ""
	case path == "C" || path == "unsafe":
		return "only plugin (main) may see C and unsafe"
	case path == bindings:
		return "only plugin (main) may import fluent-bit-go"
	case isBelow(p.ImportPath, framing) && strings.HasPrefix(path, module) && !isBelow(path, framing):
		return "plugin/chunk knows framing and nothing else of ours"
	case !isBelow(p.ImportPath, engine):
		return ""
	case slices.Contains([]string{"os", "net", "log", "log/slog", "os/exec", "net/http", "syscall", "sync"}, path):
		return "correlate has no input, output, log or lock"
	case strings.HasPrefix(path, module) && !isBelow(path, engine):
		return "correlate imports nothing of ours but itself"
	case !isStandard && !strings.HasPrefix(path, module) && !slices.Contains(engineMayUse, path):
		return "correlate may use " + strings.Join(engineMayUse, ", ")
	}
	return ""
}

func TestImports(t *testing.T) {
	for _, system := range []string{"linux", "windows"} {
		for _, p := range packages(t, system) {
			for _, path := range p.Imports {
				if why := fault(p, path); why != "" {
					t.Errorf("%s imports %s: %s", p.ImportPath, path, why)
				}
			}
		}
	}
}

// TestImports_findsFaults: without it, the test above would show nothing.
func TestImports_findsFaults(t *testing.T) {
	tests := []struct {
		from, to string
		bad      bool
	}{
		{engine, "os", true},
		{engine + "/w3c", "log/slog", true},
		{engine, "net/netip", false},
		{engine, "webshell/plugin/chunk", true},
		{engine, "github.com/hashicorp/golang-lru/v2/simplelru", false},
		{engine, "github.com/hashicorp/golang-lru/v2/expirable", true},
		{framing, "webshell/correlate", true},
		{"webshell/plugin/format", "webshell/correlate", false},
		{"webshell/plugin/deliver", "unsafe", true},
		{boundary, "unsafe", false},
		{"webshell/plugin/source", bindings, true},
		{"webshell/plugin/cmd/webshell", boundary, true},
	}
	for _, tt := range tests {
		if why := fault(goPackage{ImportPath: tt.from}, tt.to); (why != "") != tt.bad {
			t.Errorf("%s imports %s: %q", tt.from, tt.to, why)
		}
	}
}

// TestEngine_hasOneClock: the engine gets its time as an argument and starts nothing on its own.
func TestEngine_hasOneClock(t *testing.T) {
	files := 0
	for _, p := range packages(t, "linux") {
		if !isBelow(p.ImportPath, engine) {
			continue
		}
		for _, name := range p.GoFiles {
			files++
			lookFor(t, filepath.Join(p.Dir, name))
		}
	}
	if files < 10 {
		t.Errorf("only %d files were looked at", files)
	}
}

// lookFor reports goroutines and clocks in a file.
func lookFor(t *testing.T, path string) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			t.Errorf("%s: a goroutine", set.Position(n.Pos()))
		case *ast.SelectorExpr:
			from, ok := n.X.(*ast.Ident)
			if ok && from.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "After", "Sleep", "NewTimer", "NewTicker", "AfterFunc", "Tick"}, n.Sel.Name) {
				t.Errorf("%s: time.%s", set.Position(n.Pos()), n.Sel.Name)
			}
		}
		return true
	})
}

// TestPure_withoutCgo: everything but package main builds where there is no C compiler.
func TestPure_withoutCgo(t *testing.T) {
	var pure []string
	for _, p := range packages(t, "linux") {
		if p.ImportPath != boundary {
			pure = append(pure, p.ImportPath)
		}
	}
	for _, system := range []string{"linux", "windows"} {
		cmd := exec.Command("go", append([]string{"build"}, pure...)...)
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", system, err, out)
		}
	}
}
