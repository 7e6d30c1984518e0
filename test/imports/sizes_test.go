// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What a reader can take in at a time. Tables of tests and generated ones may be longer than a function.
const (
	maxFileLines  = 400
	maxTestLines  = 450
	maxFuncLines  = 70
	maxMedian     = 12
	maxParameters = 5 // four, and one where a struct would be read once
	licence       = "// SPDX-License-Identifier: Apache-2.0\n"
)

// TestSizes holds files and functions to their bounds, and every file to its licence.
func TestSizes(t *testing.T) {
	var lengths []int
	for _, folder := range []string{"correlate", "plugin", "test"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" {
				return err
			}
			lengths = append(lengths, sizesOf(t, path)...)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(lengths) < 500 {
		t.Fatalf("only %d functions were looked at", len(lengths))
	}
	slices.Sort(lengths)
	if median := lengths[len(lengths)/2]; median > maxMedian {
		t.Errorf("the median function has %d lines, want at most %d", median, maxMedian)
	}
}

// sizesOf checks one file, and gives the lengths of its functions where they are not tests.
func sizesOf(t *testing.T, path string) (lengths []int) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(text, []byte(licence)) {
		t.Errorf("%s does not begin with its licence", path)
	}
	isTest := strings.HasSuffix(path, "_test.go")
	limit := maxFileLines
	if isTest {
		limit = maxTestLines
	}
	if n := bytes.Count(text, []byte("\n")); n > limit {
		t.Errorf("%s has %d lines, want at most %d", path, n, limit)
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		lines := set.Position(f.End()).Line - set.Position(f.Pos()).Line + 1
		if !isTest {
			lengths = append(lengths, lines)
		}
		if lines > maxFuncLines && !isTest {
			t.Errorf("%s: %s has %d lines, want at most %d", set.Position(f.Pos()), f.Name.Name, lines, maxFuncLines)
		}
		if n := f.Type.Params.NumFields(); n > maxParameters && !isTest {
			t.Errorf("%s: %s has %d parameters, want at most %d", set.Position(f.Pos()), f.Name.Name, n, maxParameters)
		}
	}
	return lengths
}
