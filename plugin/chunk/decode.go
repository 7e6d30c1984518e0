// SPDX-License-Identifier: Apache-2.0

package chunk

import (
	"bytes"
	"fmt"
	"io"
	"math"

	"github.com/vmihailenco/msgpack/v5"
)

// Bounds on a value that is decoded whole. Decode is for alerts: some kilobytes,
// rarely megabytes in one envelope.
const (
	DefaultDecodeBytes  = 16 << 20
	DefaultDecodeValues = 1 << 17 // at most some 100 bytes of Go memory each beside the text
)

// DecodeLimits bound Decode; a zero field means its default.
type DecodeLimits struct {
	Depth  int // maps and arrays inside each other; 1 to MaxDepth
	Values int // values in all, keys counted
	Bytes  int // encoded size
}

func (l DecodeLimits) withDefaults() DecodeLimits {
	if l.Depth <= 0 || l.Depth > MaxDepth {
		l.Depth = MaxDepth
	}
	if l.Values <= 0 {
		l.Values = DefaultDecodeValues
	}
	if l.Bytes <= 0 {
		l.Bytes = DefaultDecodeBytes
	}
	return l
}

// Decode gives v as Go values that share no memory with the chunk:
// map[string]any, []any, string (of strings and binaries, bytes as they are),
// int64, uint64 (only above 1<<63-1), float64, bool and nil. An ext value is nil.
// Of entries with one key the last counts; entries whose key is no text are left
// out. Nothing is decoded of a value beyond a limit (ErrTooLarge, ErrTooDeep) or
// of one that is not whole (ErrTruncated, ErrMalformed).
func Decode(v Value, lim DecodeLimits) (any, error) {
	lim = lim.withDefaults()
	if len(v.Raw) > lim.Bytes {
		return nil, fmt.Errorf("value of %d bytes, limit %d: %w", len(v.Raw), lim.Bytes, ErrTooLarge)
	}
	values := int64(lim.Values)
	_, f := walk(v.Raw, 0, &bounds{depth: lim.Depth, count: values, values: values})
	switch f {
	case faultNone:
		return newDecoder(v.Raw).value()
	case faultDepth:
		return nil, fmt.Errorf("value of depth above %d: %w", lim.Depth, ErrTooDeep)
	case faultSize:
		return nil, fmt.Errorf("value of more than %d parts: %w", lim.Values, ErrTooLarge)
	}
	return nil, f.err()
}

// decoder decodes a value that walk has passed: it is whole, and its depth
// bounds the recursion, its counts what is made.
type decoder struct {
	src *bytes.Reader // read by dec without a buffer between them
	dec *msgpack.Decoder
}

func newDecoder(raw []byte) *decoder {
	src := bytes.NewReader(raw)
	return &decoder{src: src, dec: msgpack.NewDecoder(src)}
}

func (d *decoder) value() (any, error) {
	c, err := d.dec.PeekCode()
	if err != nil {
		return nil, err
	}
	switch codes[c].kind {
	case Nil:
		return nil, d.dec.DecodeNil()
	case Bool:
		return d.dec.DecodeBool()
	case Int:
		return d.dec.DecodeInt64()
	case Uint:
		return d.unsigned()
	case Float:
		return d.dec.DecodeFloat64()
	case String, Binary:
		return d.dec.DecodeString()
	case Ext:
		return nil, d.skipExt()
	case ArrayKind:
		return d.array()
	case MapKind:
		return d.object()
	}
	return nil, ErrMalformed
}

func (d *decoder) unsigned() (any, error) {
	u, err := d.dec.DecodeUint64()
	if u > math.MaxInt64 {
		return u, err
	}
	return int64(u), err
}

// skipExt leaves out the content: the package's ext registry is one for the
// whole process, so it is not ours to use.
func (d *decoder) skipExt() error {
	_, n, err := d.dec.DecodeExtHeader()
	if err != nil {
		return err
	}
	_, err = d.src.Seek(int64(n), io.SeekCurrent)
	return err
}

func (d *decoder) array() (any, error) {
	n, err := d.dec.DecodeArrayLen()
	if err != nil {
		return nil, err
	}
	list := make([]any, 0, n)
	for range n {
		v, err := d.value()
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

func (d *decoder) object() (any, error) {
	n, err := d.dec.DecodeMapLen()
	if err != nil {
		return nil, err
	}
	object := make(map[string]any, n)
	for range n {
		c, err := d.dec.PeekCode()
		if err != nil {
			return nil, err
		}
		key, err := d.value()
		if err != nil {
			return nil, err
		}
		val, err := d.value()
		if err != nil {
			return nil, err
		}
		if kind := codes[c].kind; kind == String || kind == Binary {
			object[key.(string)] = val
		}
	}
	return object, nil
}
