#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/kubeadm-images.sh SOCKET PROGRAMS VERSION...
#
# Builds the images that kubeadm uses for these versions of Kubernetes (such as v1.36.3), without a registry or a network,
# and imports them into the containerd at SOCKET (namespace k8s.io), which tools/containerd.sh started and
# tools/images.sh filled. They have the names that "kubeadm config images list" prints.
#
# PROGRAMS is a directory with etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kubeadm. An image has one
# of them, with its shared libraries, whatever the version of its name. No cluster of a static-pod node runs kube-proxy and
# CoreDNS; those names are of an image of busybox.
set -euo pipefail

[[ $# -ge 3 ]] || {
    sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2
    exit 2
}
socket=${1#unix://}
programs=$(cd "$2" && pwd -P)
shift 2

state=$(dirname "$socket")
ctr=ctr
[[ ! -r $state/bin-dir ]] || ctr=$(<"$state/bin-dir")/ctr
[[ ! -r $state/snapshotter ]] || CONTAINERD_SNAPSHOTTER=$(<"$state/snapshotter")
export CONTAINERD_SNAPSHOTTER=${CONTAINERD_SNAPSHOTTER:-overlayfs}
case $(uname -m) in
x86_64) arch=amd64 ;;
aarch64) arch=arm64 ;;
*) arch=$(uname -m) ;;
esac

build=$(mktemp -d "$state/images.XXXXXX")
trap 'rm -rf "$build"' EXIT
umask 022
names=$(for version; do "$programs/kubeadm" config images list --kubernetes-version "$version" 2>/dev/null; done | sort -u)

named() { grep -E "/$1:" <<<"$names" | sed 's/.*/"&"/' | paste -sd ,; }

manifests=()
for program in etcd kube-apiserver kube-controller-manager kube-scheduler; do
    root=$build/root
    mkdir -p "$root/usr/local/bin" "$root/tmp" "$root/etc"
    chmod 1777 "$root/tmp"
    cp -L "$programs/$program" "$root/usr/local/bin/$program"
    # The loader and the libraries, at the places where the program looks for them; none for a static program.
    libraries=$(ldd "$programs/$program" 2>/dev/null | grep -oE '/[^ ]+' || true)
    for library in $libraries; do
        mkdir -p "$root$(dirname "$library")"
        cp -L "$library" "$root$library"
    done
    tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$root" -cf "$build/$program.tar" .
    rm -rf "$root"
    printf '{"architecture":"%s","os":"linux","config":{"Env":["PATH=/usr/local/bin"]},%s}' "$arch" \
        "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:$(sha256sum "$build/$program.tar" | cut -d' ' -f1)\"]}" \
        >"$build/$program.json"
    manifests+=("{\"Config\":\"$program.json\",\"RepoTags\":[$(named "$program")],\"Layers\":[\"$program.tar\"]}")
done
(
    IFS=,
    printf '[%s]' "${manifests[*]}" >"$build/manifest.json"
)
tar -C "$build" -cf - . | "$ctr" -a "$socket" -n k8s.io images import - >/dev/null

tag() { # SOURCE NAMES
    local name
    while read -r name; do
        [[ -z $name ]] || "$ctr" -a "$socket" -n k8s.io images tag --force "$1" "$name" >/dev/null
    done <<<"$2"
}
tag registry.local/pause:1 "$(grep -E '/pause:' <<<"$names" || true)"
tag docker.io/library/busybox:1 "$(grep -E '/(kube-proxy|coredns):' <<<"$names" || true)"
