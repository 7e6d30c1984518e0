// SPDX-License-Identifier: Apache-2.0

// Package forward is a client of the Forward protocol, version 1, as Fluentd, Fluent Bit and the OpenTelemetry Collector
// receive it (fluentd wiki, Forward-Protocol-Specification-v1).
//
// A chunk goes out as PackedForward and is delivered when the receiver answers with its id. One chunk is on its way at a
// time. Receivers are tried in order of preference; one that failed is tried again later and later, and the client goes
// back to a preferred one between two chunks. A connection is kept until it fails, or until the receiver's HELO asks
// otherwise. Everything that is waited for has a deadline, and every answer a limit: a receiver may be slow, broken,
// something else altogether, or hostile.
//
// Why it is our own. IBM/fluent-forward-go v0.4.0 has the shared key and acknowledgements, but no user name and
// password in its PING, no deadline in its handshake and none on writes, reads strings of an answer at whatever length
// the receiver claims, has no list of receivers, and can't be told to stop while it waits. fluent/fluent-logger-golang
// v1.10.2 has acknowledgements and TLS, but no shared key and no user, of TLS only whether to verify, no compression, and
// a queue of its own, which drops what ours would keep. What is left once those are added is less than the adapters.
package forward
