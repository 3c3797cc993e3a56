#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/go.sh DIR
#
# Prints the path of a Go that builds the pinned Kubernetes: that of the system where it is new enough, else that of a
# newer Debian (or Ubuntu), unpacked into DIR and not installed. Exits 3 with the reason where there is none to be had.
set -euo pipefail

wanted=1.26

[[ $# == 1 ]] || { sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
mkdir -p "$1"
dir=$(cd "$1" && pwd -P)
root=$dir/go/usr/lib/go-$wanted

new_enough() {
    local version
    version=$(GOTOOLCHAIN=local "$1" version 2>/dev/null) && [[ $version =~ \ go([0-9.]+) ]] &&
        [[ $(printf '%s\n' "$wanted" "${BASH_REMATCH[1]}" | sort -V | head -n 1) == "$wanted" ]]
}

for go in "$(command -v go || true)" /usr/local/go/bin/go "$root/bin/go"; do
    if [[ -n $go ]] && new_enough "$go"; then
        echo "$go"
        exit 0
    fi
done

# The compiler and the standard library are packages of their own, which find each other in one tree.
newer=$(cd "$(dirname "$0")" && pwd -P)/newer-debian.sh
"$newer" "golang-$wanted-src" "^${wanted//./\\.}" "$dir/src"
"$newer" "golang-$wanted-go" "^${wanted//./\\.}" "$dir/go"
cp -a "$dir/src/usr/share/." "$dir/go/usr/share/"
rm -rf "$dir/src"
new_enough "$root/bin/go" || { echo "go: $root/bin/go does not run here" >&2; exit 3; }
echo "$root/bin/go"
