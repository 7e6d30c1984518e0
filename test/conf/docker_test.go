// SPDX-License-Identifier: Apache-2.0

package conf

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// The image holds the files that its own configuration and command name, and its tags are pinned.
func TestDocker_imageIsWhole(t *testing.T) {
	dockerfile := readText(t, "docker/Dockerfile")
	plugin := ""
	for _, s := range read(t, "docker/fluent-bit.yaml") {
		if s.kind == "plugins" {
			plugin = s.get("path")
		}
	}
	for _, want := range []string{" " + plugin + "\n", "COPY docker/fluent-bit.yaml /fluent-bit/etc/webshell.yaml\n", `"/fluent-bit/etc/webshell.yaml"]`, "\nUSER "} {
		if !strings.Contains(dockerfile, want) {
			t.Errorf("docker/Dockerfile lacks %q", want)
		}
	}
	images := regexp.MustCompile(`(?m)^ARG \w+_IMAGE=(\S+)$`).FindAllStringSubmatch(dockerfile, -1)
	if len(images) != 2 {
		t.Fatalf("%d images found, want 2", len(images))
	}
	for _, m := range images {
		if !regexp.MustCompile(`:\d+\.\d+\.\d+`).MatchString(m[1]) {
			t.Errorf("image %s is not pinned", m[1])
		}
	}
	ignore := readText(t, "docker/Dockerfile.dockerignore")
	for _, m := range regexp.MustCompile(`(?m)^COPY ([^-\n].*) \S+$`).FindAllStringSubmatch(dockerfile, -1) {
		for _, source := range strings.Fields(m[1]) {
			if !strings.Contains(ignore, "!"+source+"\n") {
				t.Errorf("docker/Dockerfile.dockerignore leaves out %s", source)
			}
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(source))); err != nil {
				t.Error(err)
			}
		}
	}
}

// What compose.yaml mounts and builds is there, and its variables are read by the configuration.
func TestDocker_composeIsWhole(t *testing.T) {
	var compose struct {
		Services map[string]struct {
			Build       struct{ Context, Dockerfile string }
			Environment map[string]string
			Volumes     []string
		}
	}
	if err := yaml.Unmarshal([]byte(readText(t, "docker/compose.yaml")), &compose); err != nil {
		t.Fatal(err)
	}
	config := readText(t, "docker/fluent-bit.yaml")
	for name, service := range compose.Services {
		paths := []string{filepath.Join(service.Build.Context, service.Build.Dockerfile)}
		for _, v := range service.Volumes {
			host, inside, _ := strings.Cut(v, ":")
			paths = append(paths, host)
			if folder := strings.SplitN(inside, "/", 3)[1]; !strings.Contains(config, "/"+strings.TrimSuffix(folder, ":ro")+"/") {
				t.Errorf("%s: nothing reads %s", name, inside)
			}
		}
		for _, path := range paths {
			if _, err := os.Stat(filepath.Join(root, "docker", filepath.FromSlash(path))); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for variable := range service.Environment {
			if !strings.Contains(config, "${"+variable+":-") {
				t.Errorf("%s: %s is not read", name, variable)
			}
		}
	}
	if len(compose.Services) == 0 {
		t.Error("no service found")
	}
}
