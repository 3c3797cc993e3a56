#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/build-crictl.sh OUTDIR
#
# Builds crictl, which the benchmark compares "jubelet exec" with, from its Go module, and prints where it is:
# OUTDIR/crictl-VERSION. It is built once on a machine and kept in ${XDG_CACHE_HOME:-~/.cache}/jubelet. That takes some
# minutes and a Go (tools/go.sh).
#
# Exits 3, with the reason, where it cannot be built.
set -euo pipefail

version=1.37.0

[[ $# == 1 ]] || {
    sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2
    exit 2
}
say() { echo "build-crictl.sh: $*" >&2; }
impossible() {
    say "no crictl: $*"
    exit 3
}

mkdir -p "$1"
out=$(cd "$1" && pwd -P)
built=$out/crictl-$version
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/jubelet
kept=$cache/crictl-$version-$(uname -m)

# A second call while it is being built waits and then finds it.
mkdir -p "$cache" || impossible "$cache cannot be made, where what was built is kept"
exec 9>"$cache/.lock-crictl"
flock 9
if [[ ! -x $kept ]]; then
    go=$("$(dirname "$0")/go.sh" "$(dirname "$0")/../build/go") || impossible "there is no Go to build it with (see above)"
    PATH=$(dirname "$go"):$PATH
    work=$(mktemp -d "$out/build.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    export GOBIN=$work GOWORK=off CGO_ENABLED=0
    say "building crictl $version; this takes some minutes"
    go install -trimpath -ldflags "-s -w -X sigs.k8s.io/cri-tools/pkg/version.Version=v$version" \
        "sigs.k8s.io/cri-tools/cmd/crictl@v$version" >&2 || impossible "the build failed (see above)"
    mv "$work/crictl" "$kept.new"
    mv "$kept.new" "$kept"
fi
if [[ ! -x $built ]]; then
    ln -f "$kept" "$built.new" 2>/dev/null || cp "$kept" "$built.new"
    mv "$built.new" "$built"
fi
echo "$built"
