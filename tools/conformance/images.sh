#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/conformance/images.sh OUT AGNHOST
#
# Builds the images that the node suite uses, under the names that it gives them, without a registry or a network, and
# writes them to OUT/images.tar. Nothing is done if that is up to date. AGNHOST is the program of the suite's own image,
# a static one. The rest is made of Debian's busybox, bash and catatonit:
#
#   registry.k8s.io/pause:3.10.2                        catatonit -P
#   registry.k8s.io/e2e-test-images/busybox:1.37.0-1    busybox, bash as sh, and stand-ins (front/standin)
#   registry.k8s.io/e2e-test-images/agnhost:2.63.0      the same with AGNHOST, its users, certificate and registry
#   registry.k8s.io/e2e-test-images/agnhost:2.55        the same, as the previous version
#   registry.k8s.io/e2e-test-images/nonewprivs:1.4      AGNHOST with the setuid bit, so that it runs as root
#   registry.k8s.io/e2e-test-images/kitten:1.8          files for image volumes
#   registry.k8s.io/e2e-test-images/nginx:1.15-4        the files of busybox, running until they are stopped
#   registry.k8s.io/e2e-test-images/nginx:1.27-0        the same, as another version
#   and ipc-utils:1.4, nonroot:1.5 (user 1234) and glibc-dns-testing:2.0.0, which are busybox again
#
# bash is sh, because busybox's own passes no variables with dashes in their names on.
set -euo pipefail

die() {
    echo "images.sh: $*" >&2
    exit 1
}
[[ $# == 2 ]] || {
    sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2
    exit 2
}
mkdir -p "$1"
out=$(cd "$1" && pwd -P) agnhost=$2 here=$(cd "$(dirname "$0")" && pwd -P)
[[ -x $agnhost ]] || die "there is no program $agnhost"

# shellcheck source=tools/oci-layout.sh
. "$here/../oci-layout.sh"
busybox=$(static_busybox) || exit 1
bash=$(command -v bash-static) || die "bash-static is missing; Debian's package has the same name"
pause=$(command -v catatonit) || die "catatonit is missing; Debian's package has the same name"

key=$(cat "$0" "$here/../oci-layout.sh" "$here"/front/go.* "$here"/front/standin/*.go "$busybox" "$bash" "$pause" "$agnhost" | sha256sum)
if [[ -e $out/images.tar && $(cat "$out/images.key" 2>/dev/null) == "$key" ]]; then exit 0; fi

go=$("$here/../go.sh" "$here/../../build/go") || die "there is no Go to build the stand-ins with (see above)"
build=$(mktemp -d "$out/build.XXXXXX")
trap 'rm -rf "$build"' EXIT
umask 022
layout=$build/layout

# --- layers

base=$build/base
busybox_root "$busybox" "$base"
mkdir "$base/mnt"
cp "$bash" "$base/bin/bash"
ln -sf bash "$base/bin/sh"
(cd "$here/front" && GOWORK=off CGO_ENABLED=0 "$go" build -trimpath -ldflags '-s -w' -o "$base/bin/standin" ./standin)
for name in nmeter curl nc; do
    ln -sf standin "$base/bin/$name"
done
printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'user-defined-in-image:x:1000:1000::/home:/bin/sh' \
    'nobody:x:65534:65534:nobody:/:/bin/false' >"$base/etc/passwd"
printf '%s\n' root:x:0: user-defined-in-image:x:1000: group-defined-in-image:x:50000:user-defined-in-image \
    nogroup:x:65534: >"$base/etc/group"
echo 'hosts: files dns' >"$base/etc/nsswitch.conf"
# The spec of image volumes looks for the system of the suite's own images.
printf '%s\n' 'NAME="Alpine Linux"' 'ID=alpine' >"$base/etc/os-release"
layer "$base" "$build/base.tar"

mkdir "$build/pause"
cp "$pause" "$build/pause/pause"
layer "$build/pause" "$build/pause.tar"

mkdir "$build/kitten"
echo '{"image": "kitten.jpg"}' >"$build/kitten/data.json"
layer "$build/kitten" "$build/kitten.tar"

mkdir "$build/setuid"
cp "$agnhost" "$build/setuid/agnhost"
chmod 4755 "$build/setuid/agnhost"
layer "$build/setuid" "$build/setuid.tar"

# --- images

e2e=registry.k8s.io/e2e-test-images
environment='"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]'
loop='["sh","-c","trap \"exit 0\" TERM; while :; do sleep 1 & wait $!; done"]'
image registry.k8s.io/pause:3.10.2 "{$environment,\"Entrypoint\":[\"/pause\",\"-P\"]}" "$build/pause.tar"

# The registry of agnhost serves the image for pause; a tag is a file with the digest.
registry=$build/agnhost/var/registry/pause
store() { # KIND FILE
    local sum
    sum=$(digest "$2")
    mkdir -p "$registry/$1/sha256/${sum:0:2}/$sum"
    cp "$2" "$registry/$1/sha256/${sum:0:2}/$sum/data"
}
store manifests "$build/manifest.json"
store blobs "$build/config.json"
store blobs "$build/pause.tar"
echo "sha256:$(digest "$build/manifest.json")" >"$registry/manifests/testing"

mkdir -p "$build/agnhost/uploads"
cp "$agnhost" "$build/agnhost/agnhost"
ln -s agnhost "$build/agnhost/agnhost-2"
openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
    -keyout "$build/agnhost/localhost.key" -out "$build/agnhost/localhost.crt" 2>/dev/null
chmod 644 "$build/agnhost/localhost.key"
layer "$build/agnhost" "$build/agnhost.tar"

for name in busybox:1.37.0-1 ipc-utils:1.4 glibc-dns-testing:2.0.0; do
    image "$e2e/$name" "{$environment,\"Cmd\":[\"sh\"]}" "$build/base.tar"
done
for name in agnhost:2.63.0 agnhost:2.55; do
    image "$e2e/$name" "{$environment,\"Entrypoint\":[\"/agnhost\"],\"Cmd\":[\"pause\"],\"Labels\":{\"version\":\"${name#*:}\"}}" \
        "$build/base.tar" "$build/agnhost.tar"
done
for name in nginx:1.15-4 nginx:1.27-0; do
    image "$e2e/$name" "{$environment,\"Cmd\":$loop,\"Labels\":{\"version\":\"${name#*:}\"}}" "$build/base.tar"
done
image "$e2e/nonroot:1.5" "{$environment,\"Cmd\":[\"id\",\"-u\"],\"User\":\"1234\"}" "$build/base.tar"
image "$e2e/nonewprivs:1.4" "{$environment,\"Entrypoint\":[\"/agnhost\"],\"Cmd\":[\"nonewprivs\"]}" "$build/setuid.tar"
image "$e2e/kitten:1.8" "{$environment,\"Cmd\":[\"sh\"]}" "$build/base.tar" "$build/kitten.tar"

archive "$out/images.tar"
echo "$key" >"$out/images.key"
