#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/build-kubelet.sh OUTDIR
#
# Builds the reference kubelet of a pinned release, as the peer in the benchmark, and prints where it is:
# OUTDIR/kubelet-VERSION. tools/build-kubernetes.sh says what that takes, and exits 3 with the reason where it cannot be.
#
#   KUBELET=$(tools/build-kubelet.sh build/kubelet) make bench
set -euo pipefail

[[ $# == 1 ]] || {
    sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2
    exit 2
}
exec "$(dirname "$0")/build-kubernetes.sh" kubelet "$1"
