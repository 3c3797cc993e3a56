package io.jubelet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.config.KubeletFlags;
import io.jubelet.config.RunOptions;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** What is read without Picocli is what Picocli would have read, flag by flag. */
class RunFlagsTest {

    @Test
    void everyFlagOfRunIsReadAsPicocliReadsIt() {
        List<String> all = new ArrayList<>();
        for (OptionSpec option : new CommandLine(new Run(_ -> 0, KubeletFlags.NONE))
                .getCommandSpec()
                .options()) {
            if (option.usageHelp()) {
                continue;
            }
            for (String name : option.names()) {
                String value = sample(option);
                assertSame(List.of(name, value));
                if (name.startsWith("--")) {
                    assertSame(List.of(name + "=" + value));
                }
            }
            all.add(option.longestName() + "=" + sample(option));
        }
        assertSame(all);
        assertSame(List.of());
        assertSame(
                List.of("--node-labels=a=b,c=d", "--node-labels", "e=f", "--cluster-dns=192.0.2.1", "--cluster-dns=x"));
        assertSame(List.of("--node-ip=192.0.2.1,2001:db8::1", "--node-ip", "192.0.2.2"));
    }

    @Test
    void flagsOfTheKubeletAreReadAsPicocliLeavesThemToo() {
        assertSame(List.of("--register-node=false", "--root-dir=/a", "--event-qps", "7", "--cloud-provider="));
        assertSame(List.of("--root-dir", "/a", "--rotate-certificates", "--kubeconfig", "/k"));
        // As kubeadm writes them into kubeadm-flags.env, and as units of systemd have them.
        RunOptions options = RunFlags.parse(
                        List.of(("--kubeconfig=/etc/kubernetes/kubelet.conf"
                                        + " --config=/var/lib/kubelet/config.yaml"
                                        + " --container-runtime-endpoint=unix:///run/containerd/containerd.sock"
                                        + " --node-ip=192.0.2.1 --hostname-override=edge7"
                                        + " --pod-infra-container-image=registry.k8s.io/pause:3.10"
                                        + " --register-with-taints=a=b:NoSchedule --cgroup-driver=systemd"
                                        + " --cloud-provider=external --rotate-certificates --node-labels=a=b")
                                .split(" ")),
                        Map.of())
                .orElseThrow();
        assertEquals("edge7", options.hostnameOverride().orElseThrow());
        assertEquals(
                List.of(
                        "--pod-infra-container-image",
                        "--register-with-taints",
                        "--cloud-provider",
                        "--rotate-certificates"),
                options.kubelet().given().stream().map(KubeletFlags.Given::name).toList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "-h",
                "--no-such-flag",
                "--register-node=false --no-such-flag",
                "--event-qps",
                "web.yaml",
                "--root-dir",
                "--root-dir=",
                "--root-dir=/a --root-dir=/b",
                "--root-dir --config",
                "--file-check-frequency=20",
                "--local-config=perhaps",
                "--pod-max-pids=many",
                "--v=much"
            })
    void whatNeedsAnExplanationIsLeftToPicocli(String words) {
        assertEquals(Optional.empty(), RunFlags.parse(List.of(words.split(" ")), Map.of()));
    }

    private static String sample(OptionSpec option) {
        return switch (option.longestName()) {
            case "--file-check-frequency", "--minimum-image-ttl-duration", "--minimum-container-ttl-duration" ->
                "1m30s";
            case "--local-config", "--seccomp-default", "--cgroups-per-qos" -> "false";
            case "--v",
                    "--max-pods",
                    "--pod-max-pids",
                    "--maximum-dead-containers",
                    "--maximum-dead-containers-per-container",
                    "--registry-qps",
                    "--registry-burst",
                    "--image-gc-high-threshold",
                    "--image-gc-low-threshold" -> "3";
            default -> "/x";
        };
    }

    private static void assertSame(List<String> arguments) {
        AtomicReference<RunOptions> picocli = new AtomicReference<>();
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        List<String> words = new ArrayList<>(arguments);
        words.addFirst("run");
        int code = new JubeletCommand(new Terminal(nowhere, nowhere, InstantSource.system()), given -> {
                    picocli.set(given);
                    return 0;
                })
                .execute(words.toArray(String[]::new));
        assertEquals(0, code, arguments.toString());
        assertEquals(Optional.of(picocli.get()), RunFlags.parse(arguments, System.getenv()), arguments.toString());
    }
}
