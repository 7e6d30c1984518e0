// SPDX-License-Identifier: Apache-2.0

//go:build race

package correlate

// worlds divides the number of random worlds: the race detector makes each ten times as slow.
const worlds = 5
