#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sees to it that the cross compiler and Wine are there: installs Debian's packages when it may, else says what to do.
set -eu
compiler=$1
missing=
command -v "$compiler" >/dev/null || missing="gcc-mingw-w64-x86-64"
command -v wine >/dev/null || test -x /usr/lib/wine/wine64 || missing="$missing wine64"
test -n "$missing" || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
	echo "needed for Windows and not installed: $missing (Debian packages); install them, or run this as root" >&2
	exit 1
fi
echo "installing $missing ..." >&2
apt-get update -qq
# shellcheck disable=SC2086 # a list of packages
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
