#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/leftovers.sh cgroups | clean DIR CGROUPS
#
# Lists or removes what a daemon that ended before its pods leaves on the host on purpose, because pods live on.
#
# cgroups            prints the cgroups of pods
# clean DIR CGROUPS  unmounts everything below DIR, and removes empty cgroups of pods that the file CGROUPS does not list,
#                    when the containers of those pods are gone
set -euo pipefail

cgroups() {
    if [[ -d /sys/fs/cgroup ]]; then
        find /sys/fs/cgroup -maxdepth 5 -type d -path '*/kubepods*' -regextype posix-extended \
            -regex '.*pod[0-9a-f]{32}(\.slice)?' 2>/dev/null || true
    fi
}

case ${1:-} in
cgroups) cgroups | sort ;;
clean)
    dir=${2:?DIR is missing}
    before=${3:?CGROUPS is missing}
    while read -r mount; do
        umount -l "$mount" || echo "leftovers.sh: $mount stays mounted" >&2
    done < <(awk -v below="$dir/" '{ gsub(/\\040/, " ", $5); if (index($5, below) == 1) print $5 }' /proc/self/mountinfo | tac)
    [[ -r $before ]] || exit 0
    while read -r cgroup; do
        # A cgroup that is not empty is in use.
        rmdir "$cgroup" 2>/dev/null || true
    done < <(comm -13 "$before" <(cgroups | sort))
    ;;
*)
    sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2
    exit 2
    ;;
esac
