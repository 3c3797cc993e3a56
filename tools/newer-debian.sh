#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/newer-debian.sh PACKAGE VERSION_REGEX DIR [CHECK...]
#
# Unpacks a package of a newer Debian (or Ubuntu) into DIR without installing it. It takes the oldest release whose
# version of the package matches the expression, and for which the command CHECK succeeds if one is given.
#
# It uses the mirror, keys and proxy of the system's apt with a configuration of its own below DIR, so the package
# lists of the system do not change. Exits 3 with the reason where that is impossible.
set -euo pipefail

[[ $# -ge 3 ]] || { sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
package=$1
wanted=$2
mkdir -p "$3"
dir=$(cd "$3" && pwd -P)
shift 3

say() { echo "newer-debian: $*" >&2; }
impossible() {
    say "no $package of a newer distribution: $*"
    exit 3
}

command -v apt-get >/dev/null || impossible "this system has no apt to get a package with"
command -v dpkg-deb >/dev/null || impossible "dpkg-deb is missing"

# The mirrors from which apt gets packages of this distribution; those of other distributors do not count.
# shellcheck disable=SC1091 # of the system, not of the repository
id=$(. /etc/os-release && echo "$ID")
case $id in
debian) suites="forky sid" origin=Debian components=main ;;
ubuntu) suites="devel" origin=Ubuntu components="main universe" ;;
*) impossible "such packages are taken from Debian's or Ubuntu's archive, and this is $id" ;;
esac
# apt-get indextargets lists what was fetched already: on a fresh system nothing.
mirror() {
    # shellcheck disable=SC2016 # apt-get fills these in, not the shell
    apt-get indextargets --format '$(ORIGIN)|$(REPO_URI)' 'Identifier: Packages' 2>/dev/null |
        awk -F'|' -v origin="$origin" '$1 == origin && $2 !~ /security/ && !found { print $2; found = 1 }'
}
uri=$(mirror)
if [[ -z $uri && $EUID == 0 ]]; then
    say "fetching the package lists of the system, to learn which mirror it uses"
    apt-get update >&2 || true
    uri=$(mirror)
fi
[[ -n $uri ]] || impossible "apt knows no mirror of $origin (has 'apt-get update' ever run?)"
key=/usr/share/keyrings/$id-archive-keyring.gpg
[[ -r $key ]] || key= # then the keys in /etc/apt/trusted.gpg.d have to do

lists=$dir/apt
rm -rf "$lists"
mkdir -p "$lists/state/lists/partial" "$lists/cache/archives/partial" "$lists/none"
: >"$lists/status"
cat >"$lists/apt.conf" <<CONF
Dir::State "$lists/state";
Dir::State::status "$lists/status";
Dir::Cache "$lists/cache";
Dir::Etc::sourcelist "$lists/sources.list";
Dir::Etc::sourceparts "$lists/none";
Dir::Etc::preferencesparts "$lists/none";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::CNF::DefaultEnabled "false";
CONF
# apt reads and writes here as the user it runs as, root or not.
echo 'APT::Sandbox::User "root";' >>"$lists/apt.conf"
export APT_CONFIG=$lists/apt.conf

why="none of the suites $suites has one"
for suite in $suites; do
    echo "deb ${key:+[signed-by=$key] }$uri $suite $components" >"$lists/sources.list"
    say "looking for $package in $id $suite"
    if ! apt-get update >"$lists/log" 2>&1; then
        why="the package list of $suite cannot be had: $(grep -E '^[EW]:' "$lists/log" | head -n 1)"
        continue
    fi
    version=$(apt-cache show --no-all-versions "$package" 2>/dev/null | sed -n 's/^Version: //p' | head -n 1)
    if ! [[ $version =~ $wanted ]]; then
        why="$suite has $package ${version:-not at all}"
        continue
    fi
    say "fetching $package $version of $id $suite, to unpack it below $dir"
    if ! (cd "$lists" && apt-get download "$package=$version") >"$lists/log" 2>&1; then
        why="its package cannot be had: $(tail -n 1 "$lists/log")"
        continue
    fi
    rm -rf "${dir:?}/usr"
    dpkg-deb -x "$lists/${package}"_*.deb "$dir"
    if (($# == 0)) || "$@" >"$lists/log" 2>&1; then
        rm -rf "$lists"
        exit 0
    fi
    why="the one of $suite does not do here: $(head -n 1 "$lists/log")"
    rm -rf "${dir:?}/usr" "$lists/${package}"_*.deb
done
impossible "$why"
