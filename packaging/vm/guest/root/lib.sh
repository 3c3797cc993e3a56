# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash

# Functions for what runs in the machine. Sourced by the scripts of packaging/vm/test.sh, which sets patience.

: "${patience:=1}"

# The processes of all containers, pause processes included.
pids() { ctr -n k8s.io task ls | awk '$3 == "RUNNING" { print $2 }' | sort -n | paste -sd' '; }

within() { # SECONDS COMMAND...
    local end=$((SECONDS + $1 * patience))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < end)) || return 1
        sleep 0.5
    done
}

api() { curl -sf --max-time 30 --unix-socket /run/jubelet/jubelet.sock "http://x$1"; }

# Whether the daemon is up and systemd knows it.
active() { [[ $(systemctl is-active jubelet) == active ]] && api /healthz; }

main_pid() { systemctl show -P MainPID jubelet; }

# The process of the container web of the pod web.
web_pid() { pgrep -xf 'sh -c trap .*end-of-web.*' | head -n 1; }

web_runs() { [[ -n $(web_pid) ]]; }

expect() { # TEXT COMMAND...: says what was expected if the command fails
    local text=$1
    shift
    "$@" && return
    echo "expected: $text"
    exit 1
}
