#!/usr/bin/env bash
# Usage: tools/build-kube-apiserver.sh OUTDIR
#
# Builds the API server of the same release as the reference kubelet, as the oracle of what a valid Pod is, and prints
# where it is: OUTDIR/kube-apiserver-VERSION. tools/build-kubernetes.sh says what that takes, and exits 3 with the reason
# where it cannot be.
set -euo pipefail

[[ $# == 1 ]] || {
    sed -n '2,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2
    exit 2
}
exec "$(dirname "$0")/build-kubernetes.sh" kube-apiserver "$1"
