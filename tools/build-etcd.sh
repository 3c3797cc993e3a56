#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/build-etcd.sh OUTDIR
#
# Builds the etcd that kubeadm of the pinned Kubernetes release wants from its Go module, because distributions have an
# older one, and prints where it is: OUTDIR/etcd-VERSION. It is built once on a machine and kept in
# ${XDG_CACHE_HOME:-~/.cache}/jubelet. That takes up to three minutes and a Go (tools/go.sh).
#
# Exits 3, with the reason, where it cannot be built.
set -euo pipefail

# "kubeadm config images list" names it.
version=3.6.8

[[ $# == 1 ]] || {
    sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2
    exit 2
}
say() { echo "build-etcd.sh: $*" >&2; }
impossible() {
    say "no etcd: $*"
    exit 3
}

mkdir -p "$1"
out=$(cd "$1" && pwd -P)
built=$out/etcd-$version
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/jubelet
kept=$cache/etcd-$version-$(uname -m)

# A second call while etcd is being built waits and then finds it.
mkdir -p "$cache" || impossible "$cache cannot be made, where what was built is kept"
exec 9>"$cache/.lock-etcd"
flock 9
if [[ ! -x $kept ]]; then
    go=$("$(dirname "$0")/go.sh" "$(dirname "$0")/../build/go") || impossible "there is no Go to build it with (see above)"
    PATH=$(dirname "$go"):$PATH
    work=$(mktemp -d "$out/build.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    cd "$work"
    export GOFLAGS="${GOFLAGS:-} -mod=mod" GOWORK=off CGO_ENABLED=0
    # The program of the release is these lines, in a module that cannot be required.
    cat >main.go <<'GO'
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
GO
    {
        go mod init jubelet.invalid/etcd
        go mod edit -require="go.etcd.io/etcd/server/v3@v$version"
    } 2>/dev/null
    say "building etcd $version; this takes up to three minutes"
    go build -trimpath -ldflags "-s -w" -o etcd . >&2 || impossible "the build failed (see above)"
    mv etcd "$kept.new"
    mv "$kept.new" "$kept"
fi
if [[ ! -x $built ]]; then
    ln -f "$kept" "$built.new" 2>/dev/null || cp "$kept" "$built.new"
    mv "$built.new" "$built"
fi
echo "$built"
