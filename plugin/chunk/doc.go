// SPDX-License-Identifier: Apache-2.0

// Package chunk walks the msgpack buffer that one Fluent Bit flush hands to an output.
package chunk
