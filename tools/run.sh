#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/run.sh [JUBELET_RUN_FLAG...]
#
# Tries Jubelet out (make run): gets what is missing, builds, starts a containerd of its own and the daemon on a copy
# of manifests-example/, and shows the pods as they come up. All of it is below build/run; nothing of the host
# changes. Ctrl-C stops the daemon, its pods and containerd.
#
# Without root, or where containerd cannot run, the daemon gets a simulated runtime instead.
set -euo pipefail

cd "$(dirname "$0")/.."
dir=$PWD/build/run
manifests=$dir/manifests
sock=$dir/jubelet.sock
jubelet=daemon/target/jubelet/bin/jubelet
((${#sock} <= 107)) || sock=$(mktemp -u /tmp/jubelet-XXXXXX.sock)

step() { printf '\n== %s\n' "$*"; }

daemon=
# The daemon leaves pods alone when it ends, by design: what stops them here is the end of their containerd.
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

step "Looking for what is needed"
runtime=
if ((EUID != 0)); then
    echo "You are not root, and running containers needs root: taking the simulated runtime."
    echo "For real containers:  sudo make run"
    runtime=simulated:
elif ! tools/setup.sh; then
    echo "Going on without: taking the simulated runtime."
    runtime=simulated:
fi
JAVA_HOME=$(tools/find-jdk.sh)
export JAVA_HOME
echo "JDK: $JAVA_HOME"

step "Building $jubelet (the first time downloads Maven and the libraries)"
if [[ -x $jubelet && -z $(find pom.xml cri-client/pom.xml cri-client/src/main daemon/pom.xml daemon/src/main \
    tools/dist.sh -newer daemon/target/jubelet/lib/jubelet-cli.aot 2>/dev/null) ]]; then
    echo "Up to date."
else
    make --no-print-directory build
fi

if [[ -z $runtime ]]; then
    step "Starting a containerd of its own below build/run/containerd"
    if [[ -d $dir/containerd ]]; then tools/containerd.sh stop "$dir/containerd"; fi
    rm -rf --one-file-system "$dir/containerd"
    if tools/containerd.sh start "$dir/containerd" &&
        tools/images.sh "$dir/containerd/containerd.sock" "$dir/images" && tools/containerd.sh try "$dir/containerd"; then
        tools/containerd.sh status "$dir/containerd"
        runtime=unix://$dir/containerd/containerd.sock
    else
        echo "containers do not run here (see above): taking the simulated runtime."
        runtime=simulated:
    fi
fi

step "Starting the daemon on a copy of manifests-example/"
rm -rf --one-file-system "$manifests" "$dir/root" "$dir/pod-logs" "$dir/hostpath"
mkdir -p "$manifests" "$dir/root" "$dir/pod-logs"
if ((EUID == 0)); then tools/leftovers.sh cgroups >"$dir/cgroups"; fi
cp manifests-example/*.yaml manifests-example/*.json "$manifests/"
chmod 600 "$manifests/secret.yaml" # as a Secret's file has to be
sed -i "s|/tmp/jubelet-example|$dir/hostpath|" "$manifests"/*.yaml
command=("$jubelet" run "--pod-manifest-path=$manifests" "--container-runtime-endpoint=$runtime"
    "--root-dir=$dir/root" "--hostname-override=$(hostname)" "--api-socket=$sock" "--pod-logs-dir=$dir/pod-logs" "$@")
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

# The table again and again until every pod runs, or has run, or nothing changes for ten seconds but ages; on a terminal in
# place.
lines=0
last=
states=
since=0
for ((i = 0; i < 300; i++)); do
    alive
    if table=$(ctl get pods 2>/dev/null) && [[ $table != "$last" ]]; then
        last=$table
        # All but how long ago something was.
        now=$(sed -E 's/\([0-9a-z]+ ago\)//; s/[0-9a-z]+ *$//; s/ +/ /g' <<<"$table")
        changed=
        if [[ $now != "$states" ]]; then
            states=$now
            since=$i
            changed=1
        fi
        if [[ -t 1 ]]; then
            if ((lines > 0)); then printf '\033[%dA\033[J' "$lines"; fi
            echo "$table"
            lines=$(wc -l <<<"$table")
        elif [[ -n $changed ]]; then
            echo
            echo "$table"
        fi
    fi
    if [[ -n $last ]] && awk 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "STATUS") c = i; next }
            NF == 0 { exit }
            { n++; if ($c != "Running" && $c != "Completed" && $c != "Succeeded" && $c != "CrashLoopBackOff" && $c != "Error") bad = 1 }
            END { exit !(c && n && !bad) }' <<<"$last"; then
        break
    fi
    if ((i - since > 50)) && [[ -n $last ]]; then
        echo
        echo "The others wait for something that this machine does not have; the column REASON names it:"
        echo "  $jubelet --api-socket=${sock#"$PWD"/} get pods -o wide"
        break
    fi
    sleep 0.2
done

short=${sock#"$PWD"/}
cat <<TEXT

What to try next, in another terminal$( ((EUID == 0)) && echo " (as root)"), from this directory:

  alias j='$jubelet --api-socket=$short'

  j get manifests                                       what each file became, or why not
  j describe pod hello                                  everything about one pod
  j logs -f two-containers -c reader                    what a container prints
  sed -i 's/Hello/Good day/' build/run/manifests/hello.yaml        an edit restarts the pod, and only that one
  sed -i 's/containers:/contianers:/' build/run/manifests/hello.yaml; j get manifests
                                                        a mistake stops nothing, and is explained
  rm build/run/manifests/grace-period.yaml; j get pods -w          the pod ends by its own rules

Manifests: build/run/manifests   log of the daemon: build/run/jubelet.log   Ctrl-C here stops everything.
TEXT
while alive; do sleep 1; done
