// SPDX-License-Identifier: Apache-2.0

// Package sitemap knows which folder of the disk a folder of a URL is.
//
// IIS keeps its sites, applications and virtual directories in
// applicationHost.config (%windir%\System32\inetsrv\config). Parse reads its
// bytes; the package itself opens nothing. A Map then tells whether the folder
// that an alert names is the one that a URL called (Match), so that a shell
// called default.aspx is told from the real one.
//
// A URL's folder belongs to the application with the longest path that it
// begins with, and in there to the virtual directory with the longest one; what
// is left of it is a folder below the physical path. Letters' case does not
// matter, as NTFS has it.
//
// What the map can't see: web.config files (they may change default documents),
// links and mount points between folders, URL Rewrite. Exchange and SharePoint
// lie where their setup puts them, so their folders are known without a
// configuration too (Builtin).
//
// A Map is read-only once made: any number of readers may share it. Every
// function is total on any bytes, and takes time in proportion to its input and
// to the sites that it has to look at.
package sitemap
