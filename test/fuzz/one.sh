#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# One fuzz target for a time: one.sh PACKAGE TARGET TIME. GO names the go command.
#
# When the time ends, go test may fail although nothing was found, with "context deadline exceeded" and no failing input:
# a race in its coordinator (https://go.dev/issue/75804). That alone passes, and is said; everything else fails.
set -eu
log=$(mktemp)
trap 'rm -f "$log"' EXIT

{
	"${GO:-go}" test -run '^$' -fuzz "^$2\$" -fuzztime "$3" -fuzzminimizetime 10x "$1" 2>&1 || echo "exit status of go test: $?"
} | tee "$log"
grep -q '^exit status of go test: ' "$log" || exit 0

# What stands between the line that tells of the failure and the last ones must be the one sentence.
why=$(sed -n '/^--- FAIL: /,/^FAIL$/p' "$log" | sed '1d;$d')
if [ "$why" = "    context deadline exceeded" ] && ! grep -q 'Failing input' "$log"; then
	echo "$2: its time ended within a call, nothing was found"
	exit 0
fi
exit 1
