/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Access to the local API, and the lock that allows one daemon only. */
@OnContainerd
class AccessContainerdTest {

    /** A client in a single source file, because another user might not be able to read the classes under test. */
    private static final String CLIENT = """
        import java.net.UnixDomainSocketAddress;
        import java.nio.channels.Channels;
        import java.nio.channels.SocketChannel;

        void main(String[] arguments) throws Exception {
            try (SocketChannel socket = SocketChannel.open(UnixDomainSocketAddress.of(arguments[0]))) {
                Channels.newOutputStream(socket).write(
                        "GET /api/v1/pods HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n".getBytes());
                Channels.newInputStream(socket).transferTo(System.out);
            }
        }
        """;

    private static DaemonProcess daemon;

    @BeforeAll
    static void start() throws IOException {
        daemon = new DaemonProcess().start();
    }

    @AfterAll
    static void stop() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    @Test
    void theSocketIsForOwnerAndGroupAndOthersAreRefusedEvenWhenItsModeIsOpened() throws Exception {
        boolean group =
                Files.readAllLines(Path.of("/etc/group")).stream().anyMatch(line -> line.startsWith("jubelet:"));
        assertEquals(
                group ? "rw-rw----" : "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(daemon.socket)));
        Path client = Files.writeString(daemon.home.resolve("Client.java"), CLIENT);
        Files.setPosixFilePermissions(daemon.home, PosixFilePermissions.fromString("rwxr-xr-x"));
        List<String> asNobody = List.of(
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                client.toString(),
                daemon.socket.toString());
        Commands.Outcome closed = Commands.run(asNobody);
        assertTrue(closed.exitCode() != 0 && closed.err().contains("Permission denied"), closed.err());
        Files.setPosixFilePermissions(daemon.socket, PosixFilePermissions.fromString("rw-rw-rw-"));
        Commands.Outcome opened = Commands.run(asNobody);
        assertTrue(opened.out().startsWith("HTTP/1.1 403 "), () -> opened.out() + opened.err());
        assertTrue(daemon.log().contains("denied access to the local API; user nobody"), daemon.log());
        assertTrue(daemon.get("/api/v1/pods").contains("PodList"));
    }

    @Test
    void aSecondDaemonOnTheSameSocketRefusesAndHarmsNothing() throws Exception {
        Commands.Outcome second = Commands.run(daemon.command("--root-dir=" + daemon.home.resolve("other")));
        assertEquals(1, second.exitCode(), second.err());
        assertTrue(second.err().contains("another jubelet already listens on " + daemon.socket), second.err());
        assertTrue(daemon.get("/healthz").equals("ok"));
    }

    @Test
    void aSecondDaemonOnTheSameRootDirectoryNamesTheFirst() throws Exception {
        Commands.Outcome second = Commands.run(daemon.command("--api-socket=" + daemon.home.resolve("other.sock")));
        assertEquals(1, second.exitCode(), second.err());
        assertTrue(
                second.err()
                        .contains("another jubelet (process " + daemon.pid() + ") uses the root directory "
                                + daemon.rootDir),
                second.err());
        assertTrue(daemon.get("/healthz").equals("ok"));
        daemon.kill();
        daemon.start();
    }
}
