// SPDX-License-Identifier: Apache-2.0

// Package source turns the events of a chunk into requests and alerts for the engine.
//
// A source is a tag and the value of path_key: one log file as Fluent Bit names it. For each one the package keeps
// which columns its lines have from which offset on, the lines that came before any #Fields: directive, and which
// lines were counted, so that a chunk that comes twice counts once (SPEC section 3).
//
// Nothing of a chunk is kept but by a copy that says so. The package writes nothing and opens files for reading only.
package source
