#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: packaging/debian-root.sh SUITE TAR
#
# Makes TAR, unless it is there: a Debian of that suite with systemd, containerd and AppArmor, and without Java. It takes a
# minute or two. The mirrors are those of this machine's own apt. Needs root and mmdebstrap.
set -euo pipefail

[[ $# == 2 ]] || {
    sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2
    exit 2
}
suite=$1 tar=$2
[[ ! -e $tar ]] || exit 0
die() {
    echo "debian-root.sh: $*" >&2
    exit 1
}
((EUID == 0)) || die "needs root"
command -v mmdebstrap >/dev/null || die "mmdebstrap is missing; tools/setup.sh --packages installs it"

# This machine's sources of Debian itself, with its suite replaced.
here=$(. /etc/os-release && echo "$VERSION_CODENAME")
# shellcheck disable=SC2016 # apt-get fills these in, not the shell
mapfile -t sources < <(
    apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' 'Identifier: Packages' |
        awk -v here="$here" -v want="$suite" '$2 ~ "^" here "(-updates|-security|)$" && $3 == "main" {
            sub(here, want, $2); print "deb", $1, $2, $3 }' | sort -u
)
((${#sources[@]} > 0)) || die "no source of Debian in apt's own list (has 'apt-get update' ever run?)"
packages=systemd,systemd-sysv,dbus,udev,kmod,linux-image-cloud-amd64,containerd,runc,containernetworking-plugins
packages+=,apparmor,iptables,iproute2,procps,curl,util-linux,e2fsprogs
mkdir -p "$(dirname "$tar")"
mmdebstrap --mode=root --variant=minbase --format=tar --include="$packages" \
    --dpkgopt='path-exclude=/usr/share/locale/*' --aptopt='APT::Install-Recommends "false"' \
    "$suite" "$tar.new" "${sources[@]}"
mv "$tar.new" "$tar"
