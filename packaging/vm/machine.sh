# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash

# Functions for a machine under QEMU without KVM, whose files packaging/vm/image.sh made in $vm. Sourced by test.sh.
# Without no_timer_check the kernel panics where the first ticks of the timer come late. One processor, because with two a
# guest without KVM now and then panics while its kernel patches itself.

: "${vm:?the directory of the machine}"

free_port() {
    local candidate
    while :; do
        candidate=$((20000 + RANDOM % 20000))
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$candidate") 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
}

machine_start() { # CPU: starts it, on the disk as it was left
    port=$(free_port)
    setsid qemu-system-x86_64 -M q35 -accel tcg,thread=multi -cpu "$1" -smp 1 -m 2048 -nodefaults -display none \
        -kernel "$vm/kernel" -initrd "$vm/initrd" \
        -append "root=/dev/vda rw console=ttyS0 net.ifnames=0 mitigations=off no_timer_check quiet" \
        -drive "file=$vm/disk.qcow2,if=none,id=d0,format=qcow2,cache=unsafe" -device virtio-blk-pci,drive=d0 \
        -netdev "user,id=n0,restrict=on,hostfwd=tcp:127.0.0.1:$port-:1" -device virtio-net-pci,netdev=n0 \
        -device virtio-rng-pci -serial "file:$vm/console.log" -no-reboot >"$vm/qemu.log" 2>&1 </dev/null &
    qemu=$!
    # Long work must not slow down what else runs here.
    echo 15 >"/proc/$qemu/autogroup" 2>/dev/null || true
}

machine_runs() { kill -0 "$qemu" 2>/dev/null; }

machine_wait() { # SECONDS: until it has ended by itself
    local end=$((SECONDS + $1))
    while machine_runs; do
        ((SECONDS < end)) || return 1
        sleep 0.5
    done
    wait "$qemu" || true
    qemu=
}

machine_kill() {
    if [[ -n ${qemu:-} ]] && machine_runs; then
        kill -9 "$qemu"
        wait "$qemu" 2>/dev/null || true
    fi
    qemu=
}

guest() { # SECONDS <SCRIPT: runs the script in the machine, prints what it writes, and returns its exit code
    local mark="end-$RANDOM-$RANDOM" connection text
    exec {connection}<>"/dev/tcp/127.0.0.1/$port" || return 254
    {
        printf '(\n'
        cat
        # shellcheck disable=SC2016 # the machine expands it
        printf '\n) </dev/null 2>&1\ncode=$?; echo; echo %s $code; exit\n' "$mark"
    } >&"$connection"
    text=$(timeout "$1" sed "/^$mark /q" <&"$connection") || true
    exec {connection}<&-
    sed "/^$mark /d" <<<"$text" | sed '$ { /^$/d }'
    [[ $text == *"$mark "* ]] || return 255
    return "${text##*"$mark "}"
}

machine_up() { # SECONDS: waits until the shell answers and systemd has started everything
    local end=$((SECONDS + $1))
    until guest 10 <<<'true' >/dev/null 2>&1; do
        machine_runs || {
            cat "$vm/qemu.log" >&2
            return 1
        }
        ! grep -qs 'Kernel panic' "$vm/console.log" || {
            tail -n 20 "$vm/console.log" >&2
            return 1
        }
        ((SECONDS < end)) || return 1
        sleep 0.5
    done
    guest "$((end - SECONDS))" <<<'systemctl is-system-running --wait' >/dev/null || true
}
