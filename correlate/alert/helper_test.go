// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"encoding/json"
	"strconv"
)

// quote writes s as a JSON string.
func quote(s string) string {
	b, _ := json.Marshal(s) // a string always marshals
	return string(b)
}

// dump writes v for a failure's text.
func dump(v any) string {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func number(i int) string { return strconv.Itoa(i) }
