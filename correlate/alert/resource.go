// SPDX-License-Identifier: Apache-2.0

package alert

import "strings"

// Bounds of the texts in which Windows Defender names resources.
const (
	maxInserts   = 256
	maxResources = 64 << 10 // bytes of a value or message that are looked at: an event ends at 64 KB
)

// resourceMark stands between a resource's type and its path: file:_C:\x.aspx.
const resourceMark = ":_"

// addPaths adds the files that a text of resources names, such as
//
//	containerfile:_C:\a.zip; file:_C:\a.zip->x.aspx; webfile:_C:\y.aspx|https://contoso.com/y|pid:1
//
// A part inside a file (behind "->") is not on the disk: the file around it is meant. With bare, a text that has no
// types may be one path.
func addPaths(paths []string, s string, bare bool) []string {
	s = s[:min(len(s), maxResources)]
	if bare && !strings.Contains(s, resourceMark) {
		if path := outerFile(s); isAbsolute(path) {
			return addText(paths, path, MaxFiles)
		}
		return paths
	}
	for s != "" {
		var resource string
		resource, s = nextResource(s)
		paths = addText(paths, resourcePath(resource), MaxFiles)
	}
	return paths
}

// nextResource cuts s before the next "; " that a resource follows; a file's name may hold semicolons.
func nextResource(s string) (resource, rest string) {
	for i := 0; ; i++ {
		n := strings.Index(s[i:], "; ")
		if n < 0 {
			return s, ""
		}
		i += n
		if _, typed := resourceType(s[i+2:]); typed {
			return s[:i], s[i+2:]
		}
	}
}

// resourceType returns the type that s begins with: lower-case letters before the mark.
func resourceType(s string) (kind string, ok bool) {
	const longest = 32
	n := strings.IndexFunc(s[:min(len(s), longest)], func(c rune) bool { return c < 'a' || c > 'z' })
	if n <= 0 || !strings.HasPrefix(s[n:], resourceMark) {
		return "", false
	}
	return s[:n], true
}

// resourcePath returns the path of a file on the disk, "" for any other resource (amsi, process, regkey ...).
func resourcePath(resource string) string {
	kind, _ := resourceType(resource)
	switch kind {
	case "file", "containerfile":
		return outerFile(resource[len(kind)+len(resourceMark):])
	case "webfile":
		path, _, _ := strings.Cut(resource[len(kind)+len(resourceMark):], "|")
		return outerFile(path)
	}
	return ""
}

// outerFile cuts what stands behind "->"; no Windows file name can hold that.
func outerFile(path string) string {
	path, _, _ = strings.Cut(path, "->")
	return strings.TrimSpace(path)
}

// isAbsolute reports whether path begins with a drive or as a UNC or device path.
func isAbsolute(path string) bool {
	return len(path) > 3 && (path[1] == ':' && path[2] == '\\' || strings.HasPrefix(path, `\\`) || strings.HasPrefix(path, `\Device\`))
}

// messagePaths finds the resources in a rendered message, whatever its language: the rest of each line from the first
// type on.
func messagePaths(message string) []string {
	var paths []string
	message = message[:min(len(message), maxResources)]
	for line := range strings.Lines(message) {
		at := strings.Index(line, "file"+resourceMark)
		if at < 0 {
			continue
		}
		for at > 0 && line[at-1] >= 'a' && line[at-1] <= 'z' {
			at--
		}
		paths = addPaths(paths, strings.TrimRight(line[at:], blanks), false)
	}
	return paths
}

// looseHashes reads hashes written in any of the usual ways: "SHA1:..;SHA256:..", "SHA1=..,MD5=..", or bare.
func looseHashes(s string) []string {
	var hashes []string
	s = s[:min(len(s), maxResources)]
	for _, word := range strings.FieldsFunc(s, func(c rune) bool { return strings.ContainsRune(";,| \t\r\n", c) }) {
		algorithm, value := "", word
		if at := strings.IndexAny(word, ":="); at >= 0 {
			algorithm, value = word[:at], word[at+1:]
		}
		hashes = addText(hashes, hashText(algorithm, value), maxHashes)
	}
	return hashes
}
