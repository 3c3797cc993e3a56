/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Commands of kubectl whose client, daemon or API server ends. */
@Tag("download")
class StreamOutagesClusterTest extends KubectlNode {

    /** kubectl does not always notice a command whose result does not come, and ends with 0 then, as on any node. */
    @Test
    void streamsEndWithWhatStandsBetween() throws Exception {
        List<String> cat = kubectl(KUBECTL_36, "exec", "-i", pod, "-c", "app", "--", "cat");
        Process client = begun(cat);
        assertTrue(runs("cat"));
        client.destroyForcibly().waitFor();
        Eventually.await("the command to end with its client", () -> !runs("cat"));

        client = begun(cat);
        node.daemon.kill();
        assertTrue(client.waitFor(60, TimeUnit.SECONDS), "the client outlives the daemon");
        node.daemon.start();
        Eventually.await("the daemon to serve", () -> answers("true"));
        Eventually.await("the command to end with the daemon", () -> !runs("cat"));

        client = begun(cat);
        cluster.apiServer().kill();
        try {
            assertTrue(client.waitFor(60, TimeUnit.SECONDS), "the client outlives the API server");
            assertNotEquals(0, client.exitValue(), output(client));
        } finally {
            cluster.apiServer().start();
        }
        Eventually.await("the daemon to serve", () -> answers("true"));
        Eventually.await("the command to end with the API server", () -> !runs("cat"));
    }

    private Process begun(List<String> command) throws IOException {
        Process client = start(command);
        client.getOutputStream().write("x\n".getBytes(StandardCharsets.UTF_8));
        client.getOutputStream().flush();
        String line = "";
        while (!line.endsWith("\n")) {
            int next = client.getInputStream().read();
            assertFalse(next < 0, line);
            line += (char) next;
        }
        assertEquals("x\n", line);
        return client;
    }
}
