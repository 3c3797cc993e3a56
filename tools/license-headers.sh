#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/license-headers.sh [--fix]
#
# Checks that each source file begins with the text of tools/license-header.txt, as a comment of its
# language, and names the files that do not. Spotless does the same for Java below src, except for
# package-info.java, which it skips.
#
# --fix   add the header where it is missing
set -euo pipefail

cd "$(dirname "$0")/.."
fix=
case ${1:-} in
'') ;;
--fix) fix=1 ;;
*)
    sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2
    exit 2
    ;;
esac

mapfile -t header < <(sed -n 's/^ \* //p' tools/license-header.txt)

# mvnw and the files below .mvn are Apache Maven's. Examples carry no header because users copy and
# edit them.
sources() {
    find . \( -name .git -o -name target -o -path ./build -o -path ./.mvn \) -prune -o -type f \( \
        -name '*.sh' -o -name '*.go' -o -name '*.proto' -o -name pom.xml -o -name Makefile -o -path './.ci/*' -o \
        -path './tools/conformance/bin/*' -o -path './systemd/*' ! -name '*.md' ! -name '*.example' -o -path '*/src/main/dist/*' -o \
        -name package-info.java -o -path './tools/*.java' -o -path './packaging/*.java' \) -print |
        LC_ALL=C sort
}

# The header as comment lines of the language of FILE.
comment() { # FILE
    case $1 in
    *.java) cat tools/license-header.txt ;;
    *.go | *.proto) printf '// %s\n' "${header[@]}" ;;
    *.xml) printf '%s\n' '<!--' "${header[@]/#/  }" '-->' ;;
    *) printf '# %s\n' "${header[@]}" ;;
    esac
}

# How many lines of FILE must stay before the header: that of the interpreter, or the declaration of XML.
leading() { # FILE
    local first
    IFS= read -r first <"$1" || true
    case $first in
    '#!'* | '<?xml'*) echo 1 ;;
    *) echo 0 ;;
    esac
}

has_header() { # FILE
    local lines
    lines=$(comment "$1")
    [[ $(tail -n +"$(($(leading "$1") + 1))" "$1" | head -n "$(wc -l <<<"$lines")") == "$lines" ]]
}

# Written beside and renamed, so that an interruption leaves the file as it was.
add_header() { # FILE
    local lead separator=1
    lead=$(leading "$1")
    # Java's formatter wants no empty line here, nor does XML need one.
    case $1 in
    *.java | *.xml) separator= ;;
    esac
    cp -p "$1" "$1.new"
    {
        head -n "$lead" "$1"
        comment "$1"
        [[ -z $separator ]] || echo
        tail -n +"$((lead + 1))" "$1"
    } >"$1.new"
    mv "$1.new" "$1"
}

missing=0
while IFS= read -r file; do
    ! has_header "$file" || continue
    if [[ -n $fix ]]; then
        add_header "$file"
        echo "license-headers: added to ${file#./}"
    else
        echo "license-headers: ${file#./} lacks the header of tools/license-header.txt; run make fmt" >&2
        missing=$((missing + 1))
    fi
done < <(sources)
((missing == 0))
