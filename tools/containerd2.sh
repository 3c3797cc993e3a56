#!/usr/bin/env bash
# Usage: tools/containerd2.sh DIR
#
# Gets a containerd 2.x, which has GetContainerEvents, beside the containerd of the system: the package of a newer
# Debian (or Ubuntu), unpacked into DIR and not installed. Prints the directory of its programs, which
# tools/containerd.sh takes as BIN_DIR. What DIR already has is used again. The system's runc does for it.
#
# It asks the mirror, the keys and the proxy that apt is configured with, through a configuration of its own below
# DIR, so the package lists of the system stay as they are. Exits 3 with the reason where that is impossible.
set -euo pipefail

say() { echo "containerd2: $*" >&2; }
impossible() {
    say "no containerd 2.x: $*"
    exit 3
}

[[ $# == 1 ]] || { sed -n '2,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
mkdir -p "$1"
dir=$(cd "$1" && pwd -P)
bin=$dir/usr/bin

runs() {
    local version
    [[ -x $bin/containerd ]] && version=$("$bin/containerd" --version 2>&1) && [[ $version =~ \ v?2\.[0-9]+ ]]
}

if runs; then
    echo "$bin"
    exit 0
fi
if version=$(containerd --version 2>/dev/null) && [[ $version =~ \ v?2\.[0-9]+ ]]; then
    dirname "$(command -v containerd)"
    exit 0
fi

command -v apt-get >/dev/null || impossible "this system has no apt to get a package with"
for program in dpkg-deb runc; do
    command -v "$program" >/dev/null || impossible "$program is missing"
done

# Where apt already gets packages of this distribution from. URIs of other distributors are not asked.
# shellcheck disable=SC1091 # of the system, not of the repository
id=$(. /etc/os-release && echo "$ID")
case $id in
debian) suites="forky sid" origin=Debian components=main ;;
ubuntu) suites="devel" origin=Ubuntu components="main universe" ;;
*) impossible "it is taken from Debian's or Ubuntu's archive, and this is $id" ;;
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
    say "looking for containerd in $id $suite"
    if ! apt-get update >"$lists/log" 2>&1; then
        why="the package list of $suite cannot be had: $(grep -E '^[EW]:' "$lists/log" | head -n 1)"
        continue
    fi
    version=$(apt-cache show --no-all-versions containerd 2>/dev/null | sed -n 's/^Version: //p' | head -n 1)
    if ! [[ $version =~ ^([0-9]+:)?2\. ]]; then
        why="$suite has containerd ${version:-not at all}"
        continue
    fi
    say "fetching containerd $version of $id $suite, to unpack it below $dir"
    if ! (cd "$lists" && apt-get download "containerd=$version") >"$lists/log" 2>&1; then
        why="its package cannot be had: $(tail -n 1 "$lists/log")"
        continue
    fi
    dpkg-deb -x "$lists"/containerd_*.deb "$dir"
    if runs; then
        rm -rf "$lists"
        echo "$bin"
        exit 0
    fi
    why="the one of $suite does not run here: $("$bin/containerd" --version 2>&1 | head -n 1)"
    rm -rf "${dir:?}/usr"
done
impossible "$why"
