// SPDX-License-Identifier: Apache-2.0

package source

import (
	"encoding/json"
	"testing"

	"webshell/plugin/chunk/chunktest"
)

// pairsOf makes the entries of a record from a JSON object, as Fluent Bit's json parser does; the keys are sorted.
func pairsOf(t *testing.T, text []byte) []any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return packable(m).(chunktest.Pairs)
}

func packable(v any) any {
	switch v := v.(type) {
	case map[string]any:
		pairs := chunktest.Pairs{}
		for _, k := range sortedKeys(v) {
			pairs = append(pairs, k, packable(v[k]))
		}
		return pairs
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = packable(v[i])
		}
		return list
	case float64:
		if v == float64(int64(v)) {
			return int64(v)
		}
	}
	return v
}
