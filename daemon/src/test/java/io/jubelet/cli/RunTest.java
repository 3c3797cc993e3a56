package io.jubelet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.config.CertificateSettings;
import io.jubelet.config.ImageSettings;
import io.jubelet.config.KubeletFlags;
import io.jubelet.config.NodeSettings;
import io.jubelet.config.RunOptions;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class RunTest {

    private final AtomicReference<RunOptions> options = new AtomicReference<>();

    @Test
    void saysNothingThatTheUserDidNotSay() {
        assertEquals(7, run("run"));
        assertEquals(
                new RunOptions(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        Optional.ofNullable(System.getenv("JUBELET_API_SOCKET")).map(Path::of),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        ImageSettings.NONE,
                        OptionalInt.empty(),
                        RunOptions.Names.NOT_GIVEN,
                        Optional.empty(),
                        OptionalInt.empty(),
                        CertificateSettings.UNSAID,
                        NodeSettings.UNSAID,
                        KubeletFlags.NONE),
                options.get());
    }

    @Test
    void takesTheFlagsOfTheKubelet() {
        run(
                "run",
                "--pod-manifest-path=/m",
                "--config",
                "/c.yaml",
                "--container-runtime-endpoint=simulated:",
                "--image-service-endpoint=unix:///i.sock",
                "--hostname-override=edge7",
                "--root-dir=/r",
                "--kubeconfig=/k",
                "--bootstrap-kubeconfig=/b",
                "--cert-dir=/d",
                "--node-ip=192.0.2.1,2001:db8::1",
                "--node-ip=192.0.2.2",
                "--api-socket=/a.sock",
                "--pod-logs-dir=/l",
                "--file-check-frequency=1m30s",
                "--local-config=false",
                "--seccomp-default=true",
                "--allowed-unsafe-sysctls=net.core.somaxconn,kernel.msg*",
                "--allowed-unsafe-sysctls=net.ipv6.*",
                "--cluster-dns=10.0.0.10",
                "--cluster-dns=10.0.0.11",
                "--cluster-domain=cluster.local",
                "--resolv-conf=",
                "--node-labels=disk=ssd",
                "--max-pods=20",
                "--image-credential-provider-config=/p.yaml",
                "--image-credential-provider-bin-dir=/bin",
                "--registry-qps=3",
                "--registry-burst=6",
                "--image-gc-high-threshold=70",
                "--image-gc-low-threshold=60",
                "--minimum-image-ttl-duration=1m",
                "--v=4");
        assertEquals(
                new RunOptions(
                        Optional.of(Path.of("/m")),
                        Optional.of(Path.of("/c.yaml")),
                        Optional.of("simulated:"),
                        Optional.of("unix:///i.sock"),
                        Optional.of("edge7"),
                        Optional.of(Path.of("/r")),
                        Optional.of(Path.of("/k")),
                        List.of("192.0.2.1", "2001:db8::1", "192.0.2.2"),
                        Optional.of(Path.of("/a.sock")),
                        Optional.of(Path.of("/l")),
                        Optional.of(Duration.ofSeconds(90)),
                        Optional.of(false),
                        Optional.of(true),
                        List.of("net.core.somaxconn", "kernel.msg*", "net.ipv6.*"),
                        new ImageSettings(
                                Optional.empty(),
                                Optional.of(3),
                                Optional.of(6),
                                Optional.of(70),
                                Optional.of(60),
                                Optional.of(Duration.ofMinutes(1)),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(Path.of("/p.yaml")),
                                Optional.of(Path.of("/bin"))),
                        OptionalInt.of(4),
                        new RunOptions.Names(
                                List.of("10.0.0.10", "10.0.0.11"), Optional.of("cluster.local"), Optional.of("")),
                        Optional.of("disk=ssd"),
                        OptionalInt.of(20),
                        CertificateSettings.flags(Optional.of(Path.of("/b")), Optional.of(Path.of("/d"))),
                        NodeSettings.UNSAID,
                        KubeletFlags.NONE),
                options.get());
    }

    @Test
    void theSocketMayStandBeforeTheCommandAndTheOneBehindItWins() {
        run("--api-socket=/a.sock", "run");
        assertEquals(Optional.of(Path.of("/a.sock")), options.get().apiSocket());
        run("--api-socket", "/a.sock", "run", "--api-socket=/b.sock");
        assertEquals(Optional.of(Path.of("/b.sock")), options.get().apiSocket());
    }

    @Test
    void refusesWhatIsNoDuration() {
        assertEquals(2, run("run", "--file-check-frequency=20"));
        assertEquals(2, run("run", "-v", "much"));
        assertEquals(2, run("run", "--local-config=perhaps"));
        assertEquals(2, run("run", "--seccomp-default=perhaps"));
    }

    private int run(String... arguments) {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        return new JubeletCommand(new Terminal(nowhere, nowhere, InstantSource.system()), given -> {
                    options.set(given);
                    return 7;
                })
                .execute(arguments);
    }
}
