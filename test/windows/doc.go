// SPDX-License-Identifier: Apache-2.0

// Package windows proves what `matching windows` promises, on the engine and on the sources in front of it: every
// way to call a shell, every way to name it and its host, alone and in pairs, in both orders, with a near miss beside
// each that must not match (SPEC sections 2 and 3).
package windows
