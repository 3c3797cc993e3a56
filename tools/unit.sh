#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/unit.sh [MAVEN_OPTION...]        for example -Dtest='PodPlanner*'
#
# Runs the unit tests of the library and the daemon: those without a tag, because a tag names what a test needs besides
# a JDK (see CONTRIBUTING.md). They need neither root nor a network, and fuzzers, which need minutes, are left out. Tests of random states and schedules try a part of
# those that make test tries. The last line is "N passed, N failed, N skipped".
#
# JUBELET_FORKS=N     so many JVMs share the work; 3 if not set, because some tests wait most of the time
set -euo pipefail

cd "$(dirname "$0")/.."
JAVA_HOME=$(tools/find-jdk.sh)
export JAVA_HOME
modules=(cri-client daemon)
options=(-pl "$(IFS=, && echo "${modules[*]}")" "-Djubelet.test.forks=${JUBELET_FORKS:-3}"
    -DexcludedGroups='containerd,cluster,root,download,fuzz' -Djubelet.test.schedules=100
    -Djubelet.test.states=2000
    # Both modules are tested even if one of them fails; the summary decides.
    -Dmaven.test.failure.ignore=true -Dsurefire.failIfNoSpecifiedTests=false)

rm -rf "${modules[@]/%//target/surefire-reports}"
maven=0
./mvnw -B -ntp -q test "${options[@]}" "$@" || maven=$?
tools/test-summary.sh "$maven" "${modules[@]}"
