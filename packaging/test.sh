#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: packaging/test.sh [SUITE]
#
# Installs the package of build/ in a clean Debian (bookworm) without Java, runs pods with it on a containerd in there, and
# upgrades, downgrades, removes and purges it while they run. It is a chroot, so systemd does not run: what the package does
# with the service is tested by packaging/vm/test.sh. Also checks the .deb with lintian, and the content of all packages.
#
# Needs root and the programs of "tools/setup.sh --packages".
set -euo pipefail

cd "$(dirname "$0")/.."
if [[ -z ${JUBELET_PACKAGE_TEST:-} ]]; then
    # Mounts, bridges and host ports of the pods end with these namespaces.
    ((EUID == 0)) || {
        echo "package-test: needs root" >&2
        exit 1
    }
    JUBELET_PACKAGE_TEST=1 exec unshare --mount --net --propagation=private "packaging/$(basename "$0")" "$@"
fi
suite=${1:-bookworm}
work=$PWD/build/package-test
root=$work/root
say() { echo "package-test: $*"; }
die() {
    say "$*" >&2
    exit 1
}
debs=(build/jubelet_*.deb)
[[ -e ${debs[0]} ]] || die "no package in build/: run make dist"
deb=${debs[0]}
images=(build/images/images-*.tar)
[[ -e ${images[0]} ]] || die "no images in build/images: run make build"

if command -v lintian >/dev/null; then
    lintian --allow-root --fail-on error,warning --tag-display-limit 0 "$deb" ||
        die "lintian finds fault with $deb"
    say "lintian finds nothing that is not explained in packaging/debian/jubelet.lintian-overrides"
fi

packaging/debian-root.sh "$suite" "build/debian/$suite.tar" >/dev/null 2>&1 || die "no Debian $suite"
rm -rf --one-file-system "$work"
mkdir -p "$root"
mount --bind "$root" "$root"
mount --make-shared "$root"
tar -C "$root" -xpf "build/debian/$suite.tar"
mkdir "$root/source" "$root/packages"
cp "$deb" "$root/packages/jubelet.deb"
packaging/renumber.sh "$deb" "$root/packages/newer.deb"
cp "${images[-1]}" "$root/packages/images.tar"
cp -R tools "$root/source/"
mount --bind /proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
ip link set lo up

daemon=
in_root() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"; }
cleanup() {
    if [[ -n $daemon ]]; then kill "$daemon" 2>/dev/null || true; fi
    in_root /source/tools/containerd.sh stop /var/ctd >/dev/null 2>&1 || true
    cp "$root"/var/ctd/containerd.log "$root"/tmp/daemon.log "$work/" 2>/dev/null || true
    umount --lazy "$root" || true
    rm -rf --one-file-system "$root" || true
}
trap cleanup EXIT
within() { # SECONDS COMMAND...
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < end)) || return 1
        sleep 0.3
    done
}
tasks() { in_root ctr -a /var/ctd/containerd.sock -n k8s.io task ls | awk '$3 == "RUNNING" { print $2 }' | sort -n | paste -sd' '; }
start_daemon() {
    # Not by in_root, whose process would be that of a shell.
    chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin jubelet run --container-runtime-endpoint=unix:///var/ctd/containerd.sock --hostname-override=node \
        --cgroup-root=/jubelet-package-test >>"$root/tmp/daemon.log" 2>&1 &
    daemon=$!
    within 60 in_root jubelet get pods || {
        cat "$root/tmp/daemon.log" >&2
        die "the daemon does not start"
    }
}
stop_daemon() {
    # chroot and env become the program that they start.
    kill "$daemon"
    wait "$daemon" || true
    daemon=
}
same_tasks() { # WHEN
    [[ $(tasks) == "$before" ]] || die "$1 changed the containers: $before, then $(tasks)"
}

! in_root sh -c 'command -v java' || die "there is a Java in the clean Debian"
in_root /source/tools/containerd.sh start /var/ctd >"$work/containerd-start.log" 2>&1 || {
    cat "$work/containerd-start.log" >&2
    die "containerd does not start"
}
in_root ctr -a /var/ctd/containerd.sock -n k8s.io images import /packages/images.tar >/dev/null

begin=$SECONDS
in_root apt-get install -y --no-install-recommends /packages/jubelet.deb >"$work/install.log" 2>&1 || {
    cat "$work/install.log" >&2
    die "apt cannot install the package"
}
say "installed in $((SECONDS - begin)) s"
in_root getent group jubelet >/dev/null || die "there is no group jubelet"
[[ -d $root/etc/kubernetes/manifests ]] || die "there is no directory of manifests"
[[ $(in_root systemctl --root=/ is-enabled jubelet) == enabled ]] || die "the unit is not enabled"
for arguments in version "run --help"; do
    # shellcheck disable=SC2086 # words
    in_root JUBELET_JAVA_OPTS=-XX:AOTMode=on jubelet $arguments >/dev/null || die "the AOT cache does not fit: jubelet $arguments"
done
for page in man1/jubelet.1 man5/jubelet-manifests.5 man8/jubelet-run.8; do
    in_root dpkg -L jubelet | grep -q "/usr/share/man/$page" || die "the package has no $page"
done
cat >"$root/etc/kubernetes/manifests/web.yaml" <<'END'
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  terminationGracePeriodSeconds: 2
  containers:
    - {name: web, image: "docker.io/library/busybox:1", command: [sh, -c, "trap exit TERM; while :; do sleep 1 & wait; done"]}
  volumes: [{name: memory, emptyDir: {medium: Memory}}]
END
start_daemon
within 60 in_root sh -c 'jubelet get pods | grep -q "1/1 *Running"' || die "the pod does not run"
say "apt install to a running pod: $((SECONDS - begin)) s"
before=$(tasks)
echo '# edited' >>"$root/etc/default/jubelet"

in_root dpkg -i /packages/newer.deb >"$work/upgrade.log" 2>&1 || die "the upgrade fails: $(tail -n 3 "$work/upgrade.log")"
same_tasks "the upgrade"
stop_daemon
start_daemon
same_tasks "the daemon of the newer version"
in_root dpkg --force-downgrade -i /packages/jubelet.deb >"$work/downgrade.log" 2>&1 || die "the downgrade fails"
stop_daemon
start_daemon
same_tasks "the daemon of the older version"
grep -q '^# edited' "$root/etc/default/jubelet" || die "an upgrade changed /etc/default/jubelet"
say "upgrade and downgrade kept the containers and the configuration"

stop_daemon
in_root apt-get remove -y jubelet >"$work/remove.log" 2>&1 || die "the removal fails"
same_tasks "the removal"
grep -q 'keep running' "$work/remove.log" || die "the removal does not say that pods keep running"
[[ -d $root/var/lib/jubelet/pods && -e $root/etc/default/jubelet ]] || die "the removal took state or configuration"
in_root apt-get purge -y jubelet >"$work/purge.log" 2>&1 || die "the purge fails"
same_tasks "the purge"
for path in /var/lib/jubelet /usr/lib/jubelet /etc/default/jubelet /usr/bin/jubelet /var/log/pods/default_web-node_*; do
    ! compgen -G "$root$path" >/dev/null || die "$path is still there after the purge"
done
[[ -e $root/etc/kubernetes/manifests/web.yaml ]] || die "the purge took a manifest"
say "removal kept pods, state and configuration; the purge removed the state, and no manifest"
