#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/kubelet-settings.sh
#
# Writes anew what the kubelets of 1.36 and 1.37 take, as the tests compare it with Jubelet:
#
#   settings-RELEASE.txt    their flags and the fields of KubeletConfiguration
#   answers-RELEASE.jsonl   how they read the command lines and files of cases.jsonl, line by line
#
# The files are in daemon/src/test/resources/kubelet. tools/build-kubernetes.sh says what that takes.
set -euo pipefail

cd "$(dirname "$0")/.."
dir=daemon/src/test/resources/kubelet
for release in 1.36 1.37; do
    program=$(tools/build-kubernetes.sh kubelet-settings "$PWD/build/kubernetes" "$release")
    "$program" list >"$dir/settings-$release.txt"
    # It logs warnings of feature gates.
    "$program" read <"$dir/cases.jsonl" >"$dir/answers-$release.jsonl" 2>/dev/null
done
