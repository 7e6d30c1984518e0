// SPDX-License-Identifier: Apache-2.0

// Package deliver takes detections from the engine to the outputs: standard output, a rotated file, a Forward receiver.
//
// Put formats and queues, and never waits for an output. One goroutine an output takes batches from the queue and sends
// them, again and again until they are acknowledged: delivery is at least once, told apart by DetectionId and Revision.
// Each output has its own place in the queue, so a slow one holds up no other. What waits is bounded in bytes, all
// outputs together, with formatted lines shared between them. A newer revision takes the place of a waiting one. At the
// bound the output that holds most lets go: first of detections of which it already acknowledged a revision, then of
// the others, each oldest first. Every loss has a reason and a counter.
//
// The queue is an interface. The one here lives in memory and is gone with the process.
package deliver
