#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/scan.sh SBOM
#
# Asks the OSV database whether a library of an SBOM has a known vulnerability. Exits with 0 if none has, with 1 if one
# has or the answer is not known. tools/osv-scanner.toml has the exceptions (see SECURITY.md).
set -euo pipefail

cd "$(dirname "$0")/.."
sbom=${1:?the path of an SBOM is missing}
if ! command -v osv-scanner >/dev/null; then
    echo "scan.sh: osv-scanner is not installed; its documentation says how to get it" >&2
    exit 1
fi
if ! osv-scanner scan source --config=tools/osv-scanner.toml --lockfile="$sbom"; then
    echo "scan.sh: a library has a known vulnerability, or the database did not answer; SECURITY.md says what to do" >&2
    exit 1
fi
