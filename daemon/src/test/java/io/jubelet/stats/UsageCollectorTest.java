/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.stats;

import static io.jubelet.status.PodViews.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cgroup.CgroupUsage;
import io.jubelet.cgroup.PodCgroups;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerMetadata;
import io.jubelet.cri.ContainerStats;
import io.jubelet.cri.CpuUsage;
import io.jubelet.cri.CriException;
import io.jubelet.cri.FilesystemUsage;
import io.jubelet.cri.MemoryUsage;
import io.jubelet.cri.NetworkUsage;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxMetadata;
import io.jubelet.cri.PodSandboxStats;
import io.jubelet.cri.PsiStats;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.simulated.SimulatedClock;
import io.jubelet.cri.simulated.SimulatedRuntime;
import io.jubelet.node.Mounts;
import io.jubelet.podfiles.PodDirectories;
import io.jubelet.stats.UsageCollector.Scope;
import io.jubelet.status.PodReport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsageCollectorTest {

    private static final Instant START = Instant.parse("2026-01-01T11:00:00Z");
    private static final long SECOND = 1_000_000_000;

    @TempDir
    private Path dir;

    private Instant now = START;
    private final NodeClock clock = NodeClock.neverSet(() -> now);
    private final PodReport web =
            pod("web", "app").sandbox().running("app", 0, 2).report();
    private int lists;
    private boolean sandboxesAreReported = true;
    private Duration paused = Duration.ZERO;
    private UsageCollector collector;

    @BeforeEach
    void create() throws IOException {
        Path proc = Files.createDirectories(dir.resolve("proc"));
        Files.writeString(proc.resolve("stat"), "cpu  100 0 50 900 0 0 0 0 0 0\nbtime 1767261600\n");
        Files.writeString(
                proc.resolve("meminfo"), "MemTotal: 1000 kB\nMemFree: 400 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n");
        Files.createDirectories(proc.resolve("net"));
        Files.writeString(
                proc.resolve("net/dev"),
                "a\nb\n  lo: 9 9 9 9 0 0 0 0 9 9 9 0 0 0 0 0\n eth1: 10 1 2 0 0 0 0 0 30 3 4 0 0 0 0 0\n");
        Files.writeString(
                proc.resolve("net/route"), "Iface\tDestination\neth1\t00000000\t0\t3\t0\t0\t100\t00000000\t0\t0\t0\n");
        Files.createDirectories(proc.resolve("sys/kernel"));
        Files.writeString(proc.resolve("sys/kernel/pid_max"), "4194304\n");
        Files.writeString(proc.resolve("sys/kernel/threads-max"), "1000\n");
        Files.writeString(proc.resolve("loadavg"), "0.1 0.2 0.3 2/345 678\n");
        Files.createDirectories(proc.resolve("pressure"));
        Files.writeString(proc.resolve("pressure/cpu"), "some avg10=1.00 avg60=0.00 avg300=0.00 total=5\n");
        CgroupUsage cgroups = CgroupUsage.at(dir.resolve("cgroup"));
        PodDirectories directories = PodDirectories.open(dir.resolve("root"), dir.resolve("logs"), new Mounts());
        collector = new UsageCollector(
                new UsageCollector.Sources(
                        "node1",
                        () -> List.of(web),
                        new PodReader(runtime(), PodCgroups.none(), cgroups, clock),
                        new NodeReader(proc, cgroups, clock),
                        new PodDisks(directories, clock),
                        () -> "",
                        SimulatedRuntime.create(SimulatedClock.manual(START)).imageService(),
                        dir),
                clock,
                time -> {
                    paused = paused.plus(time);
                    now = now.plus(time);
                });
    }

    private RuntimeService runtime() {
        return (RuntimeService) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {RuntimeService.class},
                (_, method, _) -> switch (method.getName()) {
                    case "listPodSandboxStats" -> sandboxes();
                    case "listContainerStats" -> List.of(container());
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    private List<PodSandboxStats> sandboxes() {
        lists++;
        if (!sandboxesAreReported) {
            throw new CriException.Unimplemented("ListPodSandboxStats", "unknown method");
        }
        NetworkUsage.NetworkInterfaceUsage eth0 = new NetworkUsage.NetworkInterfaceUsage("eth0", 1L, 2L, 3L, 4L);
        return List.of(new PodSandboxStats(
                new PodSandboxStats.PodSandboxAttributes(
                        new PodSandboxId("sandbox-web"),
                        new PodSandboxMetadata("web-node1", web.uid(), "default", 0),
                        Map.of(),
                        Map.of()),
                new PodSandboxStats.LinuxPodSandboxStats(
                        cpu(3),
                        memory(),
                        new NetworkUsage(now, eth0, List.of(eth0)),
                        new PodSandboxStats.ProcessUsage(now, 2L),
                        List.of(container()),
                        null),
                null));
    }

    private ContainerStats container() {
        return new ContainerStats(
                new ContainerStats.ContainerAttributes(
                        new ContainerId("app-0"), new ContainerMetadata("app", 0), Map.of(), Map.of()),
                cpu(2),
                memory(),
                new FilesystemUsage(now, null, 4096L, 5L),
                null,
                null);
    }

    /** Uses a number of cores all the time. */
    private CpuUsage cpu(int cores) {
        PsiStats psi = new PsiStats(new PsiStats.PsiData(1, 0, 0, 0), new PsiStats.PsiData(2, 0.5, 0, 0));
        return new CpuUsage(now, cores * Duration.between(START, now).toNanos(), 0L, psi);
    }

    private MemoryUsage memory() {
        return new MemoryUsage(now, 300L, 0L, 400L, 200L, 10L, 1L, null);
    }

    @Test
    void firstRequestForRatesMeasuresTwice() throws InterruptedException {
        Summary summary = collector.collect(Scope.CPU_AND_MEMORY);

        assertEquals(2, lists);
        assertEquals(Duration.ofSeconds(1), paused);
        Summary.Pod measured = summary.pods().getFirst();
        assertEquals(
                OptionalLong.of(3 * SECOND),
                measured.usage().cpu().orElseThrow().usageNanoCores());
        assertEquals(
                OptionalLong.of(2 * SECOND),
                measured.containers().getFirst().usage().cpu().orElseThrow().usageNanoCores());

        now = now.plusSeconds(15);
        Summary _ = collector.collect(Scope.CPU_AND_MEMORY);

        assertEquals(3, lists);
        assertEquals(Duration.ofSeconds(1), paused);
    }

    @Test
    void countersNeverWait() throws InterruptedException {
        Summary summary = collector.collect(Scope.COUNTERS);

        assertEquals(Duration.ZERO, paused);
        assertEquals(
                OptionalLong.empty(),
                summary.pods().getFirst().usage().cpu().orElseThrow().usageNanoCores());
    }

    @Test
    void requestsWithinASecondShareAMeasurement() throws InterruptedException {
        Summary first = collector.collect(Scope.COUNTERS);
        now = now.plusMillis(999);
        assertSame(first, collector.collect(Scope.COUNTERS));
        now = now.plusMillis(1);
        Summary _ = collector.collect(Scope.COUNTERS);

        assertEquals(2, lists);
    }

    @Test
    void podIsTheSumOfItsContainersIfTheRuntimeDoesNotReportIt() throws InterruptedException {
        sandboxesAreReported = false;
        now = now.plusSeconds(10);

        Summary.Pod measured = collector.collect(Scope.COUNTERS).pods().getFirst();

        assertEquals(
                OptionalLong.of(20 * SECOND),
                measured.usage().cpu().orElseThrow().usageCoreNanoSeconds());
        assertEquals(
                OptionalLong.of(300), measured.usage().memory().orElseThrow().workingSet());
        assertTrue(measured.network().isEmpty());
    }

    @Test
    void summaryHasTheFieldsOfTheKubelet() throws InterruptedException, IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        SummaryJson.write(collector.collect(Scope.ALL), bytes);
        String json = bytes.toString(StandardCharsets.UTF_8);

        for (String part : List.of(
                "\"nodeName\":\"node1\",\"startTime\":\"2026-01-01T10:00:00Z\"",
                "\"cpu\":{\"time\":\"2026-01-01T11:00:01Z\",\"usageNanoCores\":0,\"usageCoreNanoSeconds\":1500000000,"
                        + "\"psi\":{\"full\":{\"total\":0,",
                "\"some\":{\"total\":5,\"avg10\":1.0,\"avg60\":0.0,\"avg300\":0.0}}",
                "\"memory\":{\"time\":\"2026-01-01T11:00:01Z\",\"availableBytes\":409600,\"usageBytes\":614400,"
                        + "\"workingSetBytes\":614400,",
                "\"network\":{\"time\":\"2026-01-01T11:00:01Z\",\"name\":\"eth1\",\"rxBytes\":10,\"rxErrors\":2,"
                        + "\"txBytes\":30,\"txErrors\":4,\"interfaces\":[{\"name\":\"eth1\"",
                "\"rlimit\":{\"time\":\"2026-01-01T11:00:01Z\",\"maxpid\":1000,\"curproc\":345}",
                "\"podRef\":{\"name\":\"web-node1\",\"namespace\":\"default\",\"uid\":\"" + web.uid() + "\"}",
                "\"containers\":[{\"name\":\"app\",\"startTime\":",
                "\"usageNanoCores\":2000000000",
                "\"rootfs\":{\"time\":\"2026-01-01T11:00:01Z\",\"usedBytes\":4096,\"inodesUsed\":5}",
                "\"ephemeral-storage\":{",
                "\"usedBytes\":4096,\"inodesFree\":",
                "\"process_stats\":{\"process_count\":2}")) {
            assertTrue(json.contains(part), () -> part + " is not in " + json);
        }
        assertFalse(json.contains("\"lo\""), json);
    }

    @Test
    void onlyCpuAndMemoryLeavesOutDisksAndNetwork() throws InterruptedException {
        Summary summary = collector.collect(Scope.CPU_AND_MEMORY);

        assertEquals(Optional.empty(), summary.node().disks());
        assertEquals(Optional.empty(), summary.node().network());
        assertEquals(Optional.empty(), summary.pods().getFirst().storage());
    }
}
