/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The commands that work in containers, on the local socket, while the runtime, the daemon or the command itself is killed. */
@OnContainerd
class TornStreamsContainerdTest {

    /** A server that returns what it gets, a process that writes, and a tar that takes its time. */
    private static final String POD = DaemonProcess.pod(
            "web",
            "nc -ll -p 7777 -e cat & (while :; do echo tick; sleep 0.2; done) & rm /bin/tar;"
                    + " (echo '#!/bin/sh'; echo 'touch /tmp/tar-runs';"
                    + " echo 'while [ \"$(head -c 65536 | wc -c)\" != 0 ]; do sleep 0.05; done') >/bin/tar;"
                    + " chmod +x /bin/tar; "
                    + DaemonProcess.sleeper());

    /** Enough for that tar to need minutes. */
    private static final long LARGE = 256 << 20;

    private static OwnContainerd containerd;
    private static DaemonProcess daemon;
    private static Path file;

    private final List<Commands.Running> open = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        containerd = new OwnContainerd();
        daemon = new DaemonProcess(containerd.socket(), List.of()).start();
        daemon.write("web.yaml", POD);
        daemon.awaitRunning("web");
        awaitCommands();
        file = daemon.home.resolve("large");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(LARGE);
        }
    }

    @AfterAll
    static void stop() throws IOException {
        try (OwnContainerd _ = containerd) {
            if (daemon != null) {
                daemon.close();
            }
        }
    }

    private static void awaitCommands() throws Exception {
        Eventually.await("commands to run in the container", () -> inside("echo done"), "done"::equals);
    }

    /** What a command in the container prints, or why it fails. Costs no process here, unlike {@code jubelet exec}. */
    private static String inside(String command) {
        return daemon.get("/run/default/web/app?cmd=" + command.replace(" ", "%20"));
    }

    /** Every command that works in a container, in the middle of its work. */
    private record Begun(
            Commands.Running exec,
            Commands.Running attach,
            Commands.Running copy,
            Commands.Running forward,
            Socket connection) {}

    private Commands.Running begin(String... arguments) throws IOException {
        Commands.Running command = daemon.follow(arguments);
        open.add(command);
        return command;
    }

    private Begun begin() throws Exception {
        assertEquals("", inside("rm -f /tmp/tar-runs"));
        Commands.Running exec = begin("exec", "-i", "web", "--", "sh", "-c", "echo begun; exec cat");
        Commands.Running attach = begin("attach", "web");
        Commands.Running copy = begin("cp", file.toString(), "web:/tmp/copy");
        int port = ServerProcess.freePort();
        Commands.Running forward = begin("port-forward", "web", port + ":7777", "--address=127.0.0.1");
        exec.awaitPrinted("begun");
        attach.awaitPrinted("tick");
        forward.awaitPrinted("Forwarding from 127.0.0.1:" + port);
        Socket connection = new Socket(InetAddress.getLoopbackAddress(), port);
        connection.getOutputStream().write('x');
        assertEquals('x', connection.getInputStream().read());
        Eventually.await("tar to run", () -> inside("ls /tmp/tar-runs"), "/tmp/tar-runs"::equals);
        return new Begun(exec, attach, copy, forward, connection);
    }

    /** That of the commands, without those of the pod. */
    private static long commandsInContainer() {
        return inside("ps")
                .lines()
                .filter(line -> line.matches(" *\\d+ +root +(cat\\b|\\{tar}).*"))
                .count();
    }

    private static Map<String, Long> opened() throws IOException {
        Path process = Path.of("/proc/" + daemon.pid());
        try (Stream<Path> descriptors = Files.list(process.resolve("fd"));
                Stream<Path> threads = Files.list(process.resolve("task"))) {
            return Map.of("descriptors", descriptors.count(), "threads", threads.count());
        }
    }

    /** What is open when each kind of command has ended once, for that loads and opens what stays. */
    private Map<String, Long> openedAfterUse() throws Exception {
        begin().connection().close();
        close();
        Eventually.await(
                "no command to be left in the container",
                TornStreamsContainerdTest::commandsInContainer,
                count -> count == 0);
        return opened();
    }

    private static void awaitNothingLeft(Map<String, Long> before) throws Exception {
        Eventually.await(
                "no command to be left in the container",
                TornStreamsContainerdTest::commandsInContainer,
                count -> count == 0);
        Eventually.await(
                "no more descriptors and threads than " + before,
                TornStreamsContainerdTest::opened,
                now -> now.get("descriptors") <= before.get("descriptors")
                        && now.get("threads") <= before.get("threads"));
    }

    private static void assertFailed(Commands.Running command, String message) {
        assertEquals(1, command.awaitEnd(), command::printed);
        assertTrue(command.printed().contains(message), command::printed);
    }

    @Test
    void runtimeIsKilled() throws Exception {
        Map<String, Long> before = openedAfterUse();
        Begun begun = begin();
        containerd.end("KILL");
        try (Socket connection = begun.connection()) {
            String torn = "the stream ended before the command did: the container runtime or jubelet has stopped";
            assertFailed(begun.exec(), torn);
            assertFailed(begun.attach(), torn);
            assertFailed(begun.copy(), torn);
            assertEquals(-1, connection.getInputStream().read());
        } finally {
            close();
            containerd.start();
        }
        awaitCommands();
        // containerd does not know the commands of the process before, so they stay; Jubelet cannot end them.
        inside("killall cat tar");
        awaitNothingLeft(before);
    }

    @Test
    void daemonIsKilled() throws Exception {
        Begun begun = begin();
        try (Socket connection = begun.connection()) {
            daemon.kill();
            String lost = "the daemon closed the connection";
            assertFailed(begun.exec(), lost);
            assertFailed(begun.attach(), lost);
            assertFailed(begun.copy(), lost);
            assertEquals(-1, connection.getInputStream().read());
            begun.forward().awaitPrinted("lost connection: " + lost);
        } finally {
            close();
            daemon.start();
        }
        awaitCommands();
        Eventually.await(
                "no command to be left in the container",
                TornStreamsContainerdTest::commandsInContainer,
                count -> count == 0);
    }

    @Test
    void commandsAreKilled() throws Exception {
        awaitCommands();
        Map<String, Long> before = openedAfterUse();
        for (String signal : List.of("HUP", "KILL")) {
            Begun begun = begin();
            try (Socket connection = begun.connection()) {
                for (Commands.Running command : open) {
                    Commands.shell(daemon.home, "kill -" + signal + " " + command.pid());
                }
                for (Commands.Running command : open) {
                    assertEquals(signal.equals("HUP") ? 129 : 137, command.awaitEnd(), command::printed);
                }
                assertEquals(-1, connection.getInputStream().read());
                awaitNothingLeft(before);
            } finally {
                close();
            }
        }
    }

    private void close() {
        open.forEach(Commands.Running::close);
        open.clear();
    }
}
