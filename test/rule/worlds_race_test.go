// SPDX-License-Identifier: Apache-2.0

//go:build race

package rule

// defaultWorlds is how many random worlds a run of each test has: SQLite is ten to twenty times slower under the race detector.
const defaultWorlds = 40
