// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package source

// nonBlocking is not needed: only regular files are opened, and Windows has no pipes among them.
const nonBlocking = 0
