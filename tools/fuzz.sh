#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/fuzz.sh [SECONDS [CLASSES]]        3600 and *FuzzTest if not given
#
# Lets each fuzzer (a class *FuzzTest) search for so long, as many at a time as there are processors. What they have
# learnt is kept below build/fuzz, so the next search goes on from there. An input that fails is kept there too, as
# build/fuzz/NAME/failed-*, and the test prints it. Needs neither root nor a network.
set -euo pipefail

cd "$(dirname "$0")/.."
seconds=${1:-3600}
classes=${2:-*FuzzTest}
if [[ ! $seconds =~ ^[1-9][0-9]*$ ]]; then
    echo "fuzz.sh: \"$seconds\" is not a number of seconds" >&2
    exit 2
fi
JAVA_HOME=$(tools/find-jdk.sh)
export JAVA_HOME
rm -rf daemon/target/surefire-reports
maven=0
./mvnw -B -ntp -q test -pl cri-client,daemon -Dtest="$classes" -Dgroups=fuzz -Dsurefire.failIfNoSpecifiedTests=false \
    "-Djubelet.test.forks=${JUBELET_FORKS:-$(nproc)}" "-Djubelet.test.fuzz-seconds=$seconds" \
    "-Djubelet.test.fuzz-dir=$PWD/build/fuzz" -Djunit.jupiter.execution.timeout.mode=disabled \
    -Dmaven.test.failure.ignore=true || maven=$?
tools/test-summary.sh "$maven" daemon
