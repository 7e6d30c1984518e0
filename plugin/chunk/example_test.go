// SPDX-License-Identifier: Apache-2.0

package chunk_test

import (
	"fmt"

	"webshell/plugin/chunk"
	"webshell/plugin/chunk/chunktest"
)

func ExampleReader() {
	whole := chunktest.Tail("u_ex260302.log", 70033, "GET /up/shell.aspx")
	cut := whole[:len(whole)-5]

	var r chunk.Reader
	var key []byte
	var val chunk.Value
	r.Reset(chunktest.Chunk(whole, cut), chunk.Limits{})
	for ev, ok := r.Next(); ok; ev, ok = r.Next() {
		for it := ev.Body.Iter(); it.Next(&key, &val); {
			if n, ok := val.Int(); ok {
				fmt.Printf("%s=%d\n", key, n)
			} else {
				fmt.Printf("%s=%q\n", key, val.Bytes())
			}
		}
	}
	fmt.Println(r.Err())
	// Output:
	// path="u_ex260302.log"
	// offset=70033
	// log="GET /up/shell.aspx"
	// event 1 at offset 85: data ends inside a value
}
