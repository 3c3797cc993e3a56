#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/run.sh [JUBELET_RUN_FLAG...]
#
# Tries Jubelet out (make run): installs what is missing, builds, starts a private containerd and the
# daemon on a copy of manifests-example/, and shows the pods. Everything is below build/run; nothing
# else on the host changes. Ctrl-C stops the daemon, its pods and containerd.
#
# Examples that do not run on this machine are moved to build/run/left-out, and listed with the
# daemon's reason.
#
# Without root, or where containers do not run, the daemon gets a simulated runtime instead.
set -euo pipefail

cd "$(dirname "$0")/.."
dir=$PWD/build/run
manifests=$dir/manifests
left_out=$dir/left-out
sock=$dir/jubelet.sock
jubelet=daemon/target/jubelet/bin/jubelet
((${#sock} <= 107)) || sock=$(mktemp -u /tmp/jubelet-XXXXXX.sock)
node=$(hostname)

step() { printf '\n== %s\n' "$*"; }
simulate() { # REASON
    echo "$1: using the simulated runtime, which starts no processes and has no logs."
    runtime=simulated:
}

daemon=
# The daemon leaves its pods running when it ends, by design. Stopping their containerd stops them.
stop() {
    trap '' INT TERM
    if [[ -n $daemon ]]; then
        step "Stopping the daemon and its pods"
        kill -TERM "$daemon" 2>/dev/null || true
        wait "$daemon" 2>/dev/null || true
    fi
    if [[ -d $dir/containerd ]]; then tools/containerd.sh stop "$dir/containerd" || true; fi
    if ((EUID == 0)) && [[ -d $dir ]]; then tools/leftovers.sh clean "$dir" "$dir/cgroups"; fi
    rm -f "$sock"
}
trap stop EXIT
trap 'exit 0' INT TERM

step "Checking what is needed"
runtime=
if ((EUID != 0)); then
    simulate "Containers need root, and you are not root"
    echo "For real containers:  sudo make run"
elif ! tools/setup.sh; then
    simulate "Continuing without them"
fi
JAVA_HOME=$(tools/find-jdk.sh)
export JAVA_HOME
echo "JDK: $JAVA_HOME"

step "Building $jubelet (the first build downloads Maven and the libraries)"
if [[ -x $jubelet && -z $(find pom.xml cri-client/pom.xml cri-client/src/main daemon/pom.xml daemon/src/main \
    tools/dist.sh -newer daemon/target/jubelet/lib/jubelet-cli.aot 2>/dev/null) ]]; then
    echo "Up to date."
else
    make --no-print-directory build
fi

if [[ -z $runtime ]]; then
    step "Starting a private containerd below build/run/containerd"
    if [[ -d $dir/containerd ]]; then tools/containerd.sh stop "$dir/containerd"; fi
    rm -rf --one-file-system "$dir/containerd"
    if tools/containerd.sh start "$dir/containerd" &&
        tools/images.sh "$dir/containerd/containerd.sock" "$dir/images" && tools/containerd.sh try "$dir/containerd"; then
        tools/containerd.sh status "$dir/containerd"
        runtime=unix://$dir/containerd/containerd.sock
    else
        simulate "Containers do not run here (see above)"
    fi
fi

step "Starting the daemon on a copy of manifests-example/"
rm -rf --one-file-system "$manifests" "$left_out" "$dir/root" "$dir/pod-logs" "$dir/hostpath"
mkdir -p "$manifests" "$left_out" "$dir/root/seccomp" "$dir/pod-logs"
if ((EUID == 0)); then tools/leftovers.sh cgroups >"$dir/cgroups"; fi
cp manifests-example/*.yaml manifests-example/*.json "$manifests/"
# What some of the examples ask you to prepare.
chmod 600 "$manifests/secret.yaml"
echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]}' \
    >"$dir/root/seccomp/no-mkdir.json"
sed -i "s|/tmp/jubelet-example|$dir/hostpath|" "$manifests"/*.yaml
command=("$jubelet" run "--pod-manifest-path=$manifests" "--container-runtime-endpoint=$runtime"
    "--root-dir=$dir/root" "--hostname-override=$node" "--api-socket=$sock" "--pod-logs-dir=$dir/pod-logs" "$@")
echo "${command[*]}"
# Not in the terminal's process group: Ctrl-C is for this script, which then stops the daemon.
setsid "${command[@]}" >"$dir/jubelet.log" 2>&1 </dev/null &
daemon=$!

ctl() { "$jubelet" "--api-socket=$sock" "$@"; }
alive() {
    kill -0 "$daemon" 2>/dev/null && return
    tail -n 20 "$dir/jubelet.log" >&2
    echo "run: the daemon ended; the last lines of build/run/jubelet.log are above" >&2
    daemon=
    exit 1
}
# NAME STATUS of each pod. STATUS is "ok" if it runs and is ready, or has completed.
states() {
    ctl get pods --no-headers 2>/dev/null | awk -v node="-$node" '{
        split($3, ready, "/")
        ok = $4 == "Completed" || $4 == "Running" && ready[1] == ready[2]
        print substr($2, 1, length($2) - length(node)), ok ? "ok" : $4
    }'
}

# Waits until every pod is ok, or until the states of the others have settled: they are the same for
# 5 s, or for 30 s while one of them is still starting or about to be restarted.
total=$(find "$manifests" -type f | wc -l)
states=
since=$SECONDS
while alive; do
    now=$(states) || true
    if [[ $now != "$states" ]]; then
        states=$now
        since=$SECONDS
        if [[ -t 1 ]]; then printf '\r%d of %d pods run ' "$(grep -c ' ok$' <<<"$states")" "$total"; fi
    fi
    others=$(grep -v ' ok$' <<<"$states") || true
    if (($(wc -l <<<"$states") == total)); then
        [[ -n $others ]] || break
        limit=5
        if grep -qE ' (ContainerCreating|PodInitializing|Pending|Init:.*|Running|NotReady|CrashLoopBackOff|Error)$' \
            <<<"$others"; then limit=30; fi
        ((SECONDS - since < limit)) || break
    elif ((SECONDS - since > 30)); then
        break
    fi
    sleep 0.2
done
if [[ -t 1 ]]; then printf '\r\033[K'; fi

# The file of an example has the name of its pod.
events=$(ctl get events --no-headers)
reasons=
while read -r name status; do
    mv "$manifests/$name".* "$left_out/"
    # The columns of events are NAMESPACE, LAST SEEN, TYPE, REASON, OBJECT and MESSAGE.
    message=$(awk -v pod="pod/$name-$node" '$3 == "Warning" && $5 == pod { print }' <<<"$events" | tail -n 1 |
        sed -E "s/^( *[^ ]+ +){5}//; s|$dir/||g; s/ +/ /g")
    reasons+=$(printf '%-18s %s' "$name" "$status${message:+: $message}" | fold -s -w 96 |
        sed 's/ *$//; 1s/^/  /; 2,$s/^/                     /')$'\n'
done < <(grep . <<<"$others")
while (($(states | wc -l) > $(find "$manifests" -type f | wc -l))); do
    alive
    sleep 0.2
done

echo
ctl get pods
if [[ -n $reasons ]]; then
    echo
    echo "These examples do not run here and are now in build/run/left-out:"
    echo
    printf %s "$reasons"
fi

short=${sock#"$PWD"/}
cat <<TEXT

Try this in another terminal$( ((EUID == 0)) && echo " (as root)"), in this directory:

  alias j='$jubelet --api-socket=$short'

  j get manifests                             every file of the directory, and what became of it
  j describe pod hello                        everything about one pod
  j logs -f two-containers -c reader          the output of a container
  sed -i 's/Hello/Good day/' build/run/manifests/hello.yaml
                                              an edit restarts this pod and no other
  sed -i 's/containers:/contianers:/' build/run/manifests/hello.yaml; j get pods hello
                                              a mistake stops nothing, and is explained
  rm build/run/manifests/grace-period.yaml; j get pods -w
                                              the pod is stopped gracefully

Manifests: build/run/manifests   Log of the daemon: build/run/jubelet.log   Ctrl-C stops everything.
TEXT
while alive; do sleep 1; done
