#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/images.sh SOCKET WORKDIR
#
# Builds the images that examples and tests use, without a registry or a network, and imports them into the
# containerd at SOCKET (namespace k8s.io), which tools/containerd.sh started. Builds are kept in WORKDIR. The same
# programs give the same image ids.
#
#   registry.local/pause:1                    what a sandbox runs: catatonit -P
#   docker.io/library/busybox:1               busybox, all applets, CMD sh
#   docker.io/library/busybox:2               the same files under another image id: "the new version"
#   docker.io/library/busybox:entrypoint      ENTRYPOINT echo entrypoint, CMD cmd, ENV GREETING=hello, WORKDIR /srv
#   docker.io/library/busybox:user            USER 1000:1000
#   docker.io/library/busybox:named           USER user, who is 1000 and of the group 3000 as well
set -euo pipefail

die() {
    echo "images.sh: $*" >&2
    exit 1
}

[[ $# == 2 ]] || {
    sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2
    exit 2
}
socket=${1#unix://}
mkdir -p "$2"
workdir=$(cd "$2" && pwd -P)

state=$(dirname "$socket")
ctr=ctr
[[ ! -r $state/bin-dir ]] || ctr=$(<"$state/bin-dir")/ctr
[[ ! -r $state/snapshotter ]] || CONTAINERD_SNAPSHOTTER=$(<"$state/snapshotter")
export CONTAINERD_SNAPSHOTTER=${CONTAINERD_SNAPSHOTTER:-overlayfs}

busybox=$(command -v busybox) || die "busybox is missing: the images are made of it. Debian's package is busybox-static."
if LC_ALL=C ldd "$busybox" >/dev/null 2>&1; then
    die "$busybox needs shared libraries, which an image of it alone lacks. Install the package busybox-static."
fi
pause=$(command -v catatonit || true)
if [[ -n $pause ]] && LC_ALL=C ldd "$pause" >/dev/null 2>&1; then pause=; fi

case $(uname -m) in
x86_64) arch=amd64 ;;
aarch64) arch=arm64 ;;
*) arch=$(uname -m) ;;
esac

digest() { sha256sum "$1" | cut -d' ' -f1; }

# Puts a file into the layout's content store and prints its descriptor.
blob() { # FILE MEDIA_TYPE [MORE_JSON]
    local sum
    sum=$(digest "$1")
    ln -f "$1" "$layout/blobs/sha256/$sum"
    printf '{"mediaType":"%s","digest":"sha256:%s","size":%d%s}' "$2" "$sum" "$(stat -c %s "$1")" "${3:-}"
}

layer() { # DIR FILE: a tar of the same bytes for the same files
    tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --format=gnu -C "$1" -cf "$2" .
}

image() { # NAME LAYER_FILE CONFIG_JSON
    local config layer_blob config_blob manifest
    config=$build/config.json manifest=$build/manifest.json
    printf '{"architecture":"%s","os":"linux","config":%s,"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
        "$arch" "$3" "$(digest "$2")" >"$config"
    layer_blob=$(blob "$2" application/vnd.oci.image.layer.v1.tar)
    config_blob=$(blob "$config" application/vnd.oci.image.config.v1+json)
    printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":%s,"layers":[%s]}' \
        "$config_blob" "$layer_blob" >"$manifest"
    manifests+=("$(blob "$manifest" application/vnd.oci.image.manifest.v1+json \
        ",\"platform\":{\"architecture\":\"$arch\",\"os\":\"linux\"},\"annotations\":{\"io.containerd.image.name\":\"$1\"}")")
    rm -f "$config" "$manifest"
}

# The images depend on these files and on nothing else.
key=$(cat "$0" "$busybox" ${pause:+"$pause"} | sha256sum)
archive=$workdir/images-${key:0:16}.tar
if [[ ! -e $archive ]]; then
    echo "images.sh: building the example images from $busybox and ${pause:-busybox as pause process}"
    build=$(mktemp -d "$workdir/build.XXXXXX")
    trap 'rm -rf "$build"' EXIT
    umask 022
    layout=$build/layout root=$build/busybox
    mkdir -p "$layout/blobs/sha256" "$root"/{bin,etc,home,proc,root,srv,sys,tmp,usr/bin,var/log,var/run}
    chmod 1777 "$root/tmp"
    cp "$busybox" "$root/bin/busybox"
    "$busybox" --list | while read -r applet; do
        [[ $applet == busybox ]] || ln -s busybox "$root/bin/$applet"
    done
    ln -s ../../bin/env "$root/usr/bin/env"
    printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'user:x:1000:1000:user:/home:/bin/sh' \
        'nobody:x:65534:65534:nobody:/:/bin/false' >"$root/etc/passwd"
    printf '%s\n' root:x:0: user:x:1000: also:x:3000:user nogroup:x:65534: >"$root/etc/group"
    layer "$root" "$build/busybox.tar"

    mkdir "$build/pause"
    if [[ -n $pause ]]; then
        cp "$pause" "$build/pause/pause"
        layer "$build/pause" "$build/pause.tar"
        pause_config='"Entrypoint":["/pause","-P"]'
    else
        cp "$build/busybox.tar" "$build/pause.tar"
        pause_config='"Entrypoint":["/bin/sh","-c","trap exit TERM INT; while :; do sleep 3600 & wait $!; done"]'
    fi

    path='"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"'
    manifests=()
    image registry.local/pause:1 "$build/pause.tar" "{\"Env\":[$path],$pause_config}"
    image docker.io/library/busybox:1 "$build/busybox.tar" "{\"Env\":[$path],\"Cmd\":[\"sh\"]}"
    image docker.io/library/busybox:2 "$build/busybox.tar" \
        "{\"Env\":[$path],\"Cmd\":[\"sh\"],\"Labels\":{\"version\":\"2\"}}"
    image docker.io/library/busybox:entrypoint "$build/busybox.tar" \
        "{\"Env\":[$path,\"GREETING=hello\"],\"Entrypoint\":[\"echo\",\"entrypoint\"],\"Cmd\":[\"cmd\"],\"WorkingDir\":\"/srv\"}"
    image docker.io/library/busybox:user "$build/busybox.tar" "{\"User\":\"1000:1000\",\"Env\":[$path],\"Cmd\":[\"sh\"]}"
    image docker.io/library/busybox:named "$build/busybox.tar" "{\"User\":\"user\",\"Env\":[$path],\"Cmd\":[\"sh\"]}"

    printf '{"imageLayoutVersion":"1.0.0"}' >"$layout/oci-layout"
    (
        IFS=,
        printf '{"schemaVersion":2,"manifests":[%s]}' "${manifests[*]}" >"$layout/index.json"
    )
    layer "$layout" "$build/images.tar"
    mv "$build/images.tar" "$archive"
fi

"$ctr" -a "$socket" -n k8s.io images import "$archive" >/dev/null
