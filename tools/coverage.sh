#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/coverage.sh [MAVEN_OPTION...]
#
# Runs the unit tests (tools/unit.sh) and prints how many lines and branches of each package they reach. Which those are
# is in target/site/jacoco/index.html of each module.
set -euo pipefail

cd "$(dirname "$0")/.."
modules=(cri-client daemon)
reports=("${modules[@]/%//target/site/jacoco/jacoco.csv}")
rm -f "${reports[@]}" "${modules[@]/%//target/jacoco.exec}"
failed=0
tools/unit.sh -Pcoverage "$@" || failed=$?
for report in "${reports[@]}"; do
    [[ -f $report ]] || exit 1
done
echo
# GROUP,PACKAGE,CLASS,INSTRUCTION_MISSED,_COVERED,BRANCH_MISSED,_COVERED,LINE_MISSED,_COVERED,...
awk -F , '
    function percent(reached, all) { return all ? sprintf("%.1f %%", 100 * reached / all) : "-" }
    function row(name, key) {
        return sprintf("%-30s %6d %8s %9d %8s", name, lines[key], percent(lines_reached[key], lines[key]),
            branches[key], percent(branches_reached[key], branches[key]))
    }
    function add(key) {
        branches[key] += $6 + $7; branches_reached[key] += $7
        lines[key] += $8 + $9; lines_reached[key] += $9
    }
    FNR > 1 { add($2); add("") }
    END {
        printf "%-30s %6s %8s %9s %8s\n", "package", "lines", "reached", "branches", "reached"
        for (package in lines) if (package != "") print row(package, package) | "sort"
        close("sort")
        print row("total", "")
    }' "${reports[@]}"
exit "$failed"
