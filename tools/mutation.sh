#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/mutation.sh [CLASSES]        for example io.jubelet.plan.StopOrder,io.jubelet.plan.PodPlan
#
# Changes the planner and the admission in hundreds of places, one at a time, and sees whether their unit tests fail, as
# they should (PIT). Prints for each class how many of these mutants were killed, and then those that were not. CLASSES
# are names of classes with wildcards, separated by commas. The sources with all mutants are in
# daemon/target/pit-reports/index.html. It fails when less than 85 % are killed.
set -euo pipefail

cd "$(dirname "$0")/.."
JAVA_HOME=$(tools/find-jdk.sh)
export JAVA_HOME
classes=${1:-io.jubelet.plan.*,io.jubelet.admission.*}
reports=daemon/target/pit-reports
rm -rf "$reports"
result=0
./mvnw -B -ntp -q -Pmutation -pl cri-client,daemon process-test-classes "-DtargetClasses=$classes" || result=$?
[[ -f $reports/mutations.csv ]] || exit "$result"
# FILE,CLASS,MUTATOR,METHOD,LINE,STATUS,TEST
awk -F , '
    {
        sub(/\$.*/, "", $2); sub(/.*\./, "", $3)
        all[$2]++; total++
        if ($6 ~ /^(KILLED|TIMED_OUT|MEMORY_ERROR|RUN_ERROR)$/) { killed[$2]++; total_killed++ }
        else survivors[++n] = sprintf("%s:%d %s %s %s", $2, $5, $4, $3, $6)
    }
    function row(name, killed, all) { return sprintf("%-45s %5d of %5d  %5.1f %%", name, killed, all, 100 * killed / all) }
    END {
        for (i = 1; i <= n; i++) print survivors[i] | "sort -t : -k 1,1 -k 2,2n"
        close("sort -t : -k 1,1 -k 2,2n")
        print ""
        for (class in all) print row(class, killed[class], all[class]) | "sort"
        close("sort")
        if (total) print row("total", total_killed, total)
    }' "$reports/mutations.csv"
exit "$result"
