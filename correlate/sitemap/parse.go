// SPDX-License-Identifier: Apache-2.0

package sitemap

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

// The bounds of a configuration. A file of IIS itself has some 50 KB and 1000
// elements; a host of 10 000 sites needs about 5 MB.
const (
	// MaxConfigBytes is the largest configuration that Parse takes.
	MaxConfigBytes = 16 << 20
	// maxDepth of elements: IIS's own sections go to about ten.
	maxDepth = 64
	// maxElements of the file, known or not.
	maxElements = 1 << 20
	// maxKept bounds the sites, applications, virtual directories, locations and
	// changes of default documents together, which all cost memory.
	maxKept = 1 << 17
	// maxKeptBytes bounds the text of what is kept, variables expanded.
	maxKeptBytes = 8 << 20
	// maxPathBytes of one path, expanded: Windows takes 260 characters there.
	maxPathBytes = 4096
)

// Why Parse refuses a configuration; a ParseError has the line.
var (
	ErrTooLarge  = fmt.Errorf("more than %d bytes", MaxConfigBytes)
	ErrTooDeep   = fmt.Errorf("elements nested more than %d deep", maxDepth)
	ErrTooMany   = errors.New("too many elements")
	ErrTooLong   = errors.New("paths too long")
	ErrDirective = errors.New("a document type: IIS has none in its configuration")
	ErrNoSites   = errors.New("no site: want an applicationHost.config")
)

// ParseError says where in a configuration something is wrong.
type ParseError struct {
	Line int // from 1; 0 for the file as a whole
	Err  error
}

// Error implements error.
func (e *ParseError) Error() string {
	if e.Line == 0 {
		return e.Err.Error()
	}
	return fmt.Sprintf("line %d: %v", e.Line, e.Err)
}

// Unwrap returns why.
func (e *ParseError) Unwrap() error { return e.Err }

// Parse reads an applicationHost.config, in UTF-8 or UTF-16. env gives the value
// of a variable ("SystemDrive", case as in the file) or "" if it is not set; nil
// for a configuration of another machine. A folder that begins with a variable
// which is not known is compared by its trailing parts; the system's own
// variables have their usual values then, with any drive letter.
//
// Elements that it does not know are skipped. A file that is cut off, that is not
// well-formed, that has a document type or passes the bounds is refused whole, with
// a *ParseError.
func Parse(config []byte, env func(name string) string) (*Map, error) {
	if len(config) > MaxConfigBytes {
		return nil, &ParseError{Err: ErrTooLarge}
	}
	p := newParser(env)
	decoder := xml.NewDecoder(bytes.NewReader(toUTF8(config)))
	decoder.CharsetReader = charset
	if err := p.read(decoder); err != nil {
		line, _ := decoder.InputPos()
		return nil, &ParseError{Line: line, Err: unposition(err)}
	}
	if len(p.m.sites) == 0 {
		return nil, &ParseError{Err: ErrNoSites}
	}
	p.finish()
	return p.m, nil
}

// unposition takes the line off an error of the decoder; ParseError has it.
func unposition(err error) error {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		return errors.New(syntax.Msg)
	}
	return err
}

// read takes one token after the other, never a tree: what is not known is gone
// at once.
func (p *parser) read(decoder *xml.Decoder) error {
	for elements := 0; ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if elements++; elements > maxElements {
				return ErrTooMany
			}
			err = p.start(token)
		case xml.EndElement:
			p.end()
		case xml.Directive:
			err = ErrDirective
		}
		if err != nil {
			return err
		}
	}
}
