#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/conformance.sh [OPTION...]
#
# Runs the node suite of Kubernetes (test/e2e_node), which creates pods through an API server, on the built daemon (make
# build): a front before the API server makes a manifest of each pod. It needs root, and two hours for all specs of node
# conformance. etcd, API server, containerd and daemon run in namespaces of their own (tools/conformance/isolated.sh).
#
# The last lines are a table: specs, passed, listed and failed of each group. tools/conformance/expected.tsv lists the
# specs that do not pass, with the reason. The run fails if another spec does not pass, or one of these does.
# build/conformance/results has the logs, and a JUnit XML file for each part.
#
# --focus REGEX        only specs whose names match
# --skip REGEX         no specs whose names match
# --labels FILTER      specs that a label filter of Ginkgo selects; default: NodeConformance || Feature:CriProxy, which are
#                      those of node conformance, and those that make calls of the runtime fail
# --procs N            how many specs run side by side (6)
# --kubelet PROGRAM    the same with static pods of this kubelet, or with its API pods and without the front (--no-front)
# --no-front
# --api-server PROGRAM another kube-apiserver than the pinned one
# --containerd DIR     the directory of the programs of another containerd; default: that of tools/containerd2.sh
# --real-images        pull the suite's images from their registries, on the network of the host; default: images made here
# --record             write the table to tools/conformance/results.tsv, for docs/conformance.md
#
# JUBELET              another daemon than daemon/target/jubelet/bin/jubelet
set -euo pipefail

cd "$(dirname "$0")/.."
dir=$PWD/build/conformance
node=conformance
jubelet=${JUBELET:-$PWD/daemon/target/jubelet/bin/jubelet}

usage() {
    sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0"
}
die() {
    echo "conformance.sh: $*" >&2
    exit 1
}
cgroup_version() { if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then echo 2; else echo 1; fi; }
kind=jubelet agent=$jubelet focus='' skip='' labels='NodeConformance || Feature:CriProxy' procs=6 api_server='' containerd='' front=1
real_images='' record=''
while (($# > 0)); do
    case $1 in
    --no-front) front= ;;
    --real-images) real_images=1 ;;
    --record) record=1 ;;
    --help)
        usage
        exit 0
        ;;
    --focus | --skip | --labels | --procs | --kubelet | --api-server | --containerd)
        (($# > 1)) || die "$1 needs a value"
        case $1 in
        --focus) focus=$2 ;;
        --skip) skip=$2 ;;
        --labels) labels=$2 ;;
        --procs) procs=$2 ;;
        --kubelet) agent=$2 kind=kubelet ;;
        --api-server) api_server=$2 ;;
        --containerd) containerd=$2 ;;
        esac
        shift
        ;;
    *)
        usage >&2
        exit 2
        ;;
    esac
    shift
done
[[ -n $front || $kind == kubelet ]] || die "--no-front needs --kubelet: without the front, the suite's pods are API pods"
[[ -n $front ]] || kind=kubelet-pods
((EUID == 0)) || die "containers and namespaces need root: run this as root"
[[ -x $agent ]] || die "there is no $agent: run make build first"
for program in openssl curl jq findmnt unshare; do
    command -v "$program" >/dev/null || die "$program is missing"
done

JAVA_HOME=$(tools/find-jdk.sh)
export JAVA_HOME
rm -rf --one-file-system "$dir"
mkdir -p "$dir/bin" "$dir/images" "$dir/suite"

# --- programs

go=$(tools/go.sh build/go)
PATH=$(dirname "$go"):$PATH
program() { # NAME PATH
    ln -s "$(realpath "$2")" "$dir/bin/$1"
}
build() { tools/build-kubernetes.sh "$1" build/kubernetes; }
program etcd "$(tools/etcd.sh build/etcd)"
program kube-apiserver "${api_server:-$(build kube-apiserver)}"
program kube-controller-manager "$(build kube-controller-manager)"
program kubectl "$(build kubectl)"
program ginkgo "$(build ginkgo)"
program agent "$agent"
[[ -n $containerd ]] || containerd=$(tools/containerd2.sh build/containerd2)
# A runc that can map ids, where one can be had: pods with user namespaces need it.
if runc=$(tools/build-runc.sh build/runc 2>"$dir/runc.log"); then PATH=$runc:$PATH; fi
# Ginkgo runs the suite in the directory of its program.
cp --reflink=auto "$(build e2e_node.test)" "$dir/suite/e2e_node.test"
(cd tools/conformance/front && go build -trimpath -o "$dir/bin/front" .)
if [[ -z $real_images ]]; then
    tools/conformance/images.sh "$dir/images/suite" "$(build agnhost)"
fi

# --- the run

# The list is that of Jubelet.
expected=tools/conformance/expected.tsv
[[ $kind == jubelet ]] || expected=/dev/null
sed -n 's/^[a-z-]*\t\([^\t]*\)\t.*/\1/p' "$expected" >"$dir/listed"
echo "conformance.sh: running; the logs are in build/conformance"
start=$SECONDS
PREPULL=${real_images:+true} CONTAINERD=$containerd ISOLATED_NETWORK=${real_images:+host} \
    tools/conformance/isolated.sh "$dir/host" "$node" \
    "$PWD/tools/conformance/node.sh" "$dir" "$node" "$kind" "$focus" "$skip" "$labels" "$procs" "$dir/listed"
status=0
"$JAVA_HOME/bin/java" e2e/src/test/java/io/jubelet/conformance/ConformanceReport.java "$dir/results" \
    "$expected" "$dir/results.tsv" | tee "$dir/table.txt" || status=1
echo "conformance.sh: after $(((SECONDS - start) / 60)) minutes"
if [[ -n $record ]]; then
    {
        echo "# Linux $(uname -r), $(nproc) processors, cgroup $(cgroup_version), $("$containerd/containerd" --version |
            cut -d' ' -f2,3), $procs specs side by side."
        cat "$dir/results.tsv"
    } >tools/conformance/results.tsv
fi
exit $status
