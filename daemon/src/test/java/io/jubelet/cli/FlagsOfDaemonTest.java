/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.config.FlagValues;
import io.jubelet.config.Setting;
import io.jubelet.config.SettingTable;
import io.jubelet.config.Settings;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the daemon is started with, without Picocli, is what the command behind Picocli is started with, flag by flag. */
class FlagsOfDaemonTest {

    @Test
    void everyFlagReachesBoth() {
        List<String> all = new ArrayList<>();
        for (Setting setting : SettingTable.all()) {
            String value = sample(setting);
            for (String name : setting.flags()) {
                assertSame(List.of(name + "=" + value));
                if (name.startsWith("--")) {
                    all.add(name + "=" + value);
                }
            }
        }
        assertSame(all);
        assertSame(List.of());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--node-labels=a=b,c=d --node-labels e=f --cluster-dns=192.0.2.1 --cluster-dns=x",
                "--node-ip=192.0.2.1,2001:db8::1 --node-ip 192.0.2.2",
                "--register-node=false --root-dir=/a --event-qps 7 --cloud-provider=",
                "--root-dir /a --rotate-certificates --kubeconfig /k",
                "--root-dir=/a --root-dir=/b --eviction-hard=memory.available<1Gi --eviction-hard=pid.available<5%",
                "--pod-max-pids -1 --oom-score-adj=-999 --resolv-conf= -v 2 --v=4 -v3 --root-dir --config --"
            })
    void aCommandLineReachesBoth(String words) {
        assertSame(List.of(words.split(" ")));
    }

    /** As kubeadm writes them into kubeadm-flags.env, and as units of systemd have them. */
    @Test
    void readsTheFlagsOfAKubelet() {
        FlagValues flags = flagsOfDaemon(List.of(("--kubeconfig=/etc/kubernetes/kubelet.conf"
                                + " --config=/var/lib/kubelet/config.yaml"
                                + " --container-runtime-endpoint=unix:///run/containerd/containerd.sock"
                                + " --node-ip=192.0.2.1 --hostname-override=edge7"
                                + " --pod-infra-container-image=registry.k8s.io/pause:3.10"
                                + " --register-with-taints=a=b:NoSchedule --cgroup-driver=systemd"
                                + " --cloud-provider=external --rotate-certificates --node-labels=a=b")
                        .split(" ")))
                .orElseThrow();
        assertEquals(Optional.of("/var/lib/kubelet/config.yaml"), flags.value(Settings.CONFIG));
        assertEquals(11, flags.values().size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "-h",
                "--version",
                "--no-such-flag",
                "--register-node=false --no-such-flag",
                "--event-qps",
                "web.yaml",
                "--register-node web.yaml",
                "--register-node false",
                "--root-dir",
                "--file-check-frequency=20",
                "--local-config=perhaps",
                "--pod-max-pids=many",
                "--v=much"
            })
    void whatNeedsAnExplanationIsLeftToPicocli(String words) {
        assertEquals(Optional.empty(), flagsOfDaemon(List.of(words.split(" "))));
    }

    private static String sample(Setting setting) {
        return switch (setting.type()) {
            case DURATION -> "1m30s";
            case BOOLEAN -> "false";
            case NUMBER, LONG_NUMBER, LEVEL, PERCENT -> "3";
            case MAP, LABELS, FEATURE_GATES -> "a=b";
            case THRESHOLDS -> "a<1";
            default -> "/x";
        };
    }

    private static Optional<FlagValues> flagsOfDaemon(List<String> words) {
        List<String> arguments = new ArrayList<>(words);
        arguments.addFirst("run");
        return Main.flagsOfDaemon(arguments.toArray(String[]::new));
    }

    private static void assertSame(List<String> words) {
        AtomicReference<FlagValues> picocli = new AtomicReference<>();
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        List<String> arguments = new ArrayList<>(words);
        arguments.addFirst("run");
        int code = new JubeletCommand(new Terminal(nowhere, nowhere, InstantSource.system()), given -> {
                    picocli.set(given);
                    return 0;
                })
                .execute(arguments.toArray(String[]::new));
        assertEquals(0, code, words.toString());
        assertEquals(Optional.of(picocli.get()), flagsOfDaemon(words), words.toString());
    }
}
