// SPDX-License-Identifier: Apache-2.0

package script

import (
	"strings"
	"unicode/utf8"
)

// PathMatch says how a URL's folder and an alert's directory compare. A greater
// one is a better match, but for PathUnknown, which is neither.
type PathMatch uint8

// The values of PathMatch.
const (
	PathUnknown PathMatch = iota // one of the two is not known
	PathNone                     // both are known and disagree
	PathPartial                  // trailing folders agree
	PathFull                     // they are one folder
)

// String returns the word that PathMatch has in a detection.
func (m PathMatch) String() string {
	switch m {
	case PathNone:
		return "none"
	case PathPartial:
		return "partial"
	case PathFull:
		return "full"
	}
	return "unknown"
}

// MatchFolder compares the folder of a Reading with t without a site map: at
// best PathPartial, as a site can lie anywhere, but for a compiled page, whose
// hash tells the folder. A URL's root says nothing of the directory.
func MatchFolder(urlFolder string, t Target) PathMatch {
	if t.Hash != "" {
		return matchHash(urlFolder, t)
	}
	url := lastFolder(urlFolder, "/")
	directory := strings.TrimRight(t.Folder, `\`)
	if url == "" || directory == "" {
		return PathUnknown
	}
	if sameFolder(url, lastFolder(directory, `\`)) {
		return PathPartial
	}
	return PathNone
}

func lastFolder(path, separator string) string {
	path = strings.TrimRight(path, separator)
	return path[strings.LastIndex(path, separator)+1:]
}

// sameFolder reports whether a folder of a URL as logged, where "+" may be a
// space and bytes may be Windows-1252, is the folder with name.
func sameFolder(logged, name string) bool {
	for _, form := range spellings(logged) {
		if EqualFold(form, name) || EqualFold(strings.ReplaceAll(form, "+", " "), strings.ReplaceAll(name, "+", " ")) {
			return true
		}
	}
	return false
}

// spellings returns what a logged text stands for.
func spellings(logged string) []string {
	if utf8.ValidString(logged) {
		return []string{logged}
	}
	return []string{logged, string(fromWindows1252([]byte(logged)))}
}

// matchHash compares a URL's folder with the hash of a compiled page. The
// application's place in the URL comes from the folder that the page was
// compiled to, else each is tried: as every URL has a place where the page would
// lie in the application itself, a hit there alone says nothing.
func matchHash(urlFolder string, t Target) PathMatch {
	parts := splitURL(urlFolder)
	switch {
	case t.Application == "/":
		return MatchCompiled(urlFolder, "/", t)
	case t.Application != "":
		return matchNamedApplication(parts, t)
	}
	for i := range parts {
		if hashes(parts[i:], t.Hash) {
			return PathFull
		}
	}
	if t.Hash == FolderHash("~") {
		return PathUnknown
	}
	return PathNone
}

func matchNamedApplication(parts []string, t Target) PathMatch {
	for i, part := range parts {
		if sameFolder(part, t.Application) && hashes(parts[i+1:], t.Hash) {
			return PathFull
		}
	}
	return PathNone
}

// MatchCompiled compares a URL's folder with the hash of a compiled page when
// the application's virtual path ("/", "/owa") is known.
func MatchCompiled(urlFolder, application string, t Target) PathMatch {
	parts, above := splitURL(urlFolder), splitURL(application)
	if t.Hash == "" {
		return PathUnknown
	}
	if len(parts) < len(above) {
		return PathNone
	}
	for i, part := range above {
		if !sameFolder(parts[i], part) {
			return PathNone
		}
	}
	if hashes(parts[len(above):], t.Hash) {
		return PathFull
	}
	return PathNone
}

// hashes reports whether the folder below the application, in one of the
// spellings it may have been logged in, has hash.
func hashes(parts []string, hash string) bool {
	below := "~"
	if len(parts) > 0 {
		below = "~/" + strings.Join(parts, "/")
	}
	for _, form := range spellings(below) {
		if FolderHash(form) == hash || FolderHash(strings.ReplaceAll(form, "+", " ")) == hash {
			return true
		}
	}
	return false
}

// splitURL splits a URL's folder into its parts, empty ones left out.
func splitURL(folder string) []string {
	return strings.FieldsFunc(folder, func(r rune) bool { return r == '/' })
}
