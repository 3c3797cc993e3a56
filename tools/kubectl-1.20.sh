#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/kubectl-1.20.sh DIR
#
# Prints the path of a kubectl 1.20, the one of Debian 12: that of the system where it is this version, else that of the
# package kubernetes-client, unpacked into DIR and not installed. Exits 3 with the reason where there is none to be had.
set -euo pipefail

[[ $# == 1 ]] || { sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
mkdir -p "$1"
dir=$(cd "$1" && pwd -P)
kubectl=$dir/usr/bin/kubectl

is_1_20() {
    local version
    version=$("$1" version --client --short 2>/dev/null) && [[ $version == *" v1.20."* ]]
}

if installed=$(command -v kubectl) && is_1_20 "$installed"; then
    echo "$installed"
    exit 0
fi
if ! is_1_20 "$kubectl"; then
    if ! (cd "$dir" && apt-get download 'kubernetes-client=1.20.*' >"$dir/log" 2>&1); then
        echo "kubectl-1.20: the package kubernetes-client of Debian 12 cannot be had: $(tail -n 1 "$dir/log")" >&2
        exit 3
    fi
    dpkg-deb -x "$dir"/kubernetes-client_*.deb "$dir"
    rm -f "$dir"/kubernetes-client_*.deb
fi
is_1_20 "$kubectl" || { echo "kubectl-1.20: $kubectl does not run here, or is another version" >&2; exit 3; }
echo "$kubectl"
