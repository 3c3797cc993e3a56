#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/cri-api.sh DIR
#
# Prints the path of the published CRI v1 protocol, api.proto, as Debian packages it (golang-k8s-cri-api-dev): that of
# the system where the package is installed, else that of a newer Debian, unpacked into DIR and not installed: Debian
# 12 has no such package. Exits 3 with the reason where there is none to be had.
set -euo pipefail

[[ $# == 1 ]] || { sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
mkdir -p "$1"
dir=$(cd "$1" && pwd -P)
file=usr/share/gocode/src/k8s.io/cri-api/pkg/apis/runtime/v1/api.proto

if [[ ! -r /$file && ! -r $dir/$file ]]; then
    "$(dirname "$0")/newer-debian.sh" golang-k8s-cri-api-dev '^0\.' "$dir" test -r "$dir/$file"
fi
if [[ -r /$file ]]; then echo "/$file"; else echo "$dir/$file"; fi
