/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Calls to systemd as a bus reads them: dbus-daemon parses the calls and passes them to
 * dbus-monitor, which prints them. There is no systemd behind that bus, so each call ends with an
 * error.
 */
class SystemdWriterTest {

    private static final List<String> POD = List.of("kubepods", "burstable", "pod1f3a");
    private static final CgroupLimits LIMITS = new CgroupLimits(512, 25_500, 100_000, 64 << 20, 100, Map.of());

    @TempDir
    Path dir;

    private final List<Process> processes = new ArrayList<>();
    private Path socket;
    private BufferedReader monitor;

    @BeforeEach
    void startBus() throws IOException {
        assumeTrue(onPath("dbus-daemon") && onPath("dbus-monitor"), "there is no dbus-daemon");
        socket = dir.resolve("bus");
        Path config = Files.writeString(dir.resolve("bus.conf"), """
                <busconfig>
                  <type>session</type>
                  <listen>unix:path=%s</listen>
                  <auth>EXTERNAL</auth>
                  <policy context="default">
                    <allow send_destination="*" eavesdrop="true"/><allow own="*"/><allow eavesdrop="true"/>
                  </policy>
                </busconfig>
                """.formatted(socket));
        Process bus = run("dbus-daemon", "--config-file=" + config, "--nofork", "--print-address");
        reader(bus).readLine(); // the address, once it listens
        Process watching = run("stdbuf", "-oL", "dbus-monitor", "--address", "unix:path=" + socket);
        monitor = reader(watching);
        String line = monitor.readLine();
        while (!line.contains("member=NameLost")) {
            line = monitor.readLine();
        }
    }

    @AfterEach
    void stopBus() throws InterruptedException {
        for (Process process : processes.reversed()) {
            process.destroyForcibly();
            process.waitFor(10, TimeUnit.SECONDS);
        }
    }

    private Process run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        processes.add(process);
        return process;
    }

    private static BufferedReader reader(Process process) {
        return process.inputReader(StandardCharsets.UTF_8);
    }

    private static boolean onPath(String program) {
        for (String directory : System.getenv("PATH").split(":")) {
            if (Files.isExecutable(Path.of(directory, program))) {
                return true;
            }
        }
        return false;
    }

    private SystemdWriter writer(boolean v2) throws IOException {
        Path root = Files.createDirectories(dir.resolve("cgroup"));
        if (v2) {
            Files.writeString(root.resolve("cgroup.controllers"), "cpu memory pids\n");
            return new SystemdWriter(CgroupV2.at(root), new SystemBus(socket));
        }
        return new SystemdWriter(new CgroupV1(root), new SystemBus(socket));
    }

    /**
     * The next call to systemd that the bus has seen: path, interface, method, and the arguments.
     */
    private String call() throws IOException {
        String line = monitor.readLine();
        while (!line.startsWith("method call") || !line.contains("destination=org.freedesktop.systemd1 ")) {
            line = monitor.readLine();
        }
        StringBuilder call =
                new StringBuilder(line.replaceAll(".*path=(\\S+); interface=(\\S+); member=(\\S+).*", "$1 $2 $3"));
        // The reply comes next and is not indented.
        for (line = monitor.readLine(); line.startsWith(" "); line = monitor.readLine()) {
            call.append(' ').append(line.strip());
        }
        return call.toString().replaceAll("\\s+", " ");
    }

    private interface Step {
        void run() throws IOException;
    }

    private static String failure(Step step) {
        try {
            step.run();
            return "";
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    @Test
    void aSliceIsStartedWithItsLimitsAsPropertiesOfV2() throws Exception {
        String failure = failure(() -> writer(true).make(POD, LIMITS));
        String call = call();
        assertTrue(
                call.startsWith("/org/freedesktop/systemd1 org.freedesktop.systemd1.Manager StartTransientUnit"
                        + " string \"kubepods-burstable-pod1f3a.slice\" string \"replace\" array ["),
                call);
        assertProperty(call, "Wants", "array [ string \"kubepods-burstable.slice\" ]");
        assertProperty(call, "DefaultDependencies", "boolean false");
        assertProperty(call, "MemoryAccounting", "boolean true");
        assertProperty(call, "CPUWeight", "uint64 59");
        assertProperty(call, "CPUQuotaPeriodUSec", "uint64 100000");
        assertProperty(call, "CPUQuotaPerSecUSec", "uint64 260000");
        assertProperty(call, "MemoryMax", "uint64 67108864");
        assertProperty(call, "TasksMax", "uint64 100");
        assertTrue(call.endsWith("] array [ ]"), call);
        assertEquals(
                "systemd failed to start kubepods-burstable-pod1f3a.slice: org.freedesktop.DBus.Error.ServiceUnknown",
                failure);
    }

    private static void assertProperty(String call, String name, String value) {
        String property = "struct { string \"" + name + "\" variant " + value + " }";
        assertTrue(call.contains(property), () -> property + " is not in " + call);
    }

    @Test
    void limitsAreSetForThisBootAsPropertiesOfV1() throws Exception {
        String failure = failure(() -> writer(false).set(List.of("kubepods", "burstable"), LIMITS));
        String call = call();
        assertTrue(
                call.startsWith("/org/freedesktop/systemd1 org.freedesktop.systemd1.Manager SetUnitProperties"
                        + " string \"kubepods-burstable.slice\" boolean true array ["),
                call);
        assertProperty(call, "CPUShares", "uint64 512");
        assertProperty(call, "MemoryLimit", "uint64 67108864");
        assertTrue(failure.startsWith("systemd failed to set the limits of kubepods-burstable.slice: "), failure);
    }

    @Test
    void removingASliceStopsIt() throws Exception {
        String failure = failure(() -> writer(true).remove(POD));
        assertTrue(call().startsWith("/org/freedesktop/systemd1 org.freedesktop.systemd1.Manager StopUnit"
                + " string \"kubepods-burstable-pod1f3a.slice\" string \"replace\""));
        assertTrue(failure.startsWith("systemd failed to stop kubepods-burstable-pod1f3a.slice: "), failure);
    }

    @Test
    void withoutABusTheMessageNamesTheSocket() throws Exception {
        Path nowhere = dir.resolve("nowhere");
        SystemdWriter writer = new SystemdWriter(new CgroupV1(dir), new SystemBus(nowhere));
        String failure = failure(() -> writer.make(POD, LIMITS));
        assertTrue(failure.startsWith("cannot call systemd at " + nowhere + ": "), failure);
    }
}
