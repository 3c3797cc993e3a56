#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: packaging/texts.sh LIB DIR
#
# Makes DIR/man and DIR/completion from the jars in LIB and from docs/. Section 1 of the manual comes from the commands,
# jubelet-run(8) and jubelet-configuration(5) from docs/reference, jubelet-manifests(5) from docs/manifests.md.
#
# JAVA_HOME           the JDK
# SOURCE_DATE_EPOCH   the date of the pages
set -euo pipefail

cd "$(dirname "$0")/.."
lib=$1
mkdir -p "$2"/man/man{1,5,8} "$2/completion"
out=$(cd "$2" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$(sed -n 's|.*<version>\(.*\)</version>.*|\1|p' pom.xml | head -n 1)
date=$(date -u -d "@$SOURCE_DATE_EPOCH" +%F)
title() { # NAME SECTION
    printf '%% %s %s "%s" "Jubelet %s" "Jubelet Manual"\n' "$1" "$2" "$date" "$version"
}

class_path=$(sed "s|^|$lib/|" "$lib/classpath" | paste -sd:)
"$JAVA_HOME/bin/javac" -proc:none -d "$work" -cp "$class_path" packaging/CommandTexts.java
"$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED -cp "$class_path:$work" io.jubelet.cli.CommandTexts "$work" \
    "$(title NAME 1)"
# The shell reads it and does not run it.
sed '1 { /^#!/d }' "$work/jubelet.bash" >"$out/completion/jubelet.bash"
mv "$work/jubelet.fish" "$out/completion/"

# A page of docs/ as the source of a manual page: links become their text, and a row of a table a term with its meaning.
page() { # NAME SECTION SUMMARY FILE
    title "$1" "$2"
    printf '\n# NAME\n\n%s - %s\n\n# DESCRIPTION\n' "$1" "$3"
    # What concerns the source tree alone ends with the paragraph.
    awk -v RS= -v ORS='\n\n' 'NR > 1 && !/^This page is made from/' "$4" |
        sed -E 's/\[([^]]*)\]\([^)]*\)/\1/g; s/^##+ /# /' |
        awk -F ' *\\| *' '
            /^\|[-|]+\|$/ { next }
            /^\|/ {
                if (!inside) { inside = 1; n = split($0, head, / *\| */); next }
                text = $(NF - 1)
                for (i = 3; i < NF - 1; i++) if ($i != "") text = text (text ~ /[.;]$/ ? " " : "; ") head[i] ": " $i "."
                print "\n" $2 "\n: " text
                next
            }
            { inside = 0; print }'
}
page jubelet-run 8 "the daemon that runs the pods of a directory" docs/reference/flags.md >"$work/jubelet-run.8.md"
page jubelet-configuration 5 "configuration file of jubelet-run(8)" docs/reference/configuration.md \
    >"$work/jubelet-configuration.5.md"
page jubelet-manifests 5 "the directory of manifests of jubelet-run(8)" docs/manifests.md >"$work/jubelet-manifests.5.md"

for source in "$work"/*.md; do
    name=$(basename "$source" .md)
    go-md2man -in "$source" -out "$out/man/man${name##*.}/$name"
done
# zsh runs the completion of bash.
cat >"$out/completion/_jubelet" <<'END'
#compdef jubelet
autoload -U +X bashcompinit && bashcompinit
source /usr/share/bash-completion/completions/jubelet
_bash_complete -o default -F _complete_jubelet
END
