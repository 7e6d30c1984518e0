// SPDX-License-Identifier: Apache-2.0

// Package script knows which script a URL calls and which file an alert names.
//
// An attacker chooses the URL, and IIS decides which file that is. So a URL has
// Readings, each with what had to be undone to get there (By):
//
//	last segment             /up/shell.aspx                        exact
//	"+" as space             /my+shell.aspx                        exact
//	path info                /shell.aspx/x/y.png, /shell.aspx/     path_info
//	file before a .php       /logo.jpg/x.php                       php_path_info
//	cookieless segments      /(S(x))/shell.aspx, /she/(S(x))ll.aspx cookieless
//	";" parameters           /shell.jsp;j=1                        parameters
//	one more decoding        /%73hell.aspx                         encoded
//	"\", "//", dots          /up//x/../shell.aspx                  normalized
//	dots, spaces at the end  /shell.aspx.                          trailing
//	streams                  /shell.aspx::$DATA                    stream
//
// Letters' case, 8.3 aliases and names without an extension are the alert's to
// ask for: LookupKeys gives, for a file that an alert names (Targets), all names
// under which its URLs are filed, and Match says whether and how one is meant.
//
// HTTP.sys logs a URL that it has decoded once, a space as "+"; others log it
// raw. Nothing is decoded more than once here, and where the log does not tell,
// both readings are kept.
//
// All functions are pure and total: any bytes may come, none can make them fail
// or take more than linear time and memory.
package script
