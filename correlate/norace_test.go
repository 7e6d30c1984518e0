// SPDX-License-Identifier: Apache-2.0

//go:build !race

package correlate

// worlds divides the number of random worlds, which all are played here.
const worlds = 1
