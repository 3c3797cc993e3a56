#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/test-summary.sh MAVEN_EXIT_CODE MODULE...
#
# Sums up the reports that Maven left in the modules: which tests were skipped and why, which failed, and as the last
# line "N passed, N failed, N skipped". Exits with 1 if a test failed, Maven did, or no test ran at all.
#
# JUBELET_NO_SKIP=1   a skipped test is a failure
set -euo pipefail

cd "$(dirname "$0")/.."
maven=$1
shift
no_skip=${JUBELET_NO_SKIP:-}
[[ $no_skip != 0 ]] || no_skip=

shopt -s nullglob
reports=()
for module in "$@"; do
    reports+=("$module"/target/surefire-reports/TEST-*.xml)
done
awk -v maven="$maven" -v no_skip="$no_skip" '
    function attribute(name,   value) {
        if (!match($0, " " name "=\"[^\"]*\"")) return ""
        value = substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4)
        gsub(/&#10;|&#13;/, " ", value); gsub(/&lt;/, "<", value); gsub(/&gt;/, ">", value)
        gsub(/&quot;/, "\"", value); gsub(/&apos;/, "\047", value); gsub(/&amp;/, "\\&", value)
        return value
    }
    function where() { return class (test == "" ? "" : "." test) }
    function skip(why) {
        sub(/^org\.opentest4j\.TestAbortedException: /, "", why)
        sub(/^Assumption failed: /, "", why)
        skipped_tests[++s] = where() ": " (why == "" ? "no reason given" : why)
    }
    /<testcase / { total++; test = attribute("name"); class = attribute("classname"); bad = 0 }
    /<(failure|error)[ >\/]/ && !bad { bad = 1; failed_tests[++f] = where() }
    pending { line = $0; gsub(/.*<!\[CDATA\[|\]\]>.*/, "", line); skip(line); pending = 0 }
    /<skipped/ {
        if (attribute("message") != "") skip(attribute("message"))
        else if ($0 ~ /CDATA\[[^ ]/) { line = $0; gsub(/.*<!\[CDATA\[|\]\]>.*/, "", line); skip(line) }
        else if ($0 ~ /\/>/) skip("")
        else pending = 1
    }
    END {
        print ""
        if (s) print "Skipped" (no_skip ? ", which JUBELET_NO_SKIP forbids:" : ":")
        for (i = 1; i <= s; i++) print "  " skipped_tests[i]
        if (f) print "Failed:"
        for (i = 1; i <= f; i++) print "  " failed_tests[i]
        if (maven) print "Maven failed with exit code " maven " (see above): not everything was tested."
        if (!total) print "No test ran."
        printf "%d passed, %d failed, %d skipped\n", total - f - s, f, s
        exit (f || maven || !total || (s && no_skip)) ? 1 : 0
    }' "${reports[@]:-/dev/null}"
