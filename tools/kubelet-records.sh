#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/kubelet-records.sh [--check]
#
# Writes anew what the source of Kubernetes 1.36 declares, as the tests compare it with Jubelet:
#
#   status-1.36.txt     the fields of the status of a pod, and the conditions that the kubelet sets
#   reasons-1.36.txt    the reasons of the kubelet's events and rejections
#   texts-1.36.txt      the texts with which the kubelet says why it cannot run a pod or a container
#
# --check writes nothing, and fails where the files differ from the source.
#
# The files are in daemon/src/test/resources/kubelet. It takes a Go (tools/go.sh) and its module proxy as configured.
set -euo pipefail

version=1.36.3

cd "$(dirname "$0")/.."
dir=daemon/src/test/resources/kubelet
to=$dir
case ${1:-} in
'') ;;
--check)
    to=$(mktemp -d)
    trap 'rm -rf "$to"' EXIT
    ;;
*)
    sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2
    exit 2
    ;;
esac
go=$(tools/go.sh build/go)
module() { # PATH@VERSION
    (cd / && GOWORK=off "$go" mod download -json "$1") | sed -n 's/.*"Dir": "\(.*\)".*/\1/p'
}
api=$(module "k8s.io/api@v0.${version#1.}")
kubernetes=$(module "k8s.io/kubernetes@v$version")
records() {
    "$go" run tools/kubelet-records.go "$@"
}
records status "$api" "$kubernetes" >"$to/status-1.36.txt"
records reasons "$kubernetes" >"$to/reasons-1.36.txt"
records texts "$kubernetes" >"$to/texts-1.36.txt"
if [[ $to != "$dir" ]]; then
    diff -u "$dir/status-1.36.txt" "$to/status-1.36.txt"
    diff -u "$dir/reasons-1.36.txt" "$to/reasons-1.36.txt"
    diff -u "$dir/texts-1.36.txt" "$to/texts-1.36.txt"
    echo "kubelet-records.sh: the records of $version are right"
fi
