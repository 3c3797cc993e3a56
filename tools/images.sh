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

# shellcheck source=tools/oci-layout.sh
. "$(dirname "$0")/oci-layout.sh"
busybox=$(static_busybox) || die "the images cannot be made"
pause=$(command -v catatonit || true)
if [[ -n $pause ]] && LC_ALL=C ldd "$pause" >/dev/null 2>&1; then pause=; fi

# The images depend on these files and on nothing else.
key=$(cat "$0" "$(dirname "$0")/oci-layout.sh" "$busybox" ${pause:+"$pause"} | sha256sum)
archive=$workdir/images-${key:0:16}.tar
if [[ ! -e $archive ]]; then
    echo "images.sh: building the example images from $busybox and ${pause:-busybox as pause process}"
    build=$(mktemp -d "$workdir/build.XXXXXX")
    trap 'rm -rf "$build"' EXIT
    umask 022
    layout=$build/layout root=$build/busybox
    busybox_root "$busybox" "$root"
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
    image registry.local/pause:1 "{\"Env\":[$path],$pause_config}" "$build/pause.tar"
    image docker.io/library/busybox:1 "{\"Env\":[$path],\"Cmd\":[\"sh\"]}" "$build/busybox.tar"
    image docker.io/library/busybox:2 "{\"Env\":[$path],\"Cmd\":[\"sh\"],\"Labels\":{\"version\":\"2\"}}" \
        "$build/busybox.tar"
    image docker.io/library/busybox:entrypoint \
        "{\"Env\":[$path,\"GREETING=hello\"],\"Entrypoint\":[\"echo\",\"entrypoint\"],\"Cmd\":[\"cmd\"],\"WorkingDir\":\"/srv\"}" \
        "$build/busybox.tar"
    image docker.io/library/busybox:user "{\"User\":\"1000:1000\",\"Env\":[$path],\"Cmd\":[\"sh\"]}" "$build/busybox.tar"
    image docker.io/library/busybox:named "{\"User\":\"user\",\"Env\":[$path],\"Cmd\":[\"sh\"]}" "$build/busybox.tar"

    archive "$archive"
fi

"$ctr" -a "$socket" -n k8s.io images import "$archive" >/dev/null
