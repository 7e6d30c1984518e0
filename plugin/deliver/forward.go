// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"context"

	"webshell/plugin/deliver/forward"
)

// forwarder sends a batch as one chunk, which arrives whole or not at all.
type forwarder struct{ client *forward.Client }

// send waits for the acknowledgement of one receiver.
func (f forwarder) send(ctx context.Context, ds []Delivery) (int, error) {
	records := make([]forward.Record, len(ds))
	for i := range ds {
		records[i] = forward.Record{Time: ds[i].Item.Time.Time(), JSON: ds[i].Line()}
	}
	if err := f.client.Send(ctx, records); err != nil {
		return 0, err
	}
	return len(ds), nil
}

// close ends the connections.
func (f forwarder) close() error { return f.client.Close() }
