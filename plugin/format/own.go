// SPDX-License-Identifier: Apache-2.0

package format

// idDigits is the length of a DetectionId, in hex digits.
const idDigits = 32

// ownMark says how the records of one format are told from anybody else's: a constant of ours at one path, and a
// DetectionId at another.
type ownMark struct {
	constant []string // path of the constant
	value    string   // what stands there
	id       []string // path of the DetectionId
}

// ownMarks has one entry a format. Both paths must fit: a record that merely quotes our rule is not ours.
var ownMarks = [...]ownMark{
	{constant: []string{"RuleId"}, value: RuleID, id: []string{"DetectionId"}},                               // sentinel
	{constant: []string{"observer", "product"}, value: product, id: []string{"webshell", "detection_id"}},    // ecs
	{constant: []string{"metadata", "product", "name"}, value: product, id: []string{"finding_info", "uid"}}, // ocsf
	{constant: []string{"EventProduct"}, value: product, id: []string{"EventUid"}},                           // asim
}

// IsOwn reports whether a record is a detection of this product that came back (SPEC section 3), in any format and
// whatever its tag. get returns the string at a path of keys, and false where there is none or it is no string.
func IsOwn(get func(path ...string) (string, bool)) bool {
	for i := range ownMarks {
		m := &ownMarks[i]
		if v, ok := get(m.constant...); !ok || v != m.value {
			continue
		}
		if id, ok := get(m.id...); ok && isID(id) {
			return true
		}
	}
	return false
}

// isID reports whether s looks like a DetectionId.
func isID(s string) bool {
	if len(s) != idDigits {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
