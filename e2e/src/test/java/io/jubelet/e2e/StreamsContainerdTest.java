/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.testing.Eventually;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Streams of the local socket while the runtime goes away. */
@OnContainerd
class StreamsContainerdTest {

    @Test
    void saysThatTheRuntimeIsGoneAndServesWhenItIsBack() throws Exception {
        try (OwnContainerd containerd = new OwnContainerd();
                DaemonProcess daemon = new DaemonProcess(containerd.socket(), List.of())) {
            daemon.start();
            daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper()));
            daemon.awaitRunning("web");
            Eventually.await(
                    "the status of the container",
                    () -> daemon.jubelet("exec", "web", "--", "true"),
                    outcome -> outcome.exitCode() == 0);
            Commands.Outcome both = daemon.jubelet("exec", "web", "--", "sh", "-c", "echo out; echo err >&2; exit 7");
            assertEquals(7, both.exitCode(), both::toString);
            assertEquals("out\n", both.out());
            assertTrue(both.err().endsWith("err\ncommand terminated with exit code 7\n"), both::toString);
            try (Commands.Running command = daemon.follow("exec", "web", "--", "sh", "-c", "echo begun; sleep 1000")) {
                command.awaitPrinted("begun");
                containerd.end("KILL");
                assertNotEquals(0, command.awaitEnd());
                command.awaitPrinted("the stream ended before the command did");
            }
            Commands.Outcome gone = daemon.jubelet("exec", "web", "--", "true");
            assertNotEquals(0, gone.exitCode());
            assertTrue(gone.err().contains("the container runtime cannot be reached"), gone::toString);
            containerd.start();
            Eventually.await(
                    "commands to run again",
                    () -> daemon.jubelet("exec", "web", "--", "true"),
                    outcome -> outcome.exitCode() == 0);
        }
    }
}
