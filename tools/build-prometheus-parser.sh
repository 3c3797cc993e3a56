#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/build-prometheus-parser.sh OUTDIR
#
# Builds a small program around the parser with which a Prometheus server reads what it scrapes, from the module of the
# pinned release, and prints where it is: OUTDIR/prometheus-parser-VERSION. The program takes the content type of a
# response as its argument and the response on standard input. It prints each series with its value and its time in
# milliseconds, separated by tabs, and fails where Prometheus would not store what it reads. It is built once on a
# machine and kept in ${XDG_CACHE_HOME:-~/.cache}/jubelet. That takes a minute and a Go (tools/go.sh).
#
# Exits 3, with the reason, where it cannot be built.
set -euo pipefail

version=0.316.0

[[ $# == 1 ]] || {
    sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2
    exit 2
}
say() { echo "build-prometheus-parser.sh: $*" >&2; }
impossible() {
    say "no parser of Prometheus: $*"
    exit 3
}

mkdir -p "$1"
out=$(cd "$1" && pwd -P)
# Another program of the same release has another name.
built=$out/prometheus-parser-$version-1
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/jubelet
kept=$cache/${built##*/}-$(uname -m)

# A second call while it is being built waits and then finds it.
mkdir -p "$cache" || impossible "$cache cannot be made, where what was built is kept"
exec 9>"$cache/.lock-prometheus-parser"
flock 9
if [[ ! -x $kept ]]; then
    go=$("$(dirname "$0")/go.sh" "$(dirname "$0")/../build/go") || impossible "there is no Go to build it with (see above)"
    PATH=$(dirname "$go"):$PATH
    work=$(mktemp -d "$out/build.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    cd "$work"
    export GOFLAGS="${GOFLAGS:-} -mod=mod" GOWORK=off CGO_ENABLED=0
    cat >main.go <<'GO'
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
)

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func main() {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		fail(err)
	}
	parser, err := textparse.New(text, os.Args[1], labels.NewSymbolTable(), textparse.ParserOptions{})
	if err != nil {
		fail(err)
	}
	seen := map[string]bool{}
	for {
		entry, err := parser.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			fail(err)
		}
		if entry != textparse.EntrySeries {
			continue
		}
		_, time, value := parser.Series()
		var series labels.Labels
		parser.Labels(&series)
		if seen[series.String()] {
			fail(fmt.Errorf("duplicate sample for %s", series))
		}
		seen[series.String()] = true
		at := ""
		if time != nil {
			at = fmt.Sprint(*time)
		}
		fmt.Printf("%s\t%v\t%s\n", series, value, at)
	}
}
GO
    {
        go mod init jubelet.invalid/prometheus-parser
        go mod edit -require="github.com/prometheus/prometheus@v$version"
    } 2>/dev/null
    say "building the parser of Prometheus $version; this takes up to a minute"
    go build -trimpath -ldflags "-s -w" -o parser . >&2 || impossible "the build failed (see above)"
    mv parser "$kept.new"
    mv "$kept.new" "$kept"
fi
if [[ ! -x $built ]]; then
    ln -f "$kept" "$built.new" 2>/dev/null || cp "$kept" "$built.new"
    mv "$built.new" "$built"
fi
echo "$built"
