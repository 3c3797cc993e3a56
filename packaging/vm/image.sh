#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: packaging/vm/image.sh ROOT_TAR DIR FILE...
#
# Makes DIR/disk.qcow2, DIR/initrd and DIR/kernel of a Debian that packaging/debian-root.sh made. The files are in /root/ of
# it, and the image archives among them (images-*.tar) are in containerd. The machine has a shell for tests at port 1.
# Needs root, busybox-static, cpio, e2fsprogs and qemu-utils.
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
tar=$1 dir=$2
shift 2
rm -rf --one-file-system "$dir/root"
mkdir -p "$dir/root"
dir=$(cd "$dir" && pwd)
root=$dir/root
tar -C "$root" -xpf "$tar"
cp "$@" "$root/root/"
cp -R "$here/guest/." "$root/"
ln -s /dev/null "$root/etc/systemd/system/apt-daily.timer"
ln -s /dev/null "$root/etc/systemd/system/apt-daily-upgrade.timer"
# Profiles that no container uses cost seconds to load without KVM.
find "$root/etc/apparmor.d" -maxdepth 1 -type f -delete
sed -i 's/^root:[^:]*:/root::/' "$root/etc/shadow"
systemctl --root="$root" --quiet enable systemd-networkd test-shell.socket test-images.service
systemctl --root="$root" --quiet disable systemd-networkd-wait-online.service
touch "$root/etc/.updated" "$root/var/.updated"
cp "$root"/boot/vmlinuz-* "$dir/kernel"

# Debian's cloud kernel has no driver of virtio-blk built in.
initrd=$dir/initrd.d
rm -rf "$initrd"
mkdir -p "$initrd"/{bin,dev,proc,new}
cp "$(command -v busybox)" "$initrd/bin/busybox"
list=()
for module in virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk; do
    file=$(find "$root"/lib/modules/*/kernel -name "$module.ko*" | head -n 1)
    case $file in
    '') continue ;; # built in
    *.xz) xz -dc "$file" >"$initrd/$module.ko" ;;
    *) cp "$file" "$initrd/$module.ko" ;;
    esac
    list+=("$module")
done
cat >"$initrd/init" <<END
#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox mount -t proc proc /proc
for module in ${list[*]}; do /bin/busybox insmod /\$module.ko; done
until [ -b /dev/vda ]; do /bin/busybox sleep 0.1; done
/bin/busybox mount -t ext4 /dev/vda /new
/bin/busybox umount /proc
/bin/busybox mount --move /dev /new/dev
exec /bin/busybox switch_root /new /sbin/init
END
chmod 755 "$initrd/init"
(cd "$initrd" && find . | cpio -o -H newc --quiet | gzip -1) >"$dir/initrd"

# Without a loop device, which containers seldom have.
rm -f "$dir/disk.img"
truncate -s 3G "$dir/disk.img"
PATH=$PATH:/sbin:/usr/sbin mke2fs -q -t ext4 -m 0 -E lazy_itable_init=0,lazy_journal_init=0 -d "$root" "$dir/disk.img"
qemu-img convert -O qcow2 "$dir/disk.img" "$dir/disk.qcow2"
rm -rf --one-file-system "$root" "$initrd" "$dir/disk.img"
