#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/conformance/agent.sh start | stop | kill | status DIR
#
# The node's agent as a service: the command in DIR/agent.command, one argument a line. It writes to DIR/agent.log.
#
# start    starts it, unless it runs
# stop     ends it with SIGTERM, and after 30 s with SIGKILL
# kill     sends it SIGKILL, and returns when it is gone
# status   exits 0 if it runs
set -euo pipefail

[[ $# == 2 ]] || {
    sed -n '/^# Usage/,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2
    exit 2
}
dir=$2

pid() { # of the agent, if it runs; the file may be older than the process
    local pid
    [[ -r $dir/agent.pid ]] && pid=$(<"$dir/agent.pid") && [[ -n $pid ]] &&
        [[ $(sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$pid/status" 2>/dev/null) == [^ZX] ]] && echo "$pid"
}
end() { # SIGNAL
    local pid deadline=$((SECONDS + 30))
    pid=$(pid) || return 0
    kill "-$1" "$pid" 2>/dev/null || true
    while pid >/dev/null; do
        ((SECONDS < deadline)) || kill -KILL "$pid" 2>/dev/null || true
        sleep 0.05
    done
}

case $1 in
start)
    if ! pid >/dev/null; then
        mapfile -t command <"$dir/agent.command"
        setsid "${command[@]}" </dev/null >>"$dir/agent.log" 2>&1 &
        echo $! >"$dir/agent.pid"
    fi
    ;;
stop) end TERM ;;
kill) end KILL ;;
status) pid >/dev/null ;;
*) exec "$0" ;;
esac
