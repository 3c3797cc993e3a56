#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/conformance/isolated.sh DIR NODE COMMAND [ARGUMENT...]
#
# Runs COMMAND as on a machine of its own, so that the fixed ports, directories and cgroups of a kubelet meet none of the
# host's: in namespaces for mounts, processes, network, host name and cgroups. What it starts ends with it.
#
# DIR    keeps what the command writes to /var/lib/kubelet, /var/log/pods, /var/log/containers, /var/lib/cni,
#        /run/containerd and /etc/hosts
# NODE   the host name, which resolves to 192.168.127.2, an address of a network interface that leads nowhere
#
# ISOLATED_NETWORK=host   keeps the network and the ports of the host, to pull images
#
# The exit code is that of COMMAND.
set -euo pipefail

usage() {
    sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2
    exit 2
}
[[ $# -ge 3 ]] || usage
network=${ISOLATED_NETWORK:-own}

# The cgroup of this shell in each hierarchy, and below it that of the command.
parents=()
find_cgroups() {
    local lines line controllers path mount
    mapfile -t lines </proc/self/cgroup
    for line in "${lines[@]}"; do
        IFS=: read -r _ controllers path <<<"$line"
        if [[ -z $controllers ]]; then
            mount=$(findmnt -n -t cgroup2 -o TARGET | head -n 1)
        else
            mount=$(findmnt -n -t cgroup -O "${controllers%%,*}" -o TARGET | head -n 1)
        fi
        [[ -z $mount ]] || parents+=("$mount${path%/}")
    done
}
own=jubelet-conformance-$$
enter_cgroups() {
    local parent file
    for parent in "${parents[@]}"; do
        mkdir "$parent/$own"
        # Version 1 lets no process in before the group has processors and memory.
        for file in cpuset.cpus cpuset.mems; do
            if [[ -e $parent/$own/tasks && -e $parent/$file ]]; then cat "$parent/$file" >"$parent/$own/$file"; fi
        done
        echo $$ >"$parent/$own/cgroup.procs"
    done
}
# The kernel releases the groups of ended processes after a moment.
# shellcheck disable=SC2317 # a trap calls it
leave_cgroups() {
    local deadline=$((SECONDS + 10)) parent
    for parent in "${parents[@]}"; do
        echo $$ >"$parent/cgroup.procs"
    done
    for parent in "${parents[@]}"; do
        until find "$parent/$own" -depth -type d -exec rmdir {} + 2>/dev/null; do
            if ((SECONDS > deadline)); then
                echo "isolated.sh: the cgroup $parent/$own is still in use" >&2
                break
            fi
            sleep 0.1
        done
    done
}

inside() { # NODE COMMAND...
    local target kind options
    hostname "$1"
    # Pods may ask for mounts that they share with the host.
    mount --make-rshared /
    while read -r target kind options; do
        umount "$target"
        mount -t "$kind" -o "$options" cgroup "$target"
    done < <(cgroup_mounts)
    if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then
        # Version 2 divides a group that has groups alone, except the root.
        mkdir /sys/fs/cgroup/system
        xargs -n 1 </sys/fs/cgroup/cgroup.procs | while read -r pid; do
            echo "$pid" >/sys/fs/cgroup/system/cgroup.procs
        done
        sed 's/\</+/g' /sys/fs/cgroup/cgroup.controllers >/sys/fs/cgroup/cgroup.subtree_control
    fi
    while read -r target; do
        mkdir -p "$target" "$dir$target"
        mount --bind "$dir$target" "$target"
    done <<<$'/var/lib/kubelet\n/var/log/pods\n/var/log/containers\n/var/lib/cni\n/run/containerd'
    mkdir -p "$dir/etc"
    if [[ $network == own ]]; then
        printf '127.0.0.1 localhost\n192.168.127.2 %s\n' "$1" >"$dir/etc/hosts"
        ip link set lo up
        ip link add node0 type veth peer name node1
        ip addr add 192.168.127.2/24 dev node0
        ip link set node1 up
        ip link set node0 up
        ip route add default via 192.168.127.1
    else
        { cat /etc/hosts && printf '%s %s\n' "$(hostname -I | cut -d' ' -f1)" "$1"; } >"$dir/etc/hosts"
    fi
    mount --bind "$dir/etc/hosts" /etc/hosts
    # The command is the init process of its namespace: when it ends, so does everything in there.
    exec "${@:2}"
}
# TARGET TYPE OPTIONS of each hierarchy
cgroup_mounts() {
    findmnt -n -l -t cgroup,cgroup2 -o TARGET,FSTYPE,FS-OPTIONS | sed -E 's/ +/ /g'
}

if [[ $1 == --inside ]]; then
    dir=$2
    inside "${@:3}"
fi
((EUID == 0)) || {
    echo "isolated.sh: namespaces need root: run this as root" >&2
    exit 1
}
mkdir -p "$1"
dir=$(cd "$1" && pwd -P)
find_cgroups
trap leave_cgroups EXIT
enter_cgroups
namespaces=(--mount --pid --fork --kill-child --mount-proc --uts --cgroup --propagation private)
[[ $network == host ]] || namespaces+=(--net)
status=0
unshare "${namespaces[@]}" "$0" --inside "$dir" "${@:2}" &
child=$!
# unshare ignores the signal; its child is the command.
# shellcheck disable=SC2317 # a trap calls it
end() {
    local init
    init=$(ps -o pid= --ppid "$child") || return 0
    kill -TERM "$init" 2>/dev/null || true
}
trap end INT TERM HUP
while kill -0 $child 2>/dev/null; do
    status=0
    wait $child || status=$?
done
exit $status
