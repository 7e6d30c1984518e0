#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# wine.sh PREFIX PROGRAM [ARGUMENT...] runs a Windows program under Wine with a prefix of its own, made at first use.
# wine.sh PREFIX wineboot only makes the prefix.
set -eu
mkdir -p "$1"
WINEPREFIX=$(cd "$1" && pwd)
shift
WINEARCH=win64
WINEDEBUG=-all
export WINEPREFIX WINEARCH WINEDEBUG
wine=$(command -v wine || echo /usr/lib/wine/wine64)
system=$WINEPREFIX/drive_c/windows/system32

# Go wants bcryptprimitives.dll, which Wine 8 lacks: the stand-in is built beside the plugin.
prepare() {
	echo "making a Wine prefix ..." >&2
	"$wine" wineboot --init >/dev/null 2>&1 || true
	"$(command -v wineserver || echo /usr/lib/wine/wineserver)" --wait || true
	test -d "$system" || { echo "Wine made no prefix in $WINEPREFIX" >&2; exit 1; }
}

test -d "$system" || prepare
test -e "$system/bcryptprimitives.dll" || cp "$WINEPREFIX/../bcryptprimitives.dll" "$system/"
test "$1" = wineboot || exec "$wine" "$@"
