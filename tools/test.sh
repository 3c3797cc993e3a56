#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/test.sh [MAVEN_OPTION...]        for example -Dtest='PodLife*' or -Dgroups=cluster
#
# Runs all tests that this machine can run: the unit tests, and the tests on real containerd against private
# instances of it (1.x from PATH, 2.x from a newer Debian's package), started below build/test and stopped
# afterwards. The end lists what was skipped and why. The last line is "N passed, N failed, N skipped".
#
# JUBELET_NO_SKIP=1   a skipped test is a failure
# JUBELET_FORKS=N     how many JVMs share the work, each with a containerd of either kind (default 1); most tests wait
#                     most of the time
set -euo pipefail

cd "$(dirname "$0")/.."
JAVA_HOME=$(tools/find-jdk.sh)
export JAVA_HOME
dir=$PWD/build/test
no_skip=${JUBELET_NO_SKIP:-}
[[ $no_skip != 0 ]] || no_skip=
forks=${JUBELET_FORKS:-1}
missing=()
modules=(cri-client daemon e2e bench)
# With -Dtest most modules have no test of that name.
options=("-Djubelet.test.forks=$forks" -Dsurefire.failIfNoSpecifiedTests=false)
mark=

# Ends Maven and the JVMs below it if they outlive this script.
end_tests() {
    local file pid
    for file in /proc/[0-9]*/environ; do
        pid=${file#/proc/}
        pid=${pid%/environ}
        if grep -qsxzF -- "JUBELET_TEST_RUN=$mark" "$file"; then kill -9 "$pid" 2>/dev/null || true; fi
    done
}
stop() {
    local d
    trap '' INT TERM HUP
    [[ -z $mark ]] || end_tests
    for d in "$dir"/*/containerd "$dir"/*/containerd2; do
        [[ ! -d $d ]] || tools/containerd.sh stop "$d" || true
    done
    if ((EUID == 0)) && [[ -d $dir ]]; then tools/leftovers.sh clean "$dir" "$dir/cgroups"; fi
}
trap stop EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

(stop)
mkdir -p "$dir"
if ((EUID == 0)); then tools/leftovers.sh cgroups >"$dir/cgroups"; fi
# State of earlier runs may belong to containers that are gone; images are quick to build again.
rm -rf --one-file-system "$dir"/fork* "$dir/work" "$dir/programs"
mkdir -p "$dir/work" "$dir/programs"
options+=("-Djubelet.test.dir=$dir/work")

runtime() { # NAME PROPERTY [BIN_DIR]
    local out d fork
    for ((fork = 1; fork <= forks; fork++)); do
        d=$dir/fork$fork/$1
        if ! out=$(tools/containerd.sh start "$d" ${3:+"$3"} 2>&1 &&
            tools/images.sh "$d/containerd.sock" "$dir/images" 2>&1); then
            missing+=("$1: ${out//$'\n'/ }")
            return
        fi
        echo "test: $(tools/containerd.sh status "$d")"
    done
    # With several JVMs, Surefire replaces this by the number of each.
    # shellcheck disable=SC2016
    ((forks == 1)) && fork=1 || fork='${surefire.forkNumber}'
    options+=("-D$2=$dir/fork$fork/$1/containerd.sock")
}
if ((EUID != 0)); then
    missing+=("containerd, containerd2: running containers needs root")
else
    runtime containerd jubelet.test.containerd
    if bin=$(tools/containerd2.sh "$PWD/build/containerd2" 2>"$dir/containerd2.err"); then
        # Without a runc that can map ids, the tests show on both containerds how user namespaces are refused.
        if runc=$(tools/build-runc.sh "$PWD/build/runc" 2>"$dir/runc.err"); then
            PATH=$runc:$PATH runtime containerd2 jubelet.test.containerd2 "$bin"
            options+=(-Djubelet.test.user-namespaces=true)
        else
            missing+=("a runc with user namespaces: $(tail -n 1 "$dir/runc.err")")
            runtime containerd2 jubelet.test.containerd2 "$bin"
        fi
    else
        missing+=("containerd2: $(tail -n 1 "$dir/containerd2.err")")
    fi
fi
if file=$(tools/cri-api.sh "$PWD/build/cri-api" 2>"$dir/cri-api.err"); then
    options+=("-Djubelet.test.cri-api=$file")
else
    missing+=("the published CRI protocol: $(tail -n 1 "$dir/cri-api.err")")
fi
# Programs that were built before are there at once. Others are built beside the tests that wait for them.
programs=(kube-apiserver kube-controller-manager kubeadm-etcd kube-scheduler kubeadm kubelet-settings-1.36 kubectl
    kubectl-1.20 informers prometheus-parser)
build() { # PROGRAM
    case $1 in
    kubeadm-etcd) nice tools/build-etcd.sh "$PWD/build/kubernetes" ;;
    prometheus-parser) nice tools/build-prometheus-parser.sh "$PWD/build/prometheus" ;;
    kubectl-1.20) tools/kubectl-1.20.sh "$PWD/build/kubectl-1.20" ;;
    kubelet-settings-*) nice tools/build-kubernetes.sh kubelet-settings "$PWD/build/kubernetes" "${1##*-}" ;;
    *) nice tools/build-kubernetes.sh "$1" "$PWD/build/kubernetes" ;;
    esac
}
build_programs() {
    local program built
    for program in "${programs[@]}"; do
        if built=$(build "$program" 2>"$dir/programs/$program.log"); then
            ln -s "$built" "$dir/programs/$program"
        fi
        rm "$dir/programs/$program.building"
    done
}
if etcd=$(tools/etcd.sh "$PWD/build/etcd" 2>"$dir/etcd.err"); then
    options+=("-Djubelet.test.etcd=$etcd")
else
    missing+=("etcd, and so without an API server: $(tail -n 1 "$dir/etcd.err")")
fi
for program in "${programs[@]}"; do
    touch "$dir/programs/$program.building"
    options+=("-Djubelet.test.$program=$dir/programs/$program")
done
for reason in "${missing[@]+"${missing[@]}"}"; do
    echo "test: without $reason"
done
[[ -z $no_skip ]] || options+=(-Djubelet.test.no-skip=true)

# All modules are tested even if one of them fails; the summary decides.
rm -rf "${modules[@]/%//target/surefire-reports}"
maven=0
# In the background, so that a signal ends it at once. Its processes are recognised by their environment.
mark=$$-$RANDOM
JUBELET_TEST_RUN=$mark build_programs &
JUBELET_TEST_RUN=$mark ./mvnw -B -ntp verify -Dmaven.test.failure.ignore=true "${options[@]}" "$@" &
wait $! || maven=$?

tools/test-summary.sh "$maven" "${modules[@]}"
