#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/build-runc.sh OUTDIR
#
# Builds a runc of a pinned release from its Go module, and prints the directory it is in, to be put in front of PATH where
# a containerd is started: pods with user namespaces need runc 1.2 (mounts with mapped ids), and Debian 12 has 1.1. Where
# the system's own runc can map ids, its directory is printed. It takes a minute, a Go (tools/go.sh), a C compiler and
# pkg-config; the headers of libseccomp are those of the package of this distribution, unpacked and not installed.
#
# Exits 3, with the reason, where it cannot be built.
set -euo pipefail

version=1.3.3

[[ $# == 1 ]] || {
    sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2
    exit 2
}
say() { echo "build-runc.sh: $*" >&2; }
impossible() {
    say "no runc: $*"
    exit 3
}

maps_ids() { "$1" features 2>/dev/null | tr -d ' \n' | grep -q '"idmap":{"enabled":true}'; }

if system=$(command -v runc) && maps_ids "$system"; then
    dirname "$system"
    exit 0
fi

mkdir -p "$1"
out=$(cd "$1" && pwd -P)
bin=$out/runc-$version

# A second call while runc is being built waits and then finds it.
exec 9>"$out/.lock"
flock 9
if [[ -x $bin/runc ]]; then
    echo "$bin"
    exit 0
fi
for needed in cc pkg-config apt-get dpkg-deb; do
    command -v "$needed" >/dev/null || impossible "$needed is missing"
done
go=$("$(dirname "$0")/go.sh" "$(dirname "$0")/../build/go") || impossible "there is no Go to build it with (see above)"
PATH=$(dirname "$go"):$PATH

work=$(mktemp -d "$out/build.XXXXXX")
# The module cache is read-only, but none of it is here.
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download libseccomp-dev libseccomp2 >/dev/null 2>&1 || impossible "apt does not give libseccomp-dev"
for package in *.deb; do
    dpkg-deb -x "$package" root
done
pc=$(find "$work/root" -name libseccomp.pc -printf '%h\n' | head -n 1)
[[ -n $pc ]] || impossible "libseccomp-dev has no libseccomp.pc"

mkdir module
cd module
export GOFLAGS="${GOFLAGS:-} -mod=mod" GOWORK=off CGO_ENABLED=1
export PKG_CONFIG_PATH=$pc PKG_CONFIG_SYSROOT_DIR=$work/root
{
    go mod init jubelet.invalid/runc
    go mod edit -require="github.com/opencontainers/runc@v$version"
} 2>/dev/null
say "building runc $version; this takes a minute"
go build -trimpath -tags seccomp -ldflags "-s -w -X main.version=$version" -o "$work/runc" \
    github.com/opencontainers/runc >&2 || impossible "the build failed (see above)"
maps_ids "$work/runc" || impossible "what was built cannot map ids"
mkdir -p "$bin"
mv "$work/runc" "$bin/runc"
echo "$bin"
