// SPDX-License-Identifier: Apache-2.0

package script

import (
	"slices"
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

// FolderBy tells what had to be undone for a URL's folders, as for its script's
// name: dots and spaces at an end and streams, whatever the alert says, and what
// an agreement with its directory took, an alias or a "+" that is a space. By of
// a Reading has the rest.
func FolderBy(urlFolder string, t Target, m PathMatch) (by By) {
	if !strings.ContainsAny(urlFolder, ".: +~") {
		return 0
	}
	for part := range strings.SplitSeq(urlFolder, "/") {
		switch {
		case part == "", part == ".", part == "..":
		case strings.Contains(part, ":"):
			by |= Stream
		case isTrailing(part[len(part)-1]):
			by |= Trailing
		case m < PathPartial:
		case strings.HasSuffix(part, "+") && !t.isBelow(part, sameFolder) && t.isBelow(strings.TrimRight(part, ". +"), sameFolder):
			by |= Trailing
		case strings.Contains(part, "~") && !t.isBelow(part, sameFolder) && t.isBelow(part, IsAlias):
			by |= ShortName
		}
	}
	return by
}

// isBelow reports whether a part of the target's folder is one of a URL's.
func (t *Target) isBelow(logged string, same func(logged, name string) bool) bool {
	for name := range strings.SplitSeq(t.Folder, `\`) {
		if name != "" && same(logged, name) {
			return true
		}
	}
	return false
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

// maxHashed is the longest folder below an application, in bytes, that is tried
// for a hash: four times ASP.NET's default maxUrlLength. It keeps the work on a
// URL of many folders linear.
const maxHashed = 4 * 260

// matchHash compares a URL's folder with the hash of a compiled page. The
// application's place in the URL comes from the folder that the page was
// compiled to, else each is tried: as every URL has a place where the page would
// lie in the application itself, a hit there alone says nothing.
func matchHash(urlFolder string, t Target) PathMatch {
	switch {
	case t.Application == "/":
		return MatchCompiled(urlFolder, "/", t)
	case t.Application != "":
		return hashedBelow(urlFolder, t.Hash, func(above string) bool {
			return sameFolder(lastFolder(above, "/"), t.Application)
		})
	}
	m := hashedBelow(urlFolder, t.Hash, func(string) bool { return true })
	if m == PathFull && t.Hash == FolderHash("~") {
		return PathUnknown
	}
	return m
}

// MatchCompiled compares a URL's folder with the hash of a compiled page when
// the application's virtual path ("/", "/owa") is known.
func MatchCompiled(urlFolder, application string, t Target) PathMatch {
	if t.Hash == "" {
		return PathUnknown
	}
	want := splitURL(application)
	return hashedBelow(urlFolder, t.Hash, func(above string) bool {
		return slices.EqualFunc(splitURL(above), want, sameFolder)
	})
}

// hashedBelow gives PathFull if a trailing part of folder, from "" to all of it,
// has hash and what stands above it is an application, else PathNone.
func hashedBelow(folder, hash string, isApplication func(above string) bool) PathMatch {
	folder = "/" + strings.Join(splitURL(folder), "/")
	if folder == "/" {
		folder = ""
	}
	for at := len(folder); at >= 0 && len(folder)-at <= maxHashed; at = strings.LastIndexByte(folder[:at], '/') {
		if hasHash("~"+folder[at:], hash) && isApplication(folder[:at]) {
			return PathFull
		}
	}
	return PathNone
}

// hasHash reports whether a folder, in one of the spellings that it may have
// been logged in, has hash.
func hasHash(folder, hash string) bool {
	for _, form := range spellings(folder) {
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
