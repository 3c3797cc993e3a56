#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: packaging/vm/test.sh [SUITE]
#
# Boots a Debian (bookworm) under QEMU without KVM, installs the package of build/ in it, and checks Jubelet as a service:
# what needs systemd, a whole machine, cgroup v2 or AppArmor. Needs root and the programs of "tools/setup.sh --packages".
# Everything is ten times slower than on a real machine. On a busy one, PATIENCE=5 multiplies all limits.
set -euo pipefail

cd "$(dirname "$0")/../.."
here=packaging/vm
suite=${1:-bookworm}
vm=$PWD/build/vm
patience=${PATIENCE:-1}
# shellcheck source=packaging/vm/machine.sh
. "$here/machine.sh"
die() {
    echo "vm-test: $*" >&2
    exit 1
}
((EUID == 0)) || die "needs root"
for program in qemu-system-x86_64 qemu-img cpio mke2fs busybox dpkg-deb; do
    PATH=$PATH:/sbin:/usr/sbin command -v "$program" >/dev/null || die "$program is missing; tools/setup.sh --packages installs it"
done
[[ $(uname -m) == x86_64 ]] || die "the machine is an x86_64, and this is $(uname -m)"
debs=(build/jubelet_*_amd64.deb)
[[ -e ${debs[0]} ]] || die "no package in build/: run make dist"
((${#debs[@]} == 1)) || die "several packages in build/: ${debs[*]}"
images=(build/images/images-*.tar)
[[ -e ${images[0]} ]] || die "no images in build/images: run make build"

qemu=
failed=()
began=$SECONDS
trap machine_kill EXIT
rm -rf --one-file-system "$vm"
mkdir -p "$vm"

step() { # NAME SECONDS <SCRIPT: runs it in the machine
    local begin=$SECONDS output code=0
    output=$(guest $(($2 * patience)) < <(echo "export patience=$patience; . /root/lib.sh" && cat)) || code=$?
    if ((code == 0)); then
        printf 'ok    %-58s %4d s\n' "$1" $((SECONDS - begin))
    else
        printf 'FAIL  %-58s %4d s, exit code %d\n' "$1" $((SECONDS - begin)) "$code"
        failed+=("$1")
    fi
    [[ -z $output ]] || echo "          ${output//$'\n'/$'\n'          }"
}

echo "vm-test: making the machine"
packaging/debian-root.sh "$suite" "build/debian/$suite.tar" >"$vm/root.log" 2>&1 || {
    tail "$vm/root.log" >&2
    die "no Debian $suite"
}
cp "${debs[0]}" "$vm/jubelet.deb"
packaging/renumber.sh "$vm/jubelet.deb" "$vm/newer.deb"
packaging/vm/image.sh "build/debian/$suite.tar" "$vm" "$vm/jubelet.deb" "$vm/newer.deb" "${images[-1]}"
echo "vm-test: booting it ($((SECONDS - began)) s)"
machine_start max
machine_up $((300 * patience)) || die "the machine does not come up; see $vm/console.log"
echo "vm-test: it is up ($((SECONDS - began)) s)"

step "apt install, the unit is enabled and running" 240 <<'END'
install -d /etc/default /etc/kubernetes/manifests
echo 'JUBELET_ARGS="--cgroup-driver=systemd"' >/etc/default/jubelet
cp /root/web.yaml /etc/kubernetes/manifests/
begin=$SECONDS
apt-get -o Dpkg::Options::=--force-confold install -y --no-install-recommends /root/jubelet.deb >/root/apt.log 2>&1 ||
    { cat /root/apt.log; exit 1; }
rm /root/jubelet.deb
expect "active" within 60 active
echo "active $((SECONDS - begin)) s after apt began"
expect "the pod of the manifest runs" within 90 web_runs
echo "running pod $((SECONDS - begin)) s after apt began"
expect "enabled" [ "$(systemctl is-enabled jubelet)" = enabled ]
expect "the group jubelet" getent group jubelet
expect "a socket for that group" [ "$(stat -c %G:%a /run/jubelet/jubelet.sock)" = jubelet:660 ]
! command -v java || { echo "there is a java"; exit 1; }
END

step "ready by notify, with a status line" 80 <<'END'
expect "no restart" [ "$(systemctl show -P NRestarts jubelet)" = 0 ]
within 40 sh -c 'systemctl show -P StatusText jubelet | grep -q "1 Running"'
systemctl show -P StatusText jubelet | tee /root/status
expect "the status line counts pods" grep -q '1 Running' /root/status
END

step "cgroup v2 by systemd: slice, limits, oom.group" 80 <<'END'
expect "cgroup v2" [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ]
cgroup=/sys/fs/cgroup$(sed 's/^0:://' "/proc/$(web_pid)/cgroup")
echo "$cgroup"
expect "a scope below kubepods.slice" grep -qE 'kubepods.slice/.*\.slice/cri-containerd-.*\.scope$' <<<"$cgroup"
pod=$(dirname "$cgroup")
expect "systemd knows the slice" [ "$(systemctl is-active "$(basename "$pod")")" = active ]
expect "memory.max of the container" [ "$(cat "$cgroup/memory.max")" = $((32 << 20)) ]
expect "memory.max of the pod" [ "$(cat "$pod/memory.max")" = $((32 << 20)) ]
expect "cpu.max of the container" [ "$(cat "$cgroup/cpu.max")" = "20000 100000" ]
expect "memory.oom.group" [ "$(cat "$cgroup/memory.oom.group")" = 1 ]
END

step "AppArmor is enforced" 40 <<'END'
expect "AppArmor is on" [ "$(cat /sys/module/apparmor/parameters/enabled)" = Y ]
cat "/proc/$(web_pid)/attr/current"
expect "the profile of containerd, enforced" grep -q '^cri-containerd.apparmor.d (enforce)' "/proc/$(web_pid)/attr/current"
END

step "top, stats and metrics agree with the cgroup" 200 <<'END'
cgroup=/sys/fs/cgroup$(sed 's/^0:://' "/proc/$(web_pid)/cgroup")
within 60 sh -c 'curl -sf --unix-socket /run/jubelet/jubelet.sock http://x/metrics/resource | grep -q container_cpu_usage_seconds_total'
before=$(awk '/^usage_usec/ { print $2 }' "$cgroup/cpu.stat")
# What is told is of up to some seconds ago; so the figure lies between two readings.
sleep 12
api /metrics/resource >/root/resource
after=$(awk '/^usage_usec/ { print $2 }' "$cgroup/cpu.stat")
told=$(awk '/^container_cpu_usage_seconds_total.*container="web"/ { printf "%d", $2 * 1e6 }' /root/resource)
memory=$(awk '/^container_memory_working_set_bytes.*container="web"/ { printf "%d", $2 }' /root/resource)
current=$(cat "$cgroup/memory.current")
inactive=$(awk '/^inactive_file/ { print $2 }' "$cgroup/memory.stat")
echo "cpu: cgroup $before to $after us, told $told us; memory: cgroup $((current - inactive)), told $memory"
expect "CPU time between the readings" [ "$told" -ge "$before" -a "$told" -le "$after" ]
expect "memory within 1 MiB" [ $((memory - current + inactive)) -lt 1048576 -a $((current - inactive - memory)) -lt 1048576 ]
api /stats/summary >/root/summary
grep -o '"psi":{[^}]*}[^}]*}' /root/summary | head -n 2
cat "$cgroup/cpu.pressure"
expect "PSI in the summary" grep -q '"psi"' /root/summary
jubelet top pods | tee /root/top
expect "top shows the pod" grep -qE "(^| )web" /root/top
END

step "exec and logs" 80 <<'END'
jubelet exec web -- cat /etc/hostname | tee /root/exec
expect "the pod's host name" grep -q '^web' /root/exec
jubelet logs web | tee /root/logs
expect "what the container printed" grep -qx begin /root/logs
END

step "the journal has priorities" 80 <<'END'
sed 's/containers:/contianers:/' /root/web.yaml | sed 's/name: web$/name: wrong/' >/etc/kubernetes/manifests/wrong.yaml
within 30 sh -c 'journalctl -u jubelet -p warning -o cat | grep -q wrong.yaml'
journalctl -u jubelet -p warning -o cat -n 3
expect "a warning on the wrong file" sh -c 'journalctl -u jubelet -p warning -o cat | grep -q wrong.yaml'
expect "no information among warnings" sh -c '! journalctl -u jubelet -p warning -o cat | grep -q "is ready"'
rm /etc/kubernetes/manifests/wrong.yaml
END

step "restart, stop and start keep the containers" 160 <<'END'
before=$(pids)
systemctl restart jubelet
expect "active again" within 60 active
expect "the same processes" [ "$(pids)" = "$before" ]
systemctl stop jubelet
expect "the same processes without a daemon" [ "$(pids)" = "$before" ]
systemctl start jubelet
expect "active again" within 60 active
expect "the same processes" [ "$(pids)" = "$before" ]
END

step "an upgrade restarts the daemon and no container" 240 <<'END'
before=$(pids) daemon=$(main_pid)
dpkg -i /root/newer.deb >/root/dpkg.log 2>&1 || { cat /root/dpkg.log; exit 1; }
expect "active again" within 60 active
expect "another daemon" [ "$(main_pid)" != "$daemon" ]
expect "the same processes" [ "$(pids)" = "$before" ]
expect "the configuration is kept" grep -q systemd /etc/default/jubelet
rm /root/newer.deb
END

step "the watchdog replaces a daemon that hangs" 200 <<'END'
before=$(pids) daemon=$(main_pid)
kill -STOP "$daemon"
expect "another daemon" within 120 sh -c "[ \$(systemctl show -P MainPID jubelet) != $daemon ] && [ \$(systemctl is-active jubelet) = active ]"
expect "the same processes" [ "$(pids)" = "$before" ]
journalctl -u jubelet -o cat | grep -m1 -i watchdog
END

step "a container over its memory limit is OOMKilled" 160 <<'END'
cp /root/hungry.yaml /etc/kubernetes/manifests/
expect "it ends" within 80 bash -c '. /root/lib.sh; api /jubelet/v1/pods | tr -d " \n" | grep -q "\"exitCode\":137"'
api /jubelet/v1/pods | tr -d ' \n' | grep -oE '"terminated":\{[^}]*\}' | head -n 2 | tee /root/oom
expect "reason OOMKilled" grep -q '"reason":"OOMKilled"' /root/oom
rm /etc/kubernetes/manifests/hungry.yaml
END

step "a full disk stops nothing, and the edit comes afterwards" 200 <<'END'
before=$(web_pid)
sed 's/round: "1"/round: "2"/' /root/web.yaml >/etc/kubernetes/.next
sync
fallocate -l 3G /root/filler 2>/dev/null || true
dd if=/dev/zero of=/root/filler2 bs=64k 2>/dev/null || true
expect "no space" [ "$(df --output=avail / | tail -n 1)" -lt 64 ]
mv /etc/kubernetes/.next /etc/kubernetes/manifests/web.yaml
sleep 15
expect "the container runs on" [ "$(web_pid)" = "$before" ]
expect "the daemon runs on" active
rm /root/filler /root/filler2
expect "the new version runs" within 90 bash -c ". /root/lib.sh; web_runs && [ \$(web_pid) != $before ]"
END

echo "vm-test: rebooting it with a processor without AVX ($((SECONDS - began)) s)"
guest 20 <<<'sync; systemctl reboot' >/dev/null || true
machine_wait $((90 * patience)) || die "the machine does not go down"
machine_start Nehalem
machine_up $((300 * patience)) || die "the machine does not come up again; see $vm/console.log"
echo "vm-test: it is up ($((SECONDS - began)) s)"

step "without AVX the daemon runs, and the pods are back" 200 <<'END'
! grep -qw avx /proc/cpuinfo || { echo "this processor has AVX"; exit 1; }
expect "active" within 90 active
expect "the pod runs" within 120 web_runs
expect "no restart of the daemon" [ "$(systemctl show -P NRestarts jubelet)" = 0 ]
jubelet get pods | tee /root/pods
expect "get pods" grep -qE '^default +web' /root/pods
END

step "removal leaves pods running, and purge removes the state" 160 <<'END'
before=$(pids)
apt-get remove -y jubelet >/root/remove.log 2>&1
expect "it says so" grep -q 'keep running' /root/remove.log
expect "the same processes" [ "$(pids)" = "$before" ]
expect "no daemon" [ "$(systemctl is-active jubelet)" = inactive ]
ls -d /var/lib/jubelet/pods/* >/dev/null
apt-get purge -y jubelet >/root/purge.log 2>&1
expect "no state" [ ! -e /var/lib/jubelet ]
expect "no program" [ ! -e /usr/lib/jubelet ]
expect "the manifest is still there" [ -e /etc/kubernetes/manifests/web.yaml ]
END

if machine_runs; then guest 20 <<<'systemctl poweroff' >/dev/null || true; fi
machine_wait $((90 * patience)) || die "the machine does not power off"
echo "vm-test: $((SECONDS - began)) s"
((${#failed[@]} == 0)) || die "failed: $(printf '"%s" ' "${failed[@]}")"
