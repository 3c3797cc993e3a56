#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/bench.sh [--quick] [--only PART,PART...] [--strict]
#
# Measures the built daemon (make build) against the floor of the runtime itself, on a private containerd, and prints
# a table; all samples are in build/bench/results.json. It needs root and about half an hour, more with a kubelet.
#
# --quick     fewer samples, 30 pods at most, 1,000 on the simulated runtime
# --only      of start, restart, edit, delete, many, idle, life, volumes, probes, config, pull, startup, cluster, streams,
#             simulated
# --strict    exits 1 when a target is missed
#
# KUBELET     a kubelet binary, to do the same work in the same run; tools/build-kubelet.sh builds one
# CRICTL      a crictl, which "jubelet exec" is compared with; tools/build-crictl.sh builds one
# CONTAINERD  the directory of another containerd, such as tools/containerd2.sh gives
# JUBELET     another daemon than daemon/target/jubelet/bin/jubelet
set -euo pipefail

cd "$(dirname "$0")/.."
root=$PWD/build/bench
jubelet=${JUBELET:-$PWD/daemon/target/jubelet/bin/jubelet}

die() {
    echo "bench.sh: $*" >&2
    exit 1
}
[[ ${1:-} != --help ]] || {
    sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2
    exit 0
}
((EUID == 0)) || die "containers need root: run this as root"

arguments=(--endpoint "unix://$root/containerd/containerd.sock" --work "$root")
if [[ -x $jubelet ]]; then
    arguments+=(--jubelet "$jubelet")
else
    echo "bench.sh: there is no $jubelet (make build): measuring without it" >&2
fi
if [[ -n ${KUBELET:-} ]]; then
    [[ -x $KUBELET ]] || die "KUBELET=$KUBELET is no program"
    arguments+=(--kubelet "$KUBELET")
fi
if [[ -n ${CRICTL:-} ]] || CRICTL=$(command -v crictl); then
    [[ -x $CRICTL ]] || die "CRICTL=$CRICTL is no program"
    arguments+=(--crictl "$CRICTL")
fi

JAVA_HOME=$(tools/find-jdk.sh)
export JAVA_HOME
echo "bench.sh: compiling" >&2
./mvnw -q -B -ntp test-compile dependency:build-classpath -DincludeScope=test \
    -Dmdep.outputFile=target/bench.classpath >&2

# A kubelet changes kernel settings and a fixed directory for devices; both are restored.
settings=$(sysctl vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops \
    kernel.keys.root_maxkeys kernel.keys.root_maxbytes 2>/dev/null || true)
had_kubelet_dir=
[[ ! -e /var/lib/kubelet ]] || had_kubelet_dir=1

clean_up() {
    tools/containerd.sh stop "$root/containerd"
    tools/leftovers.sh clean "$root" "$root/cgroups"
    rm -rf --one-file-system "$root/workspaces"
    if [[ -n ${KUBELET:-} ]]; then
        sysctl -qp - <<<"$settings" || true
        [[ -n $had_kubelet_dir ]] || rm -rf --one-file-system /var/lib/kubelet
    fi
}
# Containers of a killed run would be in the way, and so would their bridge.
tools/containerd.sh stop "$root/containerd"
trap clean_up EXIT
mkdir -p "$root"
tools/leftovers.sh cgroups >"$root/cgroups"
tools/containerd.sh start "$root/containerd" "${CONTAINERD:-}"
tools/images.sh "$root/containerd/containerd.sock" "$PWD/build/images" >&2

# The cluster to join; without these programs that part says so.
properties=()
if etcd=$(tools/etcd.sh "$PWD/build/etcd") && server=$(tools/build-kubernetes.sh kube-apiserver "$PWD/build/kubernetes"); then
    properties+=("-Djubelet.test.etcd=$etcd" "-Djubelet.test.kube-apiserver=$server")
fi

# Not by exec: the trap is still needed. Ctrl-C reaches both, and bash waits for Java first.
"$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --sun-misc-unsafe-memory-access=allow \
    "${properties[@]+"${properties[@]}"}" \
    -cp "bench/target/test-classes:$(<bench/target/bench.classpath)" \
    io.jubelet.bench.Bench "${arguments[@]}" "$@"
