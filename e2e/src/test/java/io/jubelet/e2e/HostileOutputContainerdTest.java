/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests commands in containers that print as much as the runtime passes on. */
class HostileOutputContainerdTest extends ProbedPods {

    private static final String PRINT = "head -c 15000000 /dev/zero | tr '\\\\0' x";

    private static final String PROBE = """
            %sProbe:
              exec: {command: [sh, -c, "%s"]}
              periodSeconds: 1
              timeoutSeconds: 60
            """;

    @Test
    void outputIsNeitherKeptNorLogged() throws Exception {
        String probes = PROBE.formatted("liveness", PRINT) + PROBE.formatted("readiness", PRINT);
        List<String> pods = List.of("a", "b", "c");
        for (String pod : pods) {
            daemon.write(pod + ".yaml", pod(pod, DaemonProcess.sleeper(), probes));
        }
        daemon.write("hook.yaml", pod("hook", DaemonProcess.sleeper(), """
                        lifecycle:
                          postStart:
                            exec: {command: [sh, -c, "%s; exit 1"]}
                        """.formatted(PRINT)));
        for (String pod : pods) {
            daemon.await(pod + " to be ready", () -> ready(pod));
        }
        daemon.await("the hook to fail twice", () -> restarts("hook") >= 1);
        assertTrue(daemon.alive());
        for (String pod : pods) {
            assertEquals(0, restarts(pod));
        }
        assertTrue(daemon.log().contains("PostStart hook failed"), daemon::log);
        assertTrue(daemon.log().contains("xxx... (9216 characters cut)"), daemon::log);
        long bytes = Files.size(daemon.home.resolve("daemon.log"));
        assertTrue(bytes < 100_000, bytes + " bytes in the log");
    }
}
