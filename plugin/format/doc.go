// SPDX-License-Identifier: Apache-2.0

// Package format writes detections as JSON: one object each, in the words of the product that will read it.
//
// Every format is an appender with a fixed order of keys, so that equal detections give equal bytes. Output is always
// valid UTF-8: each byte of a value that is not part of a valid encoding becomes U+FFFD. Nothing is decoded, and
// nothing is escaped that JSON does not ask for, save U+2028 and U+2029, which some readers take for line ends.
package format
