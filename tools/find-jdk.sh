#!/usr/bin/env bash
# Usage: tools/find-jdk.sh [--no-install]
#
# Prints the home directory of a JDK 25 or newer, the first found of: $JAVA_HOME, /usr/lib/jvm/*, the javac in
# PATH. Without one it installs a package of the system if it may (root, apt), unless --no-install is given;
# otherwise it says what to do and exits 1.
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

package=
if command -v apt-cache >/dev/null; then
    for name in openjdk-25-jdk-headless temurin-25-jdk; do
        if [[ -n $(apt-cache search --names-only "^$name\$") ]]; then
            package=$name
            break
        fi
    done
fi
if [[ -n $package && ${1:-} != --no-install && $EUID == 0 ]]; then
    say "no JDK $MIN or newer here, and Jubelet is compiled and run with one: installing $package"
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$package" >&2
    find_jdk && exit 0
fi

say "no JDK $MIN or newer in JAVA_HOME, /usr/lib/jvm or PATH."
if [[ -n $package ]]; then
    say "Install it, as root:  apt-get install $package"
else
    say "No apt source here has a package of it. Either add the repository of Eclipse Temurin"
    say "(https://adoptium.net/installation/linux/) and, as root:  apt-get install temurin-25-jdk"
    say "or unpack a JDK archive of your choice below /usr/lib/jvm, or point JAVA_HOME to it."
fi
exit 1
