/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jubelet.concurrent.Loop;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemdNotifyTest {

    private static final long PID = 42;

    @TempDir
    Path dir;

    @BeforeEach
    void requireSystemd() {
        boolean there = Files.isExecutable(Path.of("/usr/bin/systemd-notify"));
        if (!there && Boolean.getBoolean("jubelet.test.no-skip")) {
            fail("systemd-notify is missing; Debian's package is systemd");
        }
        assumeTrue(there, "systemd-notify is missing; Debian's package is systemd");
    }

    @Test
    void notifiesServiceManager() throws Throwable {
        try (Datagrams datagrams = new Datagrams(dir.resolve("notify"))) {
            SystemdNotify notify = notify(Map.of());
            notify.ready("2 pods\nrunning");
            assertEquals("READY=1\nSTATUS=2 pods running", datagrams.receive());
            notify.stopping();
            assertEquals("STOPPING=1", datagrams.receive());
        }
    }

    @Test
    void keepsTheWatchdogQuietWhileHealthy() throws Throwable {
        try (Datagrams datagrams = new Datagrams(dir.resolve("notify"))) {
            SystemdNotify notify = notify(Map.of("WATCHDOG_USEC", "30000", "WATCHDOG_PID", "42"));
            assertEquals(Optional.of(Duration.ofMillis(30)), notify.watchdog());
            AtomicBoolean asked = new AtomicBoolean();
            try (Loop loop = notify.keepAlive(() -> asked.getAndSet(true), () -> "1 pod:\n1 Running")
                    .orElseThrow()) {
                assertEquals("STATUS=1 pod: 1 Running", datagrams.receive());
                assertEquals("WATCHDOG=1\nSTATUS=1 pod: 1 Running", datagrams.receive());
                assertTrue(asked.get());
                assertEquals(0, loop.failures());
            }
        }
    }

    @Test
    void doesNothingWithoutAServiceManager() {
        SystemdNotify notify = SystemdNotify.from(Map.of("WATCHDOG_USEC", "1000"), PID);
        notify.ready("nobody listens");
        assertEquals(Optional.empty(), notify.keepAlive(() -> true, () -> ""));
        assertEquals(
                Optional.empty(),
                notify(Map.of("WATCHDOG_USEC", "1000", "WATCHDOG_PID", "1")).watchdog());
        assertEquals(Optional.empty(), notify(Map.of("WATCHDOG_USEC", "often")).watchdog());
    }

    private SystemdNotify notify(Map<String, String> more) {
        Map<String, String> environment = new java.util.HashMap<>(more);
        environment.put("NOTIFY_SOCKET", dir.resolve("notify").toString());
        return SystemdNotify.from(environment, PID);
    }

    /** The receiving end of datagrams on a Unix socket, which the JDK does not have. */
    @SuppressWarnings("restricted")
    private static final class Datagrams implements AutoCloseable {

        private static final int AF_UNIX = 1;
        private static final int SOCK_DGRAM = 2;
        private final Arena arena = Arena.ofShared();
        private final int socket;

        Datagrams(Path path) throws Throwable {
            socket = (int) call(
                            "socket",
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT))
                    .invokeExact(AF_UNIX, SOCK_DGRAM, 0);
            MemorySegment address = arena.allocate(110);
            address.set(ValueLayout.JAVA_SHORT.withOrder(ByteOrder.nativeOrder()), 0, (short) AF_UNIX);
            address.setString(2, path.toString());
            int bound = (int) call(
                            "bind",
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.JAVA_INT))
                    .invokeExact(socket, address, 110);
            assertEquals(0, bound);
        }

        String receive() throws Throwable {
            MemorySegment buffer = arena.allocate(4096);
            long length = (long) call(
                            "recv",
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_INT))
                    .invokeExact(socket, buffer, 4095L, 0);
            assertTrue(length > 0);
            return buffer.getString(0).strip();
        }

        private static java.lang.invoke.MethodHandle call(String name, FunctionDescriptor descriptor) {
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
        }

        @Override
        public void close() {
            try {
                int closed = (int) call("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))
                        .invokeExact(socket);
                assertEquals(0, closed);
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
            arena.close();
        }
    }
}
