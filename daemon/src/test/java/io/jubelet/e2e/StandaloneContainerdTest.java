package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Who has no cluster pays nothing for those who have. */
class StandaloneContainerdTest {

    private static final List<String> OF_CLUSTERS = List.of(
            "io.jubelet.cluster.",
            "io.jubelet.kubeapi.",
            "io.jubelet.certificate.",
            "io.jubelet.signing.",
            "io.jubelet.ClusterWiring",
            "java.net.http.",
            "jdk.internal.net.http.",
            "org.bouncycastle.");

    @Test
    void loadsNoClassThatOnlyAClusterNeeds() throws Exception {
        try (DaemonProcess daemon = new DaemonProcess().start()) {
            daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper()));
            daemon.awaitRunning("web");
            assertTrue(daemon.cli("get", "pods").contains("web-" + daemon.node));
            String loaded = daemon.jcmd("VM.class_hierarchy");
            assertTrue(loaded.contains("io.jubelet.Wiring"), loaded);
            assertEquals(
                    List.of(),
                    loaded.lines()
                            .filter(line -> OF_CLUSTERS.stream().anyMatch(line::contains))
                            .toList());
        }
    }
}
