#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/conformance/node.sh DIR NODE AGENT_KIND FOCUS SKIP LABELS PROCS LISTED
#
# Starts a cluster of one node below DIR (etcd, an API server, a containerd, the node's agent and the front) and runs the
# node suite against it. tools/conformance/isolated.sh gives it a machine of its own to do so. DIR/bin holds the programs
# etcd, kube-apiserver, kube-controller-manager, kubectl, front, ginkgo and e2e_node.test, and DIR/bin/agent the agent.
#
# AGENT_KIND   jubelet, kubelet (its static pods, through the front) or kubelet-pods (its API pods, without the front)
# FOCUS, SKIP  regular expressions on the names of specs; empty for all and none
# LABELS       a label filter of Ginkgo
# PROCS        how many specs run side by side
# LISTED       a file with the names of specs that are not expected to pass
#
# Leaves DIR/results: a JUnit XML file and a log for each part of the run.
set -euo pipefail

[[ $# == 8 ]] || {
    sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2
    exit 2
}
dir=$1 node=$2 kind=$3 focus=$4 skip=$5 labels=$6 procs=$7 listed=$8
here=$(cd "$(dirname "$0")" && pwd -P)
tools=${here%/*}
api=https://127.0.0.1:6443
token=conformance
manifests=$dir/manifests
socket=$dir/containerd/containerd.sock
# The suite writes the configuration of the kubelet here, in its working directory.
config=$dir/suite/kubelet-config

say() { printf 'conformance: %s %s\n' "$(date +%T)" "$*"; }
die() {
    echo "conformance: $*" >&2
    exit 1
}
within() { # SECONDS WHAT COMMAND...
    local deadline=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < deadline)) || die "$what: not after a while; see the logs in $dir"
        sleep 0.2
    done
}
suite=
stop() {
    trap '' INT TERM
    [[ -z $suite ]] || kill "$suite" 2>/dev/null || true
    "$here/agent.sh" stop "$dir" || true
    "$tools/containerd.sh" stop "$dir/containerd" || true
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

ask() { curl -sS --fail --cacert "$dir/pki/ca.crt" -H "Authorization: Bearer $token" "$@"; }

# --- certificates

sign() { # NAME SUBJECT [EXTENSION]
    openssl req -newkey rsa:2048 -nodes -subj "$2" -keyout "$dir/pki/$1.key" -out "$dir/pki/$1.csr" 2>/dev/null
    openssl x509 -req -days 3 -in "$dir/pki/$1.csr" -CA "$dir/pki/ca.crt" -CAkey "$dir/pki/ca.key" -CAcreateserial \
        -extfile <(echo "${3:-extendedKeyUsage=clientAuth}") -out "$dir/pki/$1.crt" 2>/dev/null
}
make_certificates() {
    mkdir -p "$dir/pki"
    openssl req -x509 -newkey rsa:2048 -nodes -days 3 -subj /CN=conformance-ca -keyout "$dir/pki/ca.key" \
        -out "$dir/pki/ca.crt" 2>/dev/null
    sign apiserver /CN=kube-apiserver subjectAltName=IP:127.0.0.1
    sign admin /O=system:masters/CN=admin
    sign node "/O=system:nodes/CN=system:node:$node"
    openssl genrsa -out "$dir/pki/accounts.key" 2048 2>/dev/null
    kubeconfig node >"$dir/node.kubeconfig"
    kubeconfig admin >"$dir/admin.kubeconfig"
}
kubeconfig() { # NAME
    cat <<YAML
apiVersion: v1
kind: Config
clusters: [{name: conformance, cluster: {server: "$api", certificate-authority: "$dir/pki/ca.crt"}}]
users: [{name: $1, user: {client-certificate: "$dir/pki/$1.crt", client-key: "$dir/pki/$1.key"}}]
contexts: [{name: conformance, context: {cluster: conformance, user: $1}}]
current-context: conformance
YAML
}

# --- the cluster

start() { # NAME PROGRAM ARGUMENT...
    local name=$1
    shift
    "$@" </dev/null >"$dir/$name.log" 2>&1 &
}
start_api() {
    start etcd "$dir/bin/etcd" --data-dir="$dir/etcd" --unsafe-no-fsync
    # As the suite starts its own: no service accounts, whose tokens pods would mount.
    start kube-apiserver "$dir/bin/kube-apiserver" --etcd-servers=http://127.0.0.1:2379 \
        --bind-address=127.0.0.1 --secure-port=6443 --advertise-address=127.0.0.1 --endpoint-reconciler-type=none \
        --tls-cert-file="$dir/pki/apiserver.crt" --tls-private-key-file="$dir/pki/apiserver.key" \
        --client-ca-file="$dir/pki/ca.crt" --token-auth-file=<(echo "$token,admin,1,system:masters") \
        --kubelet-client-certificate="$dir/pki/admin.crt" --kubelet-client-key="$dir/pki/admin.key" \
        --kubelet-preferred-address-types=InternalIP --allow-privileged=true \
        --authorization-mode=Node,RBAC --disable-admission-plugins=ServiceAccount,TaintNodesByCondition \
        --service-account-issuer=https://conformance.invalid --service-account-key-file="$dir/pki/accounts.key" \
        --service-account-signing-key-file="$dir/pki/accounts.key" --service-cluster-ip-range=10.0.0.0/24
    within 120 "the API server is ready" ask "$api/readyz"
    # Removes what deleted namespaces hold.
    start kube-controller-manager "$dir/bin/kube-controller-manager" --kubeconfig="$dir/admin.kubeconfig" \
        --leader-elect=false --controllers=namespace-controller --bind-address=127.0.0.1
}

configure_agent() { # As the suite configures its kubelet; Jubelet serves no anonymous callers.
    local anonymous=true
    [[ $kind != jubelet ]] || anonymous=false
    mkdir -p "$manifests" "$dir/suite"
    cat >"$config" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
staticPodPath: $manifests
port: 10250
readOnlyPort: 10255
authentication: {anonymous: {enabled: $anonymous}, webhook: {enabled: true}, x509: {clientCAFile: $dir/pki/ca.crt}}
authorization: {mode: AlwaysAllow}
cgroupRoot: /
cgroupDriver: cgroupfs
volumeStatsAggPeriod: 10s
serializeImagePulls: false
fileCheckFrequency: 10s
podCIDR: 10.100.0.0/24
evictionPressureTransitionPeriod: 30s
evictionHard: {memory.available: 250Mi, nodefs.available: 10%, nodefs.inodesFree: 5%}
evictionMinimumReclaim: {nodefs.available: 5%, nodefs.inodesFree: 5%}
failSwapOn: false
featureGates: {EnvFiles: true}
YAML
    # A kubelet refuses cgroup version 1 otherwise.
    [[ $kind == jubelet || -e /sys/fs/cgroup/cgroup.controllers ]] || echo 'failCgroupV1: false' >>"$config"
}
agent_command() { # ENDPOINT
    local common=("--config=$config" "--kubeconfig=$dir/node.kubeconfig" "--hostname-override=$node"
        --root-dir=/var/lib/kubelet "--container-runtime-endpoint=$1")
    if [[ $kind == jubelet ]]; then
        printf '%s\n' "$dir/bin/agent" run "${common[@]}" "--api-socket=$dir/agent.sock"
    else
        printf '%s\n' "$dir/bin/agent" "${common[@]}" --v=2
    fi
}
node_is_ready() {
    ask "$api/api/v1/nodes/$node" | jq -e '.status.conditions[] | select(.type == "Ready" and .status == "True")'
}
start_agent() { # ENDPOINT
    agent_command "$1" >"$dir/agent.command"
    "$here/agent.sh" start "$dir"
    within 120 "the node is ready" node_is_ready
    # Jubelet keeps pods away that are no static pods; the suite's pods are.
    ask -o /dev/null -X PATCH -H 'Content-Type: application/merge-patch+json' "$api/api/v1/nodes/$node" \
        -d '{"spec": {"taints": null}}'
}

# --- the suite

host=$api
flags=()
# shellcheck disable=SC2016 # an expression of sed
names() { # [PATTERN]: a regular expression for the listed specs whose names match
    grep -E -- "${1:-.}" "$listed" | sed 's/[][\\.*^$()+?{}|]/\\&/g; s/$/$/' | paste -sd'|'
}
select_specs() { # LABELS LISTED: sets the flags of Ginkgo, and fails if no spec is selected
    local filter=$1 expression selected
    [[ -z $labels ]] || filter="($labels) && ($filter)"
    flags=("--label-filter=$filter")
    [[ -z $skip ]] || flags+=("--skip=$skip")
    if [[ $2 == yes ]]; then
        # Ginkgo takes a spec that one of several expressions matches, so the focus chooses among the names.
        expression=$(names "$focus")
        [[ -n $expression ]] || return 1
        flags+=("--focus=$expression")
    else
        [[ -z $focus ]] || flags+=("--focus=$focus")
        expression=$(names)
        [[ -z $expression ]] || flags+=("--skip=$expression")
    fi
    selected=$("$dir/suite/e2e_node.test" "${flags[@]/#--/--ginkgo.}" --ginkgo.dry-run --ginkgo.no-color 2>&1 |
        sed -n 's/^Ran \([0-9]*\) of .*/\1/p')
    [[ -n $selected ]] || die "the suite does not run: $dir/suite/e2e_node.test ${flags[*]/#--/--ginkgo.} --ginkgo.dry-run"
    ((selected > 0)) || return 1
    say "running $selected specs"
}
suite_flags() {
    printf '%s\n' --start-services=false "--prepull-images=${PREPULL:-false}" "--node-name=$node" "--host=$host" \
        "--container-runtime-endpoint=unix://$socket" "--system-spec-file=$dir/suite/system-spec.yaml" \
        "--bearer-token=$token"
}
finish() { # PART: waits for the suite; specs that fail are counted later
    wait "$suite" || true
    suite=
    [[ -s $dir/results/$1.xml ]] || die "the suite left no results; see $dir/results/$1.log"
}
run_suite() { # PART LABELS PROCS LISTED
    local own
    select_specs "$2" "$4" || return 0
    mapfile -t own < <(suite_flags)
    "$dir/bin/ginkgo" "${flags[@]}" "--procs=$3" --no-color -v --timeout=6h --keep-going --output-dir="$dir/results" \
        "--junit-report=$1.xml" "$dir/suite/e2e_node.test" -- "${own[@]}" >"$dir/results/$1.log" 2>&1 &
    suite=$!
    finish "$1"
}
# The suite puts a proxy between the agent and the runtime, which makes calls fail.
run_suite_with_proxy() { # PART LABELS LISTED
    local own
    select_specs "$2" "$3" || return 0
    mapfile -t own < <(suite_flags)
    "$here/agent.sh" stop "$dir"
    # The suite waits for a node that is ready.
    ask -o /dev/null -X DELETE "$api/api/v1/nodes/$node"
    touch "$dir/before-proxy"
    (
        cd "$dir/suite"
        exec ./e2e_node.test "${flags[@]/#--/--ginkgo.}" --ginkgo.v --ginkgo.no-color --ginkgo.timeout=6h \
            "--ginkgo.junit-report=$dir/results/$1.xml" --cri-proxy-enabled "${own[@]}"
    ) >"$dir/results/$1.log" 2>&1 &
    suite=$!
    within 60 "the proxy of the suite listens" proxy
    start_agent "unix://$(proxy)"
    finish "$1"
}
proxy() { find /tmp -maxdepth 1 -name 'kubelet_remote_proxy_*.sock' -newer "$dir/before-proxy" | grep .; }

mkdir -p "$dir/results"
make_certificates
say "starting etcd, the API server and containerd"
start_api
"$tools/containerd.sh" start "$dir/containerd" "${CONTAINERD:-}"
"$tools/images.sh" "$socket" "$dir/images"
for image in "$dir/images/suite"/*.tar; do
    [[ ! -e $image ]] || "$(<"$dir/containerd/bin-dir")/ctr" -a "$socket" -n k8s.io images import "$image" >/dev/null
done
say "starting the agent"
configure_agent
start_agent "unix://$socket"
if [[ $kind != kubelet-pods ]]; then
    start front "$dir/bin/front" --listen=127.0.0.1:8080 "--server=$api" "--cert=$dir/pki/admin.crt" \
        "--key=$dir/pki/admin.key" "--manifests=$manifests" "--node=$node"
    host=http://127.0.0.1:8080
    within 30 "the front listens" curl -sS "$host/readyz"
fi
echo 'os: Linux' >"$dir/suite/system-spec.yaml"
PATH=$here/bin:$dir/bin:$PATH
export JUBELET_CONFORMANCE_AGENT=$here/agent.sh JUBELET_CONFORMANCE_DIR=$dir
# Where specs are ordered, one that fails keeps those behind it from running. So the listed ones run on their own.
run_suite parallel '!Serial && !Feature:CriProxy' "$procs" no
run_suite parallel-listed '!Serial && !Feature:CriProxy' "$procs" yes
run_suite serial 'Serial && !Feature:CriProxy' 1 no
run_suite serial-listed 'Serial && !Feature:CriProxy' 1 yes
run_suite_with_proxy proxy Feature:CriProxy no
run_suite_with_proxy proxy-listed Feature:CriProxy yes
