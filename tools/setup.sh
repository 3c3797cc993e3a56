#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/setup.sh [--ci | --packages]
#
# Installs the programs with which Jubelet is built and tried out if they are missing (Debian, Ubuntu and kin), and
# says what each is for. Without root it prints what to install, and exits 1 if anything is missing.
#
# --ci         also what the tests need, so that none has to be skipped
# --packages   also what "make dist", "make package-test" and "make vm-test" need
set -euo pipefail

cd "$(dirname "$0")/.."
ci=
packaging=
case ${1:-} in
'') ;;
--ci) ci=1 ;;
--packages) packaging=1 ;;
*)
    sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2
    exit 2
    ;;
esac
PATH=$PATH:/usr/sbin:/sbin

packages=()
need() { # FILE_OR_PROGRAM PACKAGE WHY
    if [[ $1 == /* ]]; then
        ! compgen -G "$1" >/dev/null || return 0
    else
        ! command -v "$1" >/dev/null || return 0
    fi
    printf '%-28s %s\n' "$2" "$3"
    packages+=("$2")
}
is_static() { [[ -n $(command -v "$1") ]] && ! LC_ALL=C ldd "$(command -v "$1")" >/dev/null 2>&1; }

list=$(mktemp)
trap 'rm -f "$list"' EXIT
{
    need curl curl "fetches Maven, by the wrapper"
    need '/etc/ssl/certs/ca-certificates.crt' ca-certificates "verifies the servers of downloads"
    need make make "runs the targets of the Makefile"
    need containerd containerd "runs the containers, as a private instance below build/"
    need runc runc "starts a container for containerd"
    need '/usr/lib/cni/bridge' containernetworking-plugins "gives pods their network"
    is_static busybox || need /nonexistent busybox-static "the content of the example images"
    need catatonit catatonit "the pause process of a pod"
    need iptables iptables "host ports, by the CNI plugin portmap"
    need ip iproute2 "the network bridge of the private containerd"
    if [[ -n $ci ]]; then
        need docker-registry docker-registry "tests pull images from it"
        need vim vim-tiny "a test saves a manifest as vim does"
        need nano nano "a test saves a manifest as nano does"
        need emacs emacs-nox "a test saves a manifest as emacs does"
        need rsync rsync "a test brings a manifest as rsync does"
        need tmux tmux "a test types and reads at a terminal of it"
        need systemd-analyze systemd "checks the systemd unit"
        need shellcheck shellcheck "checks the shell scripts"
        need qemu-x86_64 qemu-user "tries the AOT caches on an older processor"
        need ps procps "tests look at processes"
        need flock util-linux "keeps two builds of one program apart"
    fi
    if [[ -n $packaging ]]; then
        need dh debhelper "makes the .deb"
        need strip binutils "makes the Java runtime in packages smaller"
        need rpmbuild rpm "makes the .rpm"
        need go-md2man go-md2man "makes the manual pages"
        need qemu-x86_64 qemu-user "tries the AOT caches on an older processor"
        need lintian lintian "checks the .deb"
        need mmdebstrap mmdebstrap "makes the Debian in which packages are tried"
        need qemu-system-x86_64 qemu-system-x86 "runs the machine of make vm-test"
        need qemu-img qemu-utils "makes the disk of that machine"
        need mke2fs e2fsprogs "makes the file system on it"
        need cpio cpio "makes its initrd"
    fi
} >"$list"

if ((${#packages[@]} > 0)); then
    echo "setup: missing here:"
    sed 's/^/    /' "$list"
    if ! command -v apt-get >/dev/null; then
        echo "setup: these are the names of Debian's packages; install what your distribution calls them." >&2
        exit 1
    elif ((EUID != 0)); then
        echo "setup: as root:  apt-get install --no-install-recommends ${packages[*]}" >&2
        exit 1
    fi
    echo "setup: installing ${packages[*]}"
    # The containerd service of the package is not started, because Jubelet's scripts use private instances.
    policy=/usr/sbin/policy-rc.d
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' >$policy
        chmod 755 $policy
        trap 'rm -f "$list" "$policy"' EXIT
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi
if [[ -n $ci ]] && ! command -v vim >/dev/null && command -v vim.tiny >/dev/null; then
    echo "setup: linking vim to vim.tiny, for the test of its way to save"
    ln -s "$(command -v vim.tiny)" /usr/local/bin/vim
fi

if [[ -n $ci ]]; then
    echo "setup: etcd for the API server of the tests: $(tools/etcd.sh build/etcd)"
    echo "setup: Go, which builds that API server: $(tools/go.sh build/go)"
fi

JAVA_HOME=$(tools/find-jdk.sh)
echo "setup: everything is there; JDK: $JAVA_HOME"
