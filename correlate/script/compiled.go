// SPDX-License-Identifier: Apache-2.0

package script

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// maxHash is how many hexadecimal digits a folder hash has at most; it is
// printed without leading zeros.
const maxHash = 8

// pageOf gives the page that file was compiled from, if its name is one of
//
//	<page>.<hash>.compiled
//	App_Web_<page>.<hash>[.<random>].dll
func pageOf(file Target) (Target, bool) {
	name, ok := cutSuffixFold(file.Name, ".compiled")
	if !ok {
		if name, ok = cutSuffixFold(file.Name, ".dll"); !ok {
			return Target{}, false
		}
		const prefix = "App_Web_"
		if len(name) < len(prefix) || !EqualFold(name[:len(prefix)], prefix) {
			return Target{}, false
		}
		name = name[len(prefix):]
		if page, _, found := cutLast(name); found { // with <random>
			if t, ok := hashedPage(page, file.Folder); ok {
				return t, true
			}
		}
	}
	return hashedPage(name, file.Folder)
}

// hashedPage splits "<page>.<hash>", where the page has an extension.
func hashedPage(name, folder string) (Target, bool) {
	page, hash, ok := cutLast(name)
	if !ok || !isHash(hash) {
		return Target{}, false
	}
	if base, extension, ok := cutLast(page); !ok || base == "" || extension == "" {
		return Target{}, false
	}
	return Target{
		Name:        page,
		Folder:      folder,
		Hash:        plainHash(hash),
		Application: applicationOf(folder),
		By:          Compiled,
	}, true
}

// plainHash writes a hash as FolderHash does.
func plainHash(hash string) string {
	hash = strings.TrimLeft(strings.ToLower(hash), "0")
	if hash == "" {
		return "0"
	}
	return hash
}

// cutLast cuts s at its last dot.
func cutLast(s string) (before, after string, ok bool) {
	dot := strings.LastIndexByte(s, '.')
	if dot < 0 {
		return s, "", false
	}
	return s[:dot], s[dot+1:], true
}

// cutSuffixFold cuts suffix, ASCII letters without case.
func cutSuffixFold(s, suffix string) (string, bool) {
	at := len(s) - len(suffix)
	if at < 0 || !EqualFold(s[at:], suffix) {
		return s, false
	}
	return s[:at], true
}

// applicationOf gives the application that a folder below "Temporary ASP.NET
// Files" belongs to: ASP.NET names it after the last part of the application's
// path, and "root" if that is "/".
func applicationOf(folder string) string {
	parts := strings.Split(folder, `\`)
	for i, part := range parts[:len(parts)-1] {
		if !EqualFold(part, "Temporary ASP.NET Files") {
			continue
		}
		if EqualFold(parts[i+1], "root") {
			return "/"
		}
		return parts[i+1]
	}
	return ""
}

// FolderHash returns the hash that ASP.NET puts into the names of what it
// compiles from a folder, given relative to the application: "~", "~/up". It is
// .NET Framework's 32-bit string hash without a random seed, of the folder in
// lower case without a slash at its end, in 1 to 8 hexadecimal digits.
func FolderHash(virtualFolder string) string {
	folder := strings.ToLower(strings.TrimRight(virtualFolder, "/"))
	return fmt.Sprintf("%x", hash32(utf16.Encode([]rune(folder))))
}

// hash32 takes four units at a time as two 32-bit words, zeros behind the end,
// the second word only while more than two units are left.
func hash32(units []uint16) uint32 {
	const seed = 5381<<16 + 5381
	h1, h2 := uint32(seed), uint32(seed)
	for len(units) > 0 {
		h1 = mix(h1, units)
		if len(units) <= 2 {
			break
		}
		h2 = mix(h2, units[2:])
		units = units[min(4, len(units)):]
	}
	return h1 + h2*1566083941
}

func mix(h uint32, units []uint16) uint32 {
	word := uint32(units[0])
	if len(units) > 1 {
		word |= uint32(units[1]) << 16
	}
	return (h<<5 + h + uint32(int32(h)>>27)) ^ word
}
