#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/schedules.sh [N]        100000 if not given
#
# Runs N seeded schedules (ScheduleTest): the real workers, observer and executor on a simulated runtime, with every kind
# of fault. It takes hours for the default number, and stops at the first seed that breaks an invariant, whose steps it
# prints. Needs neither root nor a network.
set -euo pipefail

cd "$(dirname "$0")/.."
schedules=${1:-100000}
if [[ ! $schedules =~ ^[1-9][0-9]*$ ]]; then
    echo "schedules.sh: \"$schedules\" is not a number of schedules" >&2
    exit 2
fi
JAVA_HOME=$(tools/find-jdk.sh)
export JAVA_HOME
rm -rf daemon/target/surefire-reports
maven=0
./mvnw -B -ntp -q test -pl cri-client,daemon -Dtest=ScheduleTest -Dsurefire.failIfNoSpecifiedTests=false \
    -Djubelet.test.forks=1 "-Djubelet.test.schedules=$schedules" -Djunit.jupiter.execution.timeout.mode=disabled ||
    maven=$?
tools/test-summary.sh "$maven" daemon
