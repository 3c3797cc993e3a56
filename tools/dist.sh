#!/usr/bin/env bash
# Copyright The Jubelet Authors
# SPDX-License-Identifier: Apache-2.0

# Usage: tools/dist.sh [DIR RUNTIME]
#
# Makes the runnable distribution daemon/target/jubelet/ from the output of "mvnw package": the jars, the launcher
# bin/jubelet, the JVM options, and three AOT caches with the classes that one run of the daemon and two of the client
# used, parsed and linked ahead of time. The training runs use a private containerd if this machine can run one,
# because only then does the cache hold the classes that talk to it; otherwise the simulated runtime.
#
# DIR RUNTIME   makes it in DIR instead, with a copy of the Java runtime RUNTIME in lib/runtime; files have the time
#               SOURCE_DATE_EPOCH
# JAVA_HOME     the JDK that runs a distribution without a runtime of its own; the caches fit no other
set -euo pipefail

cd "$(dirname "$0")/.."
JAVA_HOME=${JAVA_HOME:-$(tools/find-jdk.sh)}
jdk=$JAVA_HOME
target=$PWD/daemon/target
dist=${1:-$target/jubelet}
runtime=${2:-}
fresh=$dist.new
work=$target/training

die() {
    echo "dist.sh: $*" >&2
    exit 1
}
# Prints what a failed training run wrote, and exits.
failed() {
    echo "dist.sh: $1; what it wrote:" >&2
    sed 's/^/    /' "$work"/*.log >&2
    exit 1
}

rm -rf "$fresh" "$work"
mkdir -p "$fresh/bin" "$fresh/lib" "$work/manifests"
own=("$target"/daemon-*.jar)
shopt -s nullglob
for jar in "${own[@]}"; do
    case $jar in
    *-tests.jar | *-sources.jar) ;;
    *) cp -p "$jar" "$fresh/lib/jubelet.jar" ;;
    esac
done
[[ -e $fresh/lib/jubelet.jar ]] || die "no daemon jar in $target: run make build"
cp -p "$target"/dependency/*.jar "$fresh/lib/"
cp -p LICENSE NOTICE THIRD-PARTY.md "$fresh/"
for jar in "$fresh"/lib/*.jar; do
    case ${jar##*/} in
    jubelet.jar | cri-client.jar) ;;
    *) grep -qF "\`${jar##*/}\`" THIRD-PARTY.md || die "THIRD-PARTY.md does not list ${jar##*/} with its licence" ;;
    esac
done
# Libraries that few daemons need stay off the class path; OptionalLibraries says why, and finds them there.
mkdir "$fresh/lib/optional"
for library in bcpkix bcprov bcutil jnr- jffi asm; do
    jars=("$fresh/lib/$library"*.jar)
    ((${#jars[@]} > 0)) || die "no $library*.jar in $target/dependency: has the library another name now?"
    mv "${jars[@]}" "$fresh/lib/optional/"
done
# A cache fits only the class path of its training, so the order is fixed: ours first, then by name.
{
    echo jubelet.jar
    (cd "$fresh/lib" && LC_ALL=C ls -- *.jar) | grep -vx jubelet.jar
} >"$fresh/lib/classpath"
cp daemon/src/main/dist/*.options "$fresh/lib/"
install -m 755 daemon/src/main/dist/jubelet "$fresh/bin/jubelet"
if [[ -n $runtime ]]; then
    cp -a "$runtime" "$fresh/lib/runtime"
    # The caches record the times of the jars and of the runtime.
    find "$fresh" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
else
    echo "$JAVA_HOME" >"$fresh/lib/java-home"
fi
# The caches also record where the jars are.
rm -rf "$dist"
mv "$fresh" "$dist"
[[ -z $runtime ]] || JAVA_HOME=$dist/lib/runtime

# The assembly that follows a training run needs more heap than the daemon has.
export JDK_AOT_VM_OPTIONS="-Xmx512m -Xlog:disable -Xlog:all=error:stderr"
jubelet=$dist/bin/jubelet
sock=$work/api.sock
((${#sock} <= 107)) || sock=$(mktemp -u /tmp/jubelet-XXXXXX.sock)
cp manifests-example/hello.yaml "$work/manifests/"

endpoint=simulated:
containerd=$PWD/build/training
cleanup() {
    kill -9 "${daemon:-0}" 2>/dev/null || true
    if [[ $endpoint != simulated: ]]; then
        tools/containerd.sh stop "$containerd" >/dev/null 2>&1 || true
        # Pods of one training must not be adopted by the next.
        rm -rf "$containerd"
    fi
}
trap cleanup EXIT
if ((EUID == 0)) && command -v containerd runc >/dev/null &&
    tools/containerd.sh start "$containerd" >"$work/containerd.log" 2>&1 &&
    tools/images.sh "$containerd/containerd.sock" "$PWD/build/images" >>"$work/containerd.log" 2>&1 &&
    tools/containerd.sh try "$containerd" >>"$work/containerd.log" 2>&1; then
    endpoint=unix://$containerd/containerd.sock
else
    echo "dist.sh: no containers can be run here (that needs root, containerd and runc): the daemon's AOT cache is" \
        "made with the simulated runtime, and the daemon will start slower and need more memory" >&2
    [[ ! -s $work/containerd.log ]] || tail -n 3 "$work/containerd.log" >&2
    tools/containerd.sh stop "$containerd" >/dev/null 2>&1 || true
    rm -rf "$containerd"
fi

run=("$jubelet" run --container-runtime-endpoint="$endpoint" --pod-manifest-path="$work/manifests"
    --root-dir="$work/root" --pod-logs-dir="$work/logs" --api-socket="$sock" --hostname-override=training)
JUBELET_AOT_TRAINING=$dist/lib/jubelet-daemon.aot "${run[@]}" >"$work/daemon.log" 2>&1 &
daemon=$!

# When its pod runs, the daemon has been through a whole start. Then come an edit, a refused file and a removal.
wait_for() { # PATTERN COMMAND...
    local pattern=$1 deadline=$((SECONDS + 30))
    shift
    until "$jubelet" --api-socket="$sock" "$@" >"$work/client.log" 2>&1 && grep -qE "$pattern" "$work/client.log"; do
        kill -0 "$daemon" 2>/dev/null || failed "the daemon ended during its training run"
        ((SECONDS < deadline)) || failed "no '$pattern' in 'jubelet $*' during the training run"
        sleep 0.1
    done
}
wait_until_gone() { # VERSIONS: so many of the pod env-and-args
    local deadline=$((SECONDS + 30))
    until (($(grep -c 'env-and-args action=RemoveSandbox' "$work/daemon.log") >= $1)); do
        ((SECONDS < deadline)) || failed "a pod that was to go during the training run is still there"
        sleep 0.1
    done
}
patient() { # SECONDS: the manifest env-and-args with so much time to end
    sed "/^spec:/a\\  terminationGracePeriodSeconds: $1" manifests-example/env-and-args.yaml
}
wait_for ' Running ' get pods
patient 1 >"$work/manifests/env-and-args.yaml"
wait_for 'env-and-args.* Running ' get pods
patient 2 >"$work/manifests/env-and-args.yaml"
wait_until_gone 1
wait_for 'env-and-args.* Running ' get pods
"$jubelet" --api-socket="$sock" describe pod hello >"$work/client.log" 2>&1 || failed "'jubelet describe' failed"
sed 's/containers:/contianers:/' manifests-example/hello.yaml >"$work/manifests/refused.yaml"
wait_for 'refused' get manifests
rm "$work/manifests/env-and-args.yaml" "$work/manifests/refused.yaml"
wait_until_gone 2

# One command of the client stands for all that print what the daemon says, and one for all that reach into a pod.
JUBELET_AOT_TRAINING=$dist/lib/jubelet-cli.aot "$jubelet" --api-socket="$sock" get pods -o wide \
    >"$work/client.log" 2>&1 || failed "'jubelet get pods' failed in its training run"

end_daemon() {
    kill -TERM "$daemon"
    wait "$daemon" || { code=$?; ((code == 143)) || failed "the daemon ended with exit code $code in a training run"; }
}
end_daemon
if [[ $endpoint == simulated: ]]; then
    # A container that is simulated runs no command.
    cp "$dist/lib/jubelet-cli.aot" "$dist/lib/jubelet-streams.aot"
else
    # By another daemon, because the first one would record what it loads for streams, and every daemon would load that.
    "${run[@]}" >"$work/streams.log" 2>&1 &
    daemon=$!
    wait_for ' Running ' get pods
    JUBELET_AOT_TRAINING=$dist/lib/jubelet-streams.aot "$jubelet" --api-socket="$sock" exec -i hello -- cat \
        <"$work/manifests/hello.yaml" >"$work/client.log" 2>&1 || failed "'jubelet exec' failed in its training run"
    end_daemon
fi
cleanup
trap - EXIT
rm -f "$sock"

# Tries each cache once with AOTMode=on, where a cache that does not fit is an error.
for arguments in "run --help" version "exec --help"; do
    # shellcheck disable=SC2086 # words
    JUBELET_JAVA_OPTS=-XX:AOTMode=on "$jubelet" $arguments >"$work/verify.log" 2>&1 ||
        failed "'jubelet $arguments' fails with the AOT cache made for it"
done
# A cache must hold no code that only the processor of this machine can run.
if [[ $(uname -m) == x86_64 ]]; then
    if command -v qemu-x86_64 >/dev/null; then
        class_path=$(sed "s|^|$dist/lib/|" "$dist/lib/classpath" | paste -sd:)
        for kind in daemon cli streams; do
            words=(version)
            [[ $kind != daemon ]] || words=(run --help)
            [[ $kind != streams ]] || words=(exec --help)
            qemu-x86_64 -cpu Nehalem "$JAVA_HOME/bin/java" "@$dist/lib/jvm-${kind/streams/cli}.options" -XX:+ErrorFileToStderr \
                -XX:AOTCache="$dist/lib/jubelet-$kind.aot" -XX:AOTMode=on -cp "$class_path" io.jubelet.cli.Main \
                "${words[@]}" >"$work/verify.log" 2>&1 ||
                failed "'jubelet ${words[*]}' fails on a processor without AVX"
        done
    elif [[ -n ${JUBELET_NO_SKIP:-} ]]; then
        die "the caches cannot be tried on an older processor without qemu-x86_64 (Debian's package qemu-user)"
    fi
fi
class_path=$(sed "s|^|$dist/lib/|" "$dist/lib/classpath" | paste -sd:)
{
    "$jdk/bin/javac" -proc:none -d "$work/check" -cp "$class_path" tools/OptionalLibrariesCheck.java &&
        "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED -cp "$class_path:$work/check" OptionalLibrariesCheck
} >"$work/verify.log" 2>&1 || failed "a library in lib/optional cannot be used"
for kind in daemon cli streams; do
    [[ -s $dist/lib/jubelet-$kind.aot ]] || failed "the JVM wrote no AOT cache jubelet-$kind.aot"
done
[[ -z $runtime ]] || touch --date="@$SOURCE_DATE_EPOCH" "$dist"/lib/*.aot "$dist/lib"
rm -rf "$work"
echo "dist.sh: $dist/bin/jubelet ($(du -sh "$dist/lib" | cut -f1) of jars and AOT caches)"
