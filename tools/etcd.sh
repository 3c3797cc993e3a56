#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/etcd.sh DIR
#
# Prints the path of an etcd of 3.5 or newer, which a kube-apiserver keeps its objects in: that of the system where it
# is new enough, else that of a newer Debian (or Ubuntu), unpacked into DIR and not installed. Exits 3 with the reason
# where there is none to be had.
set -euo pipefail

[[ $# == 1 ]] || { sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
mkdir -p "$1"
dir=$(cd "$1" && pwd -P)
etcd=$dir/usr/bin/etcd

new_enough() {
    local version
    version=$("$1" --version 2>/dev/null) && [[ $version =~ etcd\ Version:\ (3\.([5-9]|[1-9][0-9])|[4-9]) ]]
}

if installed=$(command -v etcd) && new_enough "$installed"; then
    echo "$installed"
    exit 0
fi
new_enough "$etcd" || "$(dirname "$0")/newer-debian.sh" etcd-server '^(3\.([5-9]|[1-9][0-9])|[4-9])' "$dir" "$etcd" --version
new_enough "$etcd" || { echo "etcd: $etcd does not run here, or is too old" >&2; exit 3; }
echo "$etcd"
