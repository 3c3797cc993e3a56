#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/containerd2.sh DIR
#
# Gets a containerd 2.x, which has GetContainerEvents, beside the containerd of the system: the package of a newer
# Debian (or Ubuntu), unpacked into DIR and not installed. Prints the directory of its programs, which
# tools/containerd.sh takes as BIN_DIR. What DIR already has is used again. It runs with the system's runc. Exits 3 with
# the reason where that is impossible.
set -euo pipefail

[[ $# == 1 ]] || { sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
mkdir -p "$1"
dir=$(cd "$1" && pwd -P)
bin=$dir/usr/bin

runs() {
    local version
    [[ -x $bin/containerd ]] && version=$("$bin/containerd" --version 2>&1) && [[ $version =~ \ v?2\.[0-9]+ ]]
}

if runs; then
    echo "$bin"
    exit 0
fi
if version=$(containerd --version 2>/dev/null) && [[ $version =~ \ v?2\.[0-9]+ ]]; then
    dirname "$(command -v containerd)"
    exit 0
fi

if ! command -v runc >/dev/null; then
    echo "containerd2: runc is missing" >&2
    exit 3
fi
tools=$(cd "$(dirname "$0")" && pwd -P)
"$tools/newer-debian.sh" containerd '^([0-9]+:)?2\.' "$dir" "$bin/containerd" --version
runs || { echo "containerd2: $bin/containerd is no containerd 2.x" >&2; exit 3; }
echo "$bin"
