// SPDX-License-Identifier: Apache-2.0

package script

import "strings"

// Target is a file that an alert names, ready to be compared with Readings.
type Target struct {
	Name string // file name, not folded, never empty

	// Folder is the directory with "\" between its parts and none at the end:
	// `C:\inetpub\wwwroot\up`; `\inetpub\wwwroot\up` where the volume has no
	// letter; `\\server\share\up`; "" where it is unknown. Of a compiled page it
	// is the folder that the page was compiled to, never the page's own.
	Folder string

	Hash        string // of a compiled page: FolderHash of the page's folder; else ""
	Application string // of a compiled page: "/" or the last part of the application's path; "" for unknown
	By          By     // Compiled or nothing

	// Literal marks the name as the alert wrote it, where that is no plain name
	// of a served file; it has no aliases.
	Literal bool
}

// maxPath is the longest path of NTFS, in UTF-16 units; a name or directory of
// more bytes than that, three for each unit, is no path and is taken as it is.
const maxPath = 3 * 32767

// Targets returns what a file entity names: the file itself, then the page that
// it was compiled from, then the literal name where it is another. A whole path
// in name, a stream, "->" and what follows it, device and UNC forms, "/" for "\"
// and a name repeated in directory are understood. It gives nil for no name.
func Targets(name, directory string) []Target {
	if name == "" {
		return nil
	}
	if len(name) > maxPath || len(directory) > maxPath {
		return []Target{{Name: name, Literal: true}}
	}
	var all []Target
	file, ok := locate(name, directory)
	if ok {
		all = append(all, file)
		if page, ok := pageOf(file); ok {
			all[0].Literal = true
			all = append(all, page)
		}
	}
	if file.Name != name && !strings.Contains(name, "/") && !isPart(directory) {
		all = append(all, Target{Name: name, Folder: file.Folder, Literal: true})
	}
	return all
}

// arrow stands between a container and its part, or a script and a piece of it.
const arrow = "->"

func isPart(directory string) bool { return strings.Contains(directory, arrow) }

// locate gives the file and its folder. Of a part inside a container it is the
// container.
func locate(name, directory string) (Target, bool) {
	if container, _, ok := strings.Cut(directory, arrow); ok {
		name, directory = container, ""
	}
	name, _, _ = strings.Cut(name, arrow)
	volume, parts := splitPath(unquote(name))
	if len(parts) == 0 {
		return Target{}, false
	}
	file := Target{Name: cutName(parts[len(parts)-1])}
	parts = parts[:len(parts)-1]
	if volume == "" {
		var folders []string
		volume, folders = splitPath(unquote(directory))
		if n := len(folders); n > 0 && len(parts) == 0 && EqualFold(cutName(folders[n-1]), file.Name) {
			folders = folders[:n-1]
		}
		parts = append(folders, parts...)
	}
	file.Folder = joinPath(volume, parts)
	return file, file.Name != ""
}

// unquote takes off what stands around a path.
func unquote(s string) string { return strings.TrimRight(unquoteLeft(s), notInNames+" ") }

// unquoteLeft takes off what stands in front of a path. Blanks alone may be the name's own.
func unquoteLeft(s string) string {
	rest := strings.TrimLeft(s, notInNames+" ")
	if strings.ContainsAny(s[:len(s)-len(rest)], notInNames) {
		return rest
	}
	return s
}

// notInNames are characters that no name of a file has, and that some feeds leave around one.
const notInNames = "\"\t\r\n"

// cutName cuts the stream and what Windows drops at a name's end.
func cutName(name string) string {
	name, _, _ = strings.Cut(name, ":")
	return strings.TrimRight(unquoteLeft(name), notInNames+". ")
}

// splitPath splits a path into its volume and the parts below. The volume is
// "C:", `\` where it has no letter, `\\server` for a UNC path, "" for a relative
// path.
func splitPath(path string) (volume string, parts []string) {
	path = strings.ReplaceAll(path, "/", `\`)
	for part := range strings.SplitSeq(path, `\`) {
		switch part {
		case "", ".":
		case "..":
			if n := len(parts); n > 0 && !isDrive(parts[n-1]) {
				parts = parts[:n-1]
			}
		default:
			parts = append(parts, part)
		}
	}
	unc := strings.HasPrefix(path, `\\`)
	if device, rest, ok := cutDevice(path, parts); ok {
		unc, parts = device, rest
	}
	return cutVolume(unc, strings.HasPrefix(path, `\`), parts)
}

// cutDevice cuts what leads into the object namespace: \\?\, \\.\, \??\, and
// the UNC in front of a server.
func cutDevice(path string, parts []string) (unc bool, rest []string, ok bool) {
	if !strings.HasPrefix(path, `\`) || len(parts) == 0 {
		return false, nil, false
	}
	switch {
	case parts[0] == "?", parts[0] == "??", strings.HasPrefix(path, `\\.\`):
		if parts[0] == "?" || parts[0] == "??" {
			parts = parts[1:]
		}
	case !strings.HasPrefix(path, `\\`) && EqualFold(parts[0], "Device"):
	default:
		return false, nil, false
	}
	if len(parts) > 0 && EqualFold(parts[0], "GLOBALROOT") {
		parts = parts[1:]
	}
	if len(parts) > 0 && EqualFold(parts[0], "UNC") {
		return true, parts[1:], true
	}
	return false, parts, true
}

// cutVolume takes the volume off the parts of a path. A share of the machine
// itself that stands for a drive is that drive.
func cutVolume(unc, rooted bool, parts []string) (string, []string) {
	if unc {
		if len(parts) < 2 {
			return `\\`, parts
		}
		if drive := parts[1]; isThisMachine(parts[0]) && len(drive) == 2 && isLetter(drive[0]) && drive[1] == '$' {
			return strings.ToUpper(drive[:1]) + ":", parts[2:]
		}
		return `\\` + parts[0], parts[1:]
	}
	switch {
	case len(parts) == 0:
	case isDrive(parts[0]):
		drive := strings.ToUpper(parts[0][:1]) + ":"
		if rest := parts[0][2:]; rest != "" { // "C:x.aspx", relative to the drive's current folder
			return "", append([]string{rest}, parts[1:]...)
		}
		return drive, parts[1:]
	case rooted && len(parts) > 1 && EqualFold(parts[0], "Device"):
		return `\`, parts[2:]
	case rooted && isVolumeName(parts[0]):
		return `\`, parts[1:]
	}
	if rooted {
		return `\`, parts
	}
	return "", parts
}

func isDrive(part string) bool {
	return len(part) >= 2 && isLetter(part[0]) && part[1] == ':'
}

// isVolumeName reports whether part names a volume in the object namespace:
// HarddiskVolume3, HarddiskVolumeShadowCopy1, Volume{...}.
func isVolumeName(part string) bool {
	part = FoldString(part)
	return strings.HasPrefix(part, "HARDDISKVOLUME") || strings.HasPrefix(part, "VOLUME{")
}

func isThisMachine(server string) bool {
	return EqualFold(server, "localhost") || server == "127.0.0.1" || server == "."
}

func joinPath(volume string, parts []string) string {
	below := strings.Join(parts, `\`)
	switch {
	case below == "":
		return volume
	case volume == "" || strings.HasSuffix(volume, `\`):
		return volume + below
	}
	return volume + `\` + below
}

// CutAdminShare takes apart a folder below the share by which a server offers a
// drive to its administrators: `\\WEB01\C$\up` is `C:\up` of WEB01.
func CutAdminShare(folder string) (server, local string, ok bool) {
	rest, ok := strings.CutPrefix(folder, `\\`)
	if !ok {
		return "", "", false
	}
	server, rest, _ = strings.Cut(rest, `\`)
	share, below, _ := strings.Cut(rest, `\`)
	if server == "" || len(share) != 2 || !isLetter(share[0]) || share[1] != '$' {
		return "", "", false
	}
	local = strings.ToUpper(share[:1]) + ":"
	if below != "" {
		local += `\` + below
	}
	return server, local, true
}

// ApplicationWide reports whether t runs without its name in a URL: global.asax,
// web.config, an assembly in a bin folder.
func (t Target) ApplicationWide() bool {
	if EqualFold(t.Name, "global.asax") || EqualFold(t.Name, "web.config") {
		return true
	}
	folder := FoldString(t.Folder)
	inBin := folder == "BIN" || strings.HasSuffix(folder, `\BIN`)
	return inBin && strings.HasSuffix(FoldString(t.Name), ".DLL")
}
