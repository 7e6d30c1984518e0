// SPDX-License-Identifier: Apache-2.0

package script

import "bytes"

// traits says what IIS does with files of an extension.
type traits uint8

const (
	listed     traits = 1 << iota // in the list of extensions
	static                        // served without a handler that takes path info
	php                           // run by PHP, which looks for a file in front of it
	parameters                    // run by an engine that cuts ";" and what follows
	friendly                      // reached by URLs without the extension too
)

// knownTraits is the fixed part: .js is a static file and server-side includes
// (.shtml, .shtm, .stm) take no path info (FACTS section 5).
var knownTraits = traitTable(map[traits][]string{
	static:                {"js", "shtml", "shtm", "stm"},
	php | friendly:        {"php", "php3", "php4", "php5", "php7", "pht", "phtml", "phar"},
	parameters | friendly: {"jsp", "jspx", "cfm", "cfml", "cfc"},
	friendly:              {"aspx", "ashx", "asmx", "asp", "svc", "xamlx", "cshtml", "vbhtml"},
})

func traitTable(groups map[traits][]string) map[uint64]traits {
	table := make(map[uint64]traits)
	for t, names := range groups {
		for _, name := range names {
			key, _ := word([]byte(name))
			table[key] = t
		}
	}
	return table
}

func traitsOf(key uint64) traits { return knownTraits[key] }

// extensionTraits returns the fixed traits of name's extension, listed or not.
func extensionTraits(name []byte) traits {
	dot := bytes.LastIndexByte(name, '.')
	key, n := word(name[dot+1:])
	if dot < 0 || n != len(name)-dot-1 {
		return 0
	}
	return traitsOf(key)
}

// runs reports whether a handler runs files with t, so that a URL may go on
// behind their name.
func (t traits) runs() bool { return t&(listed|static) == listed }
