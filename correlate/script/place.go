// SPDX-License-Identifier: Apache-2.0

package script

// CleanFolder returns directory in the form of Target.Folder: `C:\inetpub\up`,
// `\inetpub\up` where the volume has no letter, `\\server\share\up`; without a
// volume in front where directory is relative.
func CleanFolder(directory string) string { return joinPath(splitPath(unquote(directory))) }

// SameFolder reports whether one folder of a URL as logged, where "+" may be a
// space and bytes may be Windows-1252, is the folder with name.
func SameFolder(logged, name string) bool { return sameFolder(logged, name) }

// Spellings returns what a logged text stands for: itself, and, if it is no
// UTF-8, what it is in Windows-1252 as the last.
func Spellings(logged string) []string { return spellings(logged) }

// IsAlias reports whether alias can be the 8.3 alias of the file or folder name.
func IsAlias(alias, name string) bool {
	if !mayBeShort([]byte(alias)) {
		return false
	}
	for _, short := range shortNames(name) {
		if EqualFold(alias, short) {
			return true
		}
	}
	return false
}
