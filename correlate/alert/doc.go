// SPDX-License-Identifier: Apache-2.0

// Package alert reads alert records: from what a decoder made of an event's body, or from JSON text, to
// correlate.Alert values. It knows the shapes by their own fields and needs no configuration to tell them apart.
//
// The shapes: a Sentinel SecurityAlert row and a Sentinel incident's entities, a Microsoft Graph alerts_v2 alert, a
// Defender for Endpoint API alert, a record of Defender XDR streaming, an event of Windows Defender or Sysmon as Fluent
// Bit's winevtlog input gives it, and the plain {"file": ...}. Under Options.KQL the rows of SecurityAlert are read to
// the letter of the Sentinel rule; the other shapes, which the rule does not know, are read as always.
//
// One record may hold one alert, an envelope of many ({"records":[...]}, {"value":[...]}, a bare array) or JSON
// text under a key, which may again hold any of these, several objects one after another included. What is read is
// a plain tree: map[string]any, []any, string, []byte, bool, numbers and nil, as encoding/json or msgpack make it.
//
// Records are hostile. Every text is cut or refused at a named length, every list at a named count, recursion ends
// at MaxDepth, and nothing that is emitted points into the record. A field of the wrong type counts as absent.
// Reading is deterministic: the same record gives the same alerts in the same order.
package alert
