#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Functions for scripts that build images without a registry; source this file. The same files give the same image ids.
# The caller sets:
#
#   build        a directory for what is needed only meanwhile
#   layout       the directory of the OCI image layout that is made
#
# shellcheck shell=bash disable=SC2154

case $(uname -m) in
x86_64) arch=amd64 ;;
aarch64) arch=arm64 ;;
*) arch=$(uname -m) ;;
esac
manifests=()

digest() { sha256sum "$1" | cut -d' ' -f1; }

# Puts a file into the layout's content store and prints its descriptor.
blob() { # FILE MEDIA_TYPE [MORE_JSON]
    local sum
    sum=$(digest "$1")
    mkdir -p "$layout/blobs/sha256"
    ln -f "$1" "$layout/blobs/sha256/$sum"
    printf '{"mediaType":"%s","digest":"sha256:%s","size":%d%s}' "$2" "$sum" "$(stat -c %s "$1")" "${3:-}"
}

layer() { # DIR FILE: a tar of the same bytes for the same files
    tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --format=gnu -C "$1" -cf "$2" .
}

# Adds an image of one or more layers. Its manifest stays in $build/manifest.json until the next image.
image() { # NAME CONFIG_JSON LAYER_FILE...
    local name=$1 settings=$2 config=$build/config.json manifest=$build/manifest.json file sums=() blobs=()
    shift 2
    for file; do
        sums+=("\"sha256:$(digest "$file")\"")
        blobs+=("$(blob "$file" application/vnd.oci.image.layer.v1.tar)")
    done
    local IFS=,
    rm -f "$config" "$manifest"
    printf '{"architecture":"%s","os":"linux","config":%s,"rootfs":{"type":"layers","diff_ids":[%s]}}' \
        "$arch" "$settings" "${sums[*]}" >"$config"
    printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":%s,"layers":[%s]}' \
        "$(blob "$config" application/vnd.oci.image.config.v1+json)" "${blobs[*]}" >"$manifest"
    manifests+=("$(blob "$manifest" application/vnd.oci.image.manifest.v1+json \
        ",\"platform\":{\"architecture\":\"$arch\",\"os\":\"linux\"},\"annotations\":{\"io.containerd.image.name\":\"$name\"}")")
}

# Writes an archive of all images that were added.
archive() { # FILE
    local IFS=,
    printf '{"imageLayoutVersion":"1.0.0"}' >"$layout/oci-layout"
    printf '{"schemaVersion":2,"manifests":[%s]}' "${manifests[*]}" >"$layout/index.json"
    layer "$layout" "$build/images.tar"
    mv "$build/images.tar" "$1"
}

# The program of busybox, which must need no shared libraries.
static_busybox() {
    local busybox
    busybox=$(command -v busybox) || {
        echo "busybox is missing: the images are made of it. Debian's package is busybox-static." >&2
        return 1
    }
    if LC_ALL=C ldd "$busybox" >/dev/null 2>&1; then
        echo "$busybox needs shared libraries, which an image of it alone lacks. Install the package busybox-static." >&2
        return 1
    fi
    echo "$busybox"
}

# Makes the root file system of an image with busybox and all of its applets.
busybox_root() { # BUSYBOX DIR
    mkdir -p "$2"/{bin,etc,home,proc,root,srv,sys,tmp,usr/bin,var/log,var/run}
    chmod 1777 "$2/tmp"
    cp "$1" "$2/bin/busybox"
    "$1" --list | while read -r applet; do
        [[ $applet == busybox ]] || ln -s busybox "$2/bin/$applet"
    done
    ln -s ../../bin/env "$2/usr/bin/env"
}
