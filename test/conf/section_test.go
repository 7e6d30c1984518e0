// SPDX-License-Identifier: Apache-2.0

package conf

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

const root = "../.."

// pair is one key of a section as written; keys are compared without case, as Fluent Bit does.
type pair struct{ key, value string }

// section is one [INPUT], [OUTPUT], ... of a configuration, whatever its format.
type section struct {
	kind       string // service, input, filter, output, plugins
	properties []pair
}

func (s section) get(key string) string {
	for _, p := range s.properties {
		if strings.EqualFold(p.key, key) {
			return p.value
		}
	}
	return ""
}

func (s section) is(kind, name string) bool { return s.kind == kind && s.get("name") == name }

// configurations returns every Fluent Bit configuration of the repository by its path below the root.
func configurations(t *testing.T) []string {
	t.Helper()
	var paths []string
	for _, folder := range []string{"conf", "docker"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			ext := filepath.Ext(path)
			if ext == ".conf" || ext == ".yaml" && entry.Name() != "compose.yaml" {
				name, err := filepath.Rel(root, path)
				paths = append(paths, filepath.ToSlash(name))
				return err
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(paths) < 20 {
		t.Fatalf("only %d configurations found", len(paths))
	}
	return paths
}

// read returns the sections of a configuration. A file that can't be read fails the test.
func read(t *testing.T, path string) []section {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	parse := parseClassic
	if strings.HasSuffix(path, ".yaml") {
		parse = parseYAML
	}
	sections, err := parse(string(content))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return sections
}

// parseClassic reads Fluent Bit's classic format: [SECTION], then indented "key value" lines.
func parseClassic(text string) ([]section, error) {
	var sections []section
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			sections = append(sections, section{kind: strings.ToLower(strings.Trim(line, "[]"))})
		case len(sections) == 0:
			return nil, fmt.Errorf("line %d stands in no section: %q", n, line)
		default:
			key, value, ok := strings.Cut(line, " ")
			if !ok {
				return nil, fmt.Errorf("line %d has no value: %q", n, line)
			}
			last := &sections[len(sections)-1]
			last.properties = append(last.properties, pair{key, strings.TrimSpace(value)})
		}
	}
	return sections, lines.Err()
}

// document is the part of Fluent Bit's YAML format that the files use; another key is an error.
type document struct {
	Service  map[string]yaml.Node `yaml:"service"`
	Plugins  []string             `yaml:"plugins"`
	Pipeline struct {
		Inputs  []yaml.Node `yaml:"inputs"`
		Filters []yaml.Node `yaml:"filters"`
		Outputs []yaml.Node `yaml:"outputs"`
	} `yaml:"pipeline"`
}

func parseYAML(text string) ([]section, error) {
	var doc document
	decoder := yaml.NewDecoder(strings.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&doc); err != nil {
		return nil, err
	}
	var sections []section
	if doc.Service != nil {
		service := section{kind: "service"}
		for key, value := range doc.Service {
			service.properties = append(service.properties, pair{key, value.Value})
		}
		sections = append(sections, service)
	}
	for _, path := range doc.Plugins {
		sections = append(sections, section{"plugins", []pair{{"path", path}}})
	}
	for _, part := range []struct {
		kind  string
		nodes []yaml.Node
	}{{"input", doc.Pipeline.Inputs}, {"filter", doc.Pipeline.Filters}, {"output", doc.Pipeline.Outputs}} {
		for _, node := range part.nodes {
			s, err := fromNode(part.kind, node)
			if err != nil {
				return nil, err
			}
			sections = append(sections, s)
		}
	}
	return sections, nil
}

// fromNode turns a mapping of scalars into a section; yaml.v3 leaves duplicate keys of a node to us.
func fromNode(kind string, node yaml.Node) (section, error) {
	s := section{kind: kind}
	if node.Kind != yaml.MappingNode {
		return s, fmt.Errorf("line %d: want a mapping", node.Line)
	}
	for i := 0; i < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if value.Kind != yaml.ScalarNode {
			return s, fmt.Errorf("line %d: %s is no scalar", value.Line, key.Value)
		}
		if s.get(key.Value) != "" {
			return s, fmt.Errorf("line %d: %s stands twice", key.Line, key.Value)
		}
		s.properties = append(s.properties, pair{key.Value, value.Value})
	}
	return s, nil
}

// text is a section in one form for both formats: sorted, keys in lower case, without the plugins file.
func (s section) text() string {
	var lines []string
	for _, p := range s.properties {
		if key := strings.ToLower(p.key); key != "plugins_file" {
			lines = append(lines, key+" = "+p.value)
		}
	}
	slices.Sort(lines)
	return s.kind + "\n  " + strings.Join(lines, "\n  ")
}
