// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package source

import "testing"

// specialFiles are the devices that Windows has in every folder.
func specialFiles(t *testing.T) []string { return []string{"NUL", `C:\CON`, "COM1", `C:\LPT1.log`} }
