#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/verify-unit.sh
#
# Checks the systemd unit, filled in as "make install" would, with systemd-analyze verify: unknown directives, wrong
# values and missing programs are errors. Also checks the sysusers and tmpfiles files where their programs are.
set -euo pipefail

cd "$(dirname "$0")/.."
if ! command -v systemd-analyze >/dev/null; then
    echo "verify-unit: skipped, systemd-analyze is not installed (package systemd)"
    [[ -z ${JUBELET_NO_SKIP:-} ]] || exit 1
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The program must exist; the launcher of the source tree will do.
mkdir -p "$work/usr/lib/jubelet/bin"
install -m 755 daemon/src/main/dist/jubelet "$work/usr/lib/jubelet/bin/jubelet"
sed "s|@PREFIX@|$work/usr|g" systemd/jubelet.service >"$work/jubelet.service"
mkdir "$work/jubelet.service.d"
cp systemd/jubelet.service.d/10-example.conf.example "$work/jubelet.service.d/10-example.conf"
# The runtime's unit is only wanted, so it can be absent; faults of other units do not count.
systemd-analyze verify --man=no "$work/jubelet.service" >"$work/out" 2>&1 && status=0 || status=$?
if grep -E 'jubelet' "$work/out" || ((status != 0)); then
    cat "$work/out"
    echo "verify-unit: systemd-analyze finds fault with systemd/jubelet.service"
    exit 1
fi
if command -v systemd-sysusers >/dev/null; then
    mkdir -p "$work/root/etc"
    systemd-sysusers --root="$work/root" "$PWD/systemd/jubelet.sysusers.conf" >/dev/null 2>&1
    grep -q '^jubelet:' "$work/root/etc/group"
fi
if command -v systemd-tmpfiles >/dev/null; then
    mkdir -p "$work/root"
    printf 'root:x:0:0::/:/bin/sh\n' >"$work/root/etc/passwd"
    printf 'root:x:0:\n' >>"$work/root/etc/group"
    systemd-tmpfiles --root="$work/root" --create "$PWD/systemd/jubelet.tmpfiles.conf"
    [[ -d $work/root/etc/kubernetes/manifests ]]
fi
echo "verify-unit: the systemd unit is in order"
