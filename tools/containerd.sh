#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/containerd.sh start DIR [BIN_DIR]
#        tools/containerd.sh stop DIR
#        tools/containerd.sh status DIR
#        tools/containerd.sh try DIR
#
# Runs a private containerd that keeps everything below DIR: images, containers, network, log. Nothing on the host
# changes, and any number of them run beside each other and beside the system's.
#
# start   starts it and returns when it answers. BIN_DIR holds containerd, its shim and ctr; the default is the
#         directory of the last start, then PATH. After a kill -9 of containerd, start takes the running containers
#         over, as a restart of the service would.
# stop    ends it and all its containers, and removes their mounts and the network bridge. Images and logs stay
#         below DIR.
# status  says whether it answers; exits 0 if so.
# try     runs a container of the example images (tools/images.sh) to its end; exits 0 if that works. On some
#         machines, most of them containers themselves, containerd runs and containers do not.
#
# Below DIR: containerd.sock (CRI and containerd's own API), containerd.pid, containerd.log, config.toml,
# bin-dir (BIN_DIR), snapshotter (its name), network (bridge, subnet, gateway), net.d/ (the CNI configuration).
set -euo pipefail

say() { echo "containerd.sh: $*" >&2; }
die() {
    say "$*"
    exit 1
}
usage() {
    sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2
    exit 2
}

[[ $# -ge 2 && $# -le 3 ]] || usage
command=$1
[[ $command == start ]] && mkdir -p "$2"
dir=$(cd "$2" 2>/dev/null && pwd -P) || dir=
sock=$dir/containerd.sock

pid() { # of the containerd of this DIR, if it lives; the file alone may be older than the last boot
    local pid
    [[ -r $dir/containerd.pid ]] && pid=$(<"$dir/containerd.pid") && [[ -n $pid && -r /proc/$pid/cmdline ]] &&
        tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -qxF -- "$dir/config.toml" && echo "$pid"
}

shims() { # Its shims have its socket among their arguments.
    local file args
    grep -lsaF -- "$sock" /proc/[0-9]*/cmdline | while IFS= read -r file; do
        mapfile -d '' -t args 2>/dev/null <"$file" || continue
        [[ ${args[0]-} == *containerd-shim* && " ${args[*]} " == *" $sock "* ]] || continue
        file=${file#/proc/}
        echo "${file%/cmdline}"
    done
}

bin_dir() { if [[ -r $dir/bin-dir ]]; then cat "$dir/bin-dir"; else dirname "$(command -v containerd)"; fi; }

answers() { "$(bin_dir)/ctr" --timeout 2s -a "$sock" version >/dev/null 2>&1; }

cni_bin() {
    local d
    for d in /usr/lib/cni /opt/cni/bin; do
        if [[ -x $d/bridge && -x $d/host-local && -x $d/loopback && -x $d/portmap ]]; then
            echo "$d"
            return
        fi
    done
    die "the CNI plugins bridge, host-local, loopback and portmap are neither in /usr/lib/cni nor in" \
        "/opt/cni/bin: pods would get no network. Debian's package is containernetworking-plugins."
}

# A bridge and a subnet of 4094 addresses for this DIR, the same at every start. Subnets that a route of the host
# overlaps are left out.
choose_network() {
    local hash n i a b
    hash=$(printf %s "$dir" | sha256sum)
    n=$((16#${hash:8:6}))
    for ((i = 0; i < 128; i++)); do
        a=$((128 + (n + i * 67) % 2048 / 16)) b=$(((n + i * 67) % 16 * 16))
        if ! ip -4 route show table all match "10.$a.$b.0/20" | grep -qv '^default' &&
            [[ -z $(ip -4 route show table all root "10.$a.$b.0/20") ]]; then
            echo "jb${hash:0:8} 10.$a.$b.0/20 10.$a.$b.1"
            return
        fi
    done
    die "the routes of this host leave no subnet of 10.128.0.0/9 for the pods: ip -4 route"
}

# Mount points at and below DIR, the innermost first.
mounts() {
    awk -v below="$dir/" '{ gsub(/\\040/, " ", $5); if (index($5, below) == 1) print $5 }' /proc/self/mountinfo | tac
}

overlay_works() {
    local t=$dir/overlay-trial ok=1
    mkdir -p "$t/lower" "$t/upper" "$t/work" "$t/merged"
    if mount -t overlay overlay -o "lowerdir=$t/lower,upperdir=$t/upper,workdir=$t/work" "$t/merged" 2>/dev/null; then
        umount "$t/merged" && ok=0
    fi
    rm -rf "$t"
    return $ok
}

write_config() { # MAJOR SNAPSHOTTER CNI_BIN
    cat <<TOML
# Written by tools/containerd.sh at every start.
version = $(($1 == 1 ? 2 : 3))
root = "$dir/root"
state = "$dir/state"
# Not here: snapshotters for other file systems, and what has a fixed place on the host.
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.blockfile",
  "io.containerd.snapshotter.v1.erofs", "io.containerd.nri.v1.nri", "io.containerd.internal.v1.tracing",
  "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.restart",
]

[grpc]
  address = "$sock"
[ttrpc]
  address = "$sock.ttrpc"

[plugins."io.containerd.internal.v1.opt"]
  path = "$dir/opt"
TOML
    if (($1 == 1)); then
        cat <<TOML

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "registry.local/pause:1"
  # Without CAP_SYS_RESOURCE, as in many containers and sandboxes, no process may lower its score.
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  disable_tcp_service = true
  tolerate_missing_hugetlb_controller = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$3"
    conf_dir = "$dir/net.d"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "$dir/certs.d"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "$2"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        Root = "$dir/runc"
        SystemdCgroup = false
TOML
    else
        cat <<TOML

[plugins."io.containerd.cri.v1.images"]
  snapshotter = "$2"
  [plugins."io.containerd.cri.v1.images".pinned_images]
    sandbox = "registry.local/pause:1"
  [plugins."io.containerd.cri.v1.images".registry]
    config_path = "$dir/certs.d"

[plugins."io.containerd.cri.v1.runtime"]
  # Without CAP_SYS_RESOURCE, as in many containers and sandboxes, no process may lower its score.
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  tolerate_missing_hugetlb_controller = true
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["$3"]
    conf_dir = "$dir/net.d"
  [plugins."io.containerd.cri.v1.runtime".containerd]
    default_runtime_name = "runc"
    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
        Root = "$dir/runc"
        SystemdCgroup = false
TOML
    fi
}

write_network() { # BRIDGE SUBNET GATEWAY. The bridge has its address already: the plugin changes no sysctl.
    cat <<JSON
{
  "cniVersion": "0.4.0",
  "name": "$1",
  "plugins": [
    {
      "type": "bridge",
      "bridge": "$1",
      "hairpinMode": true,
      "ipam": {
        "type": "host-local",
        "dataDir": "$dir/ipam",
        "ranges": [[{"subnet": "$2", "gateway": "$3"}]],
        "routes": [{"dst": "0.0.0.0/0"}]
      }
    },
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
JSON
}

start() {
    local bin=${1:-} version major snapshotter cni bridge subnet gateway running lines
    ((EUID == 0)) || die "containerd needs root, for namespaces and mounts: run this as root"
    ((${#sock} + 6 <= 107)) ||
        die "the path of DIR is too long for a Unix socket (107 bytes with /containerd.sock.ttrpc): $dir"
    if running=$(pid); then
        answers || die "process $running is this containerd but does not answer: tools/containerd.sh stop $dir"
        return
    fi
    [[ -n $bin || ! -r $dir/bin-dir ]] || bin=$(<"$dir/bin-dir")
    if [[ -z $bin ]]; then
        bin=$(command -v containerd) || die "containerd is missing: it runs the containers. Debian's package is containerd."
        bin=$(dirname "$bin")
    fi
    bin=$(cd "$bin" && pwd)
    command -v runc >/dev/null || die "runc is missing: containerd starts containers with it. Debian's package is runc."
    version=$("$bin/containerd" --version) || die "$bin/containerd does not run"
    [[ $version =~ \ v?([0-9]+)\.[0-9]+\.[0-9]+ ]] || die "cannot read the version of $bin/containerd in: $version"
    major=${BASH_REMATCH[1]}
    cni=$(cni_bin)

    mkdir -p "$dir"/{root,state,net.d,ipam,certs.d,opt}
    echo "$bin" >"$dir/bin-dir"
    if [[ -r $dir/snapshotter ]]; then
        snapshotter=$(<"$dir/snapshotter")
    else
        if overlay_works; then snapshotter=overlayfs; else snapshotter=native; fi
        echo "$snapshotter" >"$dir/snapshotter"
    fi
    [[ -r $dir/network ]] || choose_network >"$dir/network"
    read -r bridge subnet gateway <"$dir/network"
    if ! ip link show "$bridge" >/dev/null 2>&1; then
        ip link add "$bridge" type bridge ||
            die "cannot make the network bridge $bridge for the pods (see above)"
        ip addr add "$gateway/${subnet#*/}" dev "$bridge"
        ip link set "$bridge" up
    fi
    write_network "$bridge" "$subnet" "$gateway" >"$dir/net.d/10-$bridge.conflist"
    write_config "$major" "$snapshotter" "$cni" >"$dir/config.toml"

    touch "$dir/containerd.log"
    lines=$(wc -l <"$dir/containerd.log")
    PATH=$bin:$PATH:/usr/sbin:/sbin setsid "$bin/containerd" --config "$dir/config.toml" \
        </dev/null >>"$dir/containerd.log" 2>&1 &
    echo $! >"$dir/containerd.pid"

    # It answers before its CRI service does, which says in the log when it is ready.
    local deadline=$((SECONDS + 30))
    until tail -n "+$((lines + 1))" "$dir/containerd.log" | grep -q 'Start streaming server' && answers; do
        if ! pid >/dev/null && ! kill -0 "$(<"$dir/containerd.pid")" 2>/dev/null; then
            tail -n 5 "$dir/containerd.log" >&2
            die "containerd ended at once; the last lines of $dir/containerd.log are above"
        fi
        ((SECONDS < deadline)) || die "containerd does not answer after 30 s; see $dir/containerd.log"
        sleep 0.03
    done
}

stop() {
    local p deadline id ns bundle address bridge='' mount result
    [[ -n $dir ]] || return 0
    if p=$(pid); then
        kill "$p"
        deadline=$((SECONDS + 5))
        while pid >/dev/null; do
            ((SECONDS < deadline)) || kill -9 "$p" 2>/dev/null || true
            sleep 0.02
        done
    fi

    # runc kills what is left in the containers and removes their cgroups; their shims reap them meanwhile.
    for ns in "$dir"/runc/*; do
        [[ -d $ns ]] || continue
        for id in "$ns"/*; do
            [[ -d $id ]] && printf '%s\0' "${id##*/}"
        done | xargs -0 -r -P 24 -n 1 runc --root "$ns" delete --force || true
    done
    for bundle in "$dir"/state/io.containerd.runtime.v2.task/*/*; do
        # "ctr run" ignores the configured root of runc and uses this one, which all containerds share.
        ns=/run/containerd/runc/$(basename "${bundle%/*}")
        if grep -qsF "bundle=$bundle\"" "$ns/${bundle##*/}/state.json"; then
            runc --root "$ns" delete --force "${bundle##*/}" || true
        fi
        # The socket of its shim: containerd 1.x notes it in one file, 2.x in another.
        while read -r address; do
            rm -f "$address"
        done < <(cat "$bundle/address" "$bundle/bootstrap.json" 2>/dev/null | grep -oE '/run/containerd/s/[0-9a-f]+')
    done

    while read -r p; do
        kill -9 "$p" 2>/dev/null || true
    done < <(shims)
    while read -r mount; do
        umount -l "$mount" 2>/dev/null || true
    done < <(mounts)
    rm -rf --one-file-system "$dir/state"

    [[ ! -r $dir/network ]] || read -r bridge _ <"$dir/network"
    if [[ -n $bridge ]]; then
        # libcni remembers each attached pod there. Host ports are the one thing that outlives a pod's namespace.
        for result in "/var/lib/cni/results/$bridge"-*-eth0; do
            [[ -e $result ]] || continue
            id=${result##*/"$bridge"-}
            id=${id%-eth0}
            if grep -qi hostport "$result"; then
                echo '{"cniVersion":"0.4.0","name":"'"$bridge"'","type":"portmap","runtimeConfig":{"portMappings":[{"hostPort":1,"containerPort":1,"protocol":"tcp"}]}}' |
                    CNI_COMMAND=DEL CNI_CONTAINERID=$id CNI_NETNS='' CNI_IFNAME=eth0 CNI_PATH=$(cni_bin) \
                        "$(cni_bin)/portmap" >&2 || true
            fi
            rm -f "$result" "/var/lib/cni/results/cni-loopback-$id-lo"
        done
        if ip link show "$bridge" >/dev/null 2>&1; then ip link del "$bridge"; fi
        rm -rf "$dir/ipam"
    fi
    rm -f "$dir/containerd.pid" "$sock" "$sock.ttrpc"
}

try_it() {
    local snapshotter
    snapshotter=$(<"$dir/snapshotter")
    "$(bin_dir)/ctr" --timeout 30s -a "$sock" -n k8s.io run --rm --snapshotter "$snapshotter" \
        docker.io/library/busybox:1 "try-$$" true
}

case $command in
start)
    start "${3:-}"
    ;;
stop)
    stop
    ;;
status)
    if [[ -n $dir ]] && p=$(pid) && answers; then
        echo "running: process $p, $("$(bin_dir)/containerd" --version), unix://$sock"
    else
        echo "not running: $2"
        exit 1
    fi
    ;;
try)
    try_it
    ;;
*) usage ;;
esac
