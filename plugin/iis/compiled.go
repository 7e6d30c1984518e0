// SPDX-License-Identifier: Apache-2.0

package iis

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"

	"webshell/correlate"
	"webshell/correlate/script"
)

// The bounds of a look at a folder of compiled pages: a large application has some thousand pages, a .compiled file
// some hundred bytes.
const (
	maxEntries       = 20_000
	maxCompiledBytes = 64 << 10
	maxFolderBytes   = 16 << 20
)

const (
	assemblyPrefix = "APP_WEB_"
	assemblySuffix = ".DLL"
	compiledSuffix = ".COMPILED"
)

// PagesOf gives, for a file App_Web_<random>.dll that an alert names on this server, the .compiled files beside it
// which say that their page was compiled into it. Those carry the page's name and its folder's hash, where the
// assembly's own name tells nothing. It gives none for any other file.
func PagesOf(file correlate.FileEntity) []correlate.FileEntity {
	targets := script.Targets(file.Name, file.Directory)
	if len(targets) == 0 {
		return nil
	}
	assembly := targets[0]
	base, ok := assemblyName(assembly.Name)
	if !ok || len(targets) > 1 && targets[1].Hash != "" || !isLocal(assembly.Folder) {
		return nil
	}
	var pages []correlate.FileEntity
	for _, name := range compiledWith(localPath(assembly.Folder), base) {
		page := file
		page.Name, page.Directory, page.FoundBeside = name, assembly.Folder, assembly.Name
		pages = append(pages, page)
	}
	return pages
}

// assemblyName gives the name without .dll of an assembly that ASP.NET made of pages.
func assemblyName(name string) (base string, ok bool) {
	folded := script.FoldString(name)
	if !strings.HasPrefix(folded, assemblyPrefix) || !strings.HasSuffix(folded, assemblySuffix) {
		return "", false
	}
	return name[:len(name)-len(assemblySuffix)], true
}

// isLocal reports whether a folder, as a target has it, is on a disk of this machine: a letter and a colon, or
// without a letter. A network share is never asked.
func isLocal(folder string) bool {
	return len(folder) > 2 && folder[1] == ':' || strings.HasPrefix(folder, `\`) && !strings.HasPrefix(folder, `\\`)
}

// localPath is the folder as this system writes it.
func localPath(folder string) string {
	if filepath.Separator == '/' {
		return strings.ReplaceAll(folder, `\`, "/")
	}
	return folder
}

// compiledWith gives the names of the .compiled files in folder that name the assembly.
func compiledWith(folder, assembly string) []string {
	dir, err := os.Open(folder)
	if err != nil {
		return nil
	}
	defer dir.Close() // read only: nothing to lose
	var found []string
	budget := int64(maxFolderBytes)
	for seen := 0; seen < maxEntries && budget > 0; {
		entries, err := dir.ReadDir(256)
		for _, e := range entries {
			seen++
			if !e.Type().IsRegular() || !strings.HasSuffix(script.FoldString(e.Name()), compiledSuffix) {
				continue
			}
			data, err := readBounded(filepath.Join(folder, e.Name()), min(maxCompiledBytes, budget))
			if err != nil {
				continue
			}
			budget -= int64(len(data))
			if namesAssembly(data, assembly) {
				found = append(found, e.Name())
			}
		}
		if err != nil { // the end of the folder is one, too
			break
		}
	}
	return found
}

// namesAssembly reports whether a .compiled file says assembly="<name>". The file is XML with the attributes of one
// element; nothing else in it can hold that text.
func namesAssembly(compiled []byte, assembly string) bool {
	const attribute = `assembly="`
	for {
		_, rest, ok := bytes.Cut(compiled, []byte(attribute))
		if !ok {
			return false
		}
		value, after, ok := bytes.Cut(rest, []byte(`"`))
		if !ok {
			return false
		}
		if name, _, _ := strings.Cut(string(value), ","); script.EqualFold(strings.TrimSpace(name), assembly) {
			return true
		}
		compiled = after
	}
}
