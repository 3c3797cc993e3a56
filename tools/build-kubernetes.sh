#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/build-kubernetes.sh PROGRAM OUTDIR [RELEASE]
#
# Builds a program of Kubernetes (kubelet, kube-apiserver, kube-controller-manager, kube-scheduler, kubeadm, kubectl; of
# its tests e2e_node.test, agnhost and the ginkgo that runs them) from its Go module, and prints where it is:
# OUTDIR/PROGRAM-VERSION. A program whose source is beside this script (kubelet-settings, informers) is built with the
# module. RELEASE is 1.36, the default, or 1.37; the version of each is
# pinned. A program is built once on a machine and kept in ${XDG_CACHE_HOME:-~/.cache}/jubelet. The first of a release
# takes some minutes and each other one less than a minute; that needs a Go (tools/go.sh), 3 GB of disk for its caches,
# and its module proxy as configured.
#
# Exits 3, with the reason, where it cannot be built.
set -euo pipefail

usage() {
    sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2
    exit 2
}
[[ $# == 2 || $# == 3 ]] || usage
# Every release 1.x.y comes with the staging modules as 0.x.y.
case ${3:-1.36} in
1.36) version=1.36.3 ;;
1.37) version=1.37.2 ;;
*) usage ;;
esac
minor=${version#1.}
minor=${minor%.*}
program=$1
own=$(cd "$(dirname "$0")" && pwd -P)/$program.go
say() { echo "build-$program.sh: $*" >&2; }
impossible() {
    say "no $program: $*"
    exit 3
}

mkdir -p "$2"
out=$(cd "$2" && pwd -P)
built=$out/$program-$version
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/jubelet
kept=$cache/$program-$version-$(uname -m)
# A program from here is built again when its source has changed.
if [[ -r $own ]]; then
    source_hash=$(sha256sum "$own" | cut -c1-12)
    built=$built-$source_hash
    kept=$kept-$source_hash
fi

# A second call while the program is being built waits and then finds it.
mkdir -p "$cache" || impossible "$cache cannot be made, where what was built is kept"
exec 9>"$cache/.lock-$program"
flock 9
hand_out() { # FROM TO
    if [[ ! -x $2 ]]; then
        ln -f "$1" "$2.new" 2>/dev/null || cp "$1" "$2.new"
        mv "$2.new" "$2"
    fi
}
if [[ -x $built || -x $kept ]]; then
    [[ ! -x $built ]] || hand_out "$built" "$kept"
    hand_out "$kept" "$built"
    echo "$built"
    exit 0
fi
go=$("$(dirname "$0")/go.sh" "$(dirname "$0")/../build/go") || impossible "there is no Go to build it with (see above)"
PATH=$(dirname "$go"):$PATH

module=$out/module-$program-$version
rm -rf "$module"
mkdir "$module"
cd "$module"
export GOFLAGS="${GOFLAGS:-} -mod=mod" GOWORK=off
{
    go mod init "jubelet.invalid/$program"
    go mod edit -require="k8s.io/kubernetes@v$version"
} 2>/dev/null

# Kubernetes' go.mod replaces the staging modules by directories, which a module that requires it does not see.
source=$(go mod download -json "k8s.io/kubernetes@v$version" | sed -n 's/.*"GoMod": "\(.*\)".*/\1/p')
[[ -r $source ]] || impossible "the module proxy does not give k8s.io/kubernetes v$version"
sed -n 's|^\(replace\)\?[[:space:]]*\(k8s.io/[a-z-]*\) => ./staging/.*|\2|p' "$source" | while read -r staging; do
    go mod edit -replace="$staging=$staging@v0.${version#1.}"
done
# The release says which Go language version it is written for.
go mod edit -go="$(sed -n 's/^go //p' "$source")"
sed -n '/^godebug/,/^)/p' "$source" >>go.mod

build=(go build)
package=k8s.io/kubernetes/cmd/$program
case $program in
e2e_node.test)
    build=(go test -c)
    package=k8s.io/kubernetes/test/e2e_node
    ;;
agnhost)
    # It runs in an image without libraries.
    export CGO_ENABLED=0
    package=k8s.io/kubernetes/test/images/agnhost
    ;;
ginkgo) package=github.com/onsi/ginkgo/v2/ginkgo ;;
esac
if [[ -r $own ]]; then
    cp "$own" main.go
    package=.
fi

say "building the $program $version; this takes some minutes"
stamp=k8s.io/component-base/version
"${build[@]}" -trimpath -o "$built.new" \
    -ldflags "-s -w -X $stamp.gitVersion=v$version -X $stamp.gitMajor=1 -X $stamp.gitMinor=$minor" \
    "$package" >&2 || impossible "the build failed (see above)"
mv "$built.new" "$built"
hand_out "$built" "$kept"
rm -rf "$module"
echo "$built"
