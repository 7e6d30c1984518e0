// SPDX-License-Identifier: Apache-2.0

// Package iis reads what IIS on this server keeps on disk: its configuration, which tells the folder of a URL, and
// the files that ASP.NET leaves of a compiled page. It opens regular files of local disks, for reading only.
package iis
