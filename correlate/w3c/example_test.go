// SPDX-License-Identifier: Apache-2.0

package w3c_test

import (
	"bytes"
	"fmt"

	"webshell/correlate"
	"webshell/correlate/w3c"
)

// A log is read line by line; only lines whose URL is of interest are split.
func ExampleLine() {
	log := [][]byte{
		[]byte("#Software: Microsoft Internet Information Services 10.0"),
		[]byte("#Fields: date time cs-method cs-uri-stem c-ip sc-status"),
		[]byte("2026-03-02 10:00:07 GET /logo.png 203.0.113.7 200"),
		[]byte("2026-03-02 10:00:09 POST /up/shell.aspx 203.0.113.7 200"),
		[]byte("2026-02-30 10:00:09 POST /up/shell.aspx 203.0.113.7 200"),
	}
	columns := w3c.DefaultColumns(nil)
	var line w3c.Line
	var req correlate.Request
	for _, text := range log {
		switch w3c.Directive(text) {
		case w3c.KindFields:
			columns, _ = w3c.ParseFields(text, nil)
		case w3c.KindRequest:
			err := line.Peek(columns, text)
			if err == nil && bytes.HasSuffix(line.Stem, []byte(".aspx")) {
				err = line.Split(columns, &req)
				fmt.Printf("%s %s %s from %s\n", req.Time, req.Method, req.URIStem, req.ClientIP)
			}
			if err != nil {
				fmt.Println("refused:", w3c.Reason(err))
			}
		}
	}
	// Output:
	// 2026-03-02T10:00:09Z POST /up/shell.aspx from 203.0.113.7
	// refused: date
}
