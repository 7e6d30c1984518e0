// SPDX-License-Identifier: Apache-2.0

package sitemap

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"webshell/correlate/script"
)

// world is a random configuration of one site, and what it is made of.
type world struct {
	config string
	mounts []mount
}

// mount is a virtual directory.
type mount struct{ application, path, folder string }

func randomWorld(random *rand.Rand) world {
	var w world
	var xml strings.Builder
	seen := map[string]bool{}
	for i := range 1 + random.IntN(4) {
		application := randomPath(random, i == 0)
		if seen[application] {
			continue
		}
		seen[application] = true
		fmt.Fprintf(&xml, `<application path="%s">`, application)
		for j := range 1 + random.IntN(4) {
			path := randomPath(random, j == 0)
			if key := application + ">" + path; seen[key] {
				continue
			}
			seen[application+">"+path] = true
			folder := string("CD"[random.IntN(2)]) + ":" + strings.ReplaceAll(randomPath(random, false), "/", `\`)
			fmt.Fprintf(&xml, `<virtualDirectory path="%s" physicalPath="%s"/>`, path, folder)
			w.mounts = append(w.mounts, mount{application, path, folder})
		}
		xml.WriteString(`</application>`)
	}
	w.config = oneSite(xml.String())
	return w
}

// randomPath is "/" or up to three parts, so short that they often meet.
func randomPath(random *rand.Rand, isRoot bool) string {
	if isRoot {
		return "/"
	}
	var b strings.Builder
	for range 1 + random.IntN(3) {
		b.WriteByte('/')
		b.WriteString([]string{"a", "b", "ab"}[random.IntN(3)])
	}
	return b.String()
}

// referenceFolder is the folder of a URL by the plainest way: each application,
// then each virtual directory in it, the longest wins. "" where there is none.
func (w world) referenceFolder(url string) string {
	covers := func(path, url string) bool {
		return strings.HasPrefix(strings.TrimSuffix(url, "/")+"/", strings.TrimSuffix(path, "/")+"/")
	}
	application := ""
	for _, m := range w.mounts {
		if covers(m.application, url) && len(m.application) > len(application) {
			application = m.application
		}
	}
	best, folder := "", ""
	below := "/" + strings.TrimPrefix(url[len(strings.TrimSuffix(application, "/")):], "/")
	for _, m := range w.mounts {
		if m.application == application && covers(m.path, below) && len(m.path) > len(best) {
			best = m.path
			folder = strings.TrimSuffix(m.folder+strings.ReplaceAll(strings.TrimPrefix(below, strings.TrimSuffix(m.path, "/")), "/", `\`), `\`)
		}
	}
	return folder
}

// TestMap_reference holds Folder, Match and URLs against the reference on random
// configurations.
func TestMap_reference(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4)) // any seed will do; a fixed one can be run again
	for range 3000 {
		w := randomWorld(random)
		m := parse(t, []byte(w.config), nil)
		for range 20 {
			url, directory := randomPath(random, random.IntN(8) == 0), ""
			want := w.referenceFolder(url)
			if got := m.Folder("W3SVC1", url); len(got) != 1 || got[0].Folder != want {
				t.Fatalf("%s\n%s: got %v, want %s", w.config, url, got, want)
			}
			switch random.IntN(3) {
			case 0:
				directory = want
			case 1:
				directory = w.referenceFolder(randomPath(random, false))
			default:
				directory = w.mounts[random.IntN(len(w.mounts))].folder
			}
			match := script.PathNone
			if directory == want {
				match = script.PathFull
			}
			if got, known := m.Match("W3SVC1", url, script.Target{Name: "x", Folder: directory}); got != match || !known {
				t.Fatalf("%s\n%s and %s: got %v, known %v, want %v", w.config, url, directory, got, known, match)
			}
			checkURLs(t, w, m, url, directory)
		}
	}
}

// checkURLs checks that URLs has url exactly if it leads to directory.
func checkURLs(t *testing.T, w world, m *Map, url, directory string) {
	t.Helper()
	has := false
	for _, u := range m.URLs(directory) {
		has = has || u.Folder == url
		if got := w.referenceFolder(u.Folder); got != directory {
			t.Fatalf("%s\n%s: got URL %s, which is %s", w.config, directory, u.Folder, got)
		}
	}
	if want := w.referenceFolder(url) == directory; has != want {
		t.Fatalf("%s\n%s: has URL %s: %v, want %v", w.config, directory, url, has, want)
	}
}
