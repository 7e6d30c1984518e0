// SPDX-License-Identifier: Apache-2.0

// Package rule holds the Sentinel rule in a second form, as SQL over the tables SecurityAlert and W3CIISLog, and runs
// it and the engine on the same random worlds. The SQL (rule.sql) follows the rule's own text and shares nothing with
// the engine: not its has_any, not its reading of Entities, not its windows. Under `matching kql` both must give the
// same rows at any moment; under `matching windows` the engine must find all of them.
//
//	go test ./rule                                more worlds: -count=10, or RULE_WORLDS=5000
//	RULE_SEED=123 RULE_WORLDS=1 go test ./rule    one world again; a failure names its seed and shrinks its steps
package rule
