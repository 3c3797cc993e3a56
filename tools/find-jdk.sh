#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/find-jdk.sh [--no-install]
#
# Prints the home directory of a JDK 25 or newer, the first found of: $JAVA_HOME, /usr/lib/jvm/*, the javac in
# PATH. Without one it installs one if it may (as root, by apt) unless
# --no-install is given; otherwise it says what to do and exits 1.
set -euo pipefail

readonly MIN=25

# The release file of a JDK names its version; reading it costs nothing, starting a JVM costs 50 ms.
version_of() {
    local line
    [[ -x $1/bin/javac && -r $1/release ]] || return 1
    while IFS= read -r line; do
        if [[ $line =~ ^JAVA_VERSION=\"?([0-9]+) ]]; then
            echo "${BASH_REMATCH[1]}"
            return 0
        fi
    done <"$1/release"
    return 1
}

find_jdk() {
    local home version javac candidates=()
    [[ -n ${JAVA_HOME:-} ]] && candidates+=("$JAVA_HOME")
    for home in /usr/lib/jvm/*; do
        [[ -L $home ]] || candidates+=("$home")
    done
    if javac=$(command -v javac); then
        javac=$(readlink -f "$javac")
        candidates+=("${javac%/bin/javac}")
    fi
    for home in "${candidates[@]}"; do
        if version=$(version_of "$home") && ((version >= MIN)); then
            echo "$home"
            return 0
        fi
    done
    return 1
}

find_jdk && exit 0

say() { echo "find-jdk: $*" >&2; }

may_install=
[[ ${1:-} == --no-install ]] || ((EUID != 0)) || ! command -v apt-get >/dev/null || may_install=1

known_package() {
    local name
    command -v apt-cache >/dev/null || return 1
    for name in openjdk-25-jdk-headless temurin-25-jdk; do
        if [[ -n $(apt-cache search --names-only "^$name\$") ]]; then
            echo "$name"
            return
        fi
    done
    return 1
}

package=$(known_package) || package=
if [[ -n $may_install ]]; then
    if [[ -z $package ]]; then
        apt-get update -qq >&2 || true
        package=$(known_package) || package=
    fi
    if [[ -n $package ]]; then
        say "no JDK $MIN or newer here, and Jubelet is compiled and run with one: installing $package"
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null
        find_jdk && exit 0
    fi
fi

say "no JDK $MIN or newer in JAVA_HOME, /usr/lib/jvm or PATH."
if [[ -n $package ]]; then
    say "Install it, as root:  apt-get install $package"
else
    say "Either add the package repository of Eclipse Temurin, which has one for Debian and Ubuntu, and, as root,"
    say "apt-get install temurin-25-jdk; or unpack a JDK archive of your choice below /usr/lib/jvm; or point"
    say "JAVA_HOME to one."
fi
exit 1
