/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalClientTest {

    @TempDir
    private Path dir;

    @Test
    void givesUpOnADaemonThatDoesNotRespond() throws Exception {
        Path socket = dir.resolve("api.sock");
        try (ServerSocketChannel daemon = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            daemon.bind(UnixDomainSocketAddress.of(socket)); // the kernel accepts connections that no program takes
            ClientException failure = assertThrows(
                    ClientException.class,
                    () -> new LocalClient(socket).get("/jubelet/v1/pods", Duration.ofSeconds(1)));
            assertEquals(
                    "jubelet did not respond on " + socket + " within 1 s; see journalctl -u jubelet",
                    failure.getMessage());
        }
    }
}
