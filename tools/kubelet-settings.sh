#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/kubelet-settings.sh [--check]
#
# Writes anew what the kubelets of 1.36 and 1.37 take, as the tests compare it with Jubelet:
#
#   settings-RELEASE.txt    their flags and the fields of KubeletConfiguration
#   answers-RELEASE.jsonl   how they read the command lines and files of cases.jsonl, line by line
#
# --check writes nothing, and fails where the files differ from what the kubelets say.
#
# The files are in daemon/src/test/resources/kubelet. tools/build-kubernetes.sh says what that takes.
set -euo pipefail

cd "$(dirname "$0")/.."
dir=daemon/src/test/resources/kubelet
to=$dir
case ${1:-} in
'') ;;
--check)
    to=$(mktemp -d)
    trap 'rm -rf "$to"' EXIT
    ;;
*)
    sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2
    exit 2
    ;;
esac
for release in 1.36 1.37; do
    program=$(tools/build-kubernetes.sh kubelet-settings "$PWD/build/kubernetes" "$release")
    "$program" list >"$to/settings-$release.txt"
    # It logs warnings of feature gates.
    "$program" read <"$dir/cases.jsonl" >"$to/answers-$release.jsonl" 2>/dev/null
    if [[ $to != "$dir" ]]; then
        diff -u "$dir/settings-$release.txt" "$to/settings-$release.txt"
        diff -u "$dir/answers-$release.jsonl" "$to/answers-$release.jsonl"
        echo "kubelet-settings.sh: the records of $release are right"
    fi
done
