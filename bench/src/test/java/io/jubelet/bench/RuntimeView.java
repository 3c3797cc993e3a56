/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.ContainerStatus;
import io.jubelet.cri.CriException;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.PodSandboxState;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.grpc.CriConnection;
import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The pods as the runtime reports them. Start times are recorded by the runtime, so the time of reading does not matter.
 */
final class RuntimeView implements AutoCloseable {
    private static final Pattern PID = Pattern.compile("\"pid\":\\s*(\\d+)");
    /** How long to wait for an event before listing again, because listing takes CPU time from the subject. */
    private static final Duration POLL_INTERVAL = Duration.ofSeconds(2);

    private final CriConnection connection;
    private final RuntimeEventLog eventLog;

    RuntimeView(String endpoint) {
        this.connection = CriConnection.open(endpoint);
        this.eventLog = RuntimeEventLog.open(connection.events());
    }

    /** A running container and its start time. */
    record Started(ContainerId id, Instant at) {}

    CriConnection connection() {
        return connection;
    }

    RuntimeEventLog eventLog() {
        return eventLog;
    }

    private RuntimeService service() {
        return connection.runtimeService();
    }

    /**
     * Waits for a running container of the pod.
     *
     * @param except a container that does not count; null if every container counts
     */
    Started awaitStarted(BusyboxPod pod, ContainerId except, Duration timeout) throws InterruptedException {
        ContainerFilter filter = ContainerFilter.labels(
                Map.of("io.kubernetes.pod.name", pod.fullName(), "io.kubernetes.container.name", "main"));
        long end = System.nanoTime() + timeout.toNanos();
        while (System.nanoTime() < end) {
            long mark = eventLog.mark();
            for (Container container : service().listContainers(filter)) {
                if (container.state() == ContainerState.RUNNING
                        && !container.id().equals(except)) {
                    return started(container.id());
                }
            }
            eventLog.awaitStarts(mark, 1, POLL_INTERVAL);
        }
        throw new BenchException("no container of " + pod.fullName() + " started within " + timeout.toSeconds() + " s");
    }

    /** Waits until at least this number of containers run. */
    List<Started> awaitStarted(int count, Duration timeout) throws InterruptedException {
        long end = System.nanoTime() + timeout.toNanos();
        List<Container> running = List.of();
        while (System.nanoTime() < end) {
            long mark = eventLog.mark();
            running = service().listContainers(ContainerFilter.state(ContainerState.RUNNING));
            if (running.size() >= count) {
                List<Started> all = new ArrayList<>();
                for (Container container : running) {
                    all.add(started(container.id()));
                }
                return all;
            }
            eventLog.awaitStarts(mark, count - running.size(), POLL_INTERVAL);
        }
        throw new BenchException(
                "only " + running.size() + " of " + count + " pods started within " + timeout.toSeconds() + " s");
    }

    private Started started(ContainerId id) {
        ContainerStatus status = service().containerStatus(id);
        return new Started(id, status.startedAt());
    }

    /** The latest start time. */
    static Instant last(Collection<Started> started) {
        return started.stream().map(Started::at).max(Instant::compareTo).orElseThrow();
    }

    /** Waits until no sandbox of the pod is ready or, if {@code removed}, until it has no sandbox, and returns the time. */
    Instant awaitGone(BusyboxPod pod, boolean removed, Duration timeout) {
        PodSandboxFilter filter = new PodSandboxFilter(
                null, removed ? null : PodSandboxState.READY, Map.of("io.kubernetes.pod.name", pod.fullName()));
        Eventually.within(timeout)
                .every(Duration.ofMillis(4))
                .until(
                        "the sandbox of " + pod.fullName() + " to be gone",
                        () -> service().listPodSandboxes(filter).isEmpty());
        return Instant.now();
    }

    /**
     * Waits until the status of a container says that it has exited. The event comes earlier, but a client that started the
     * next container on the event alone would sometimes have two running ones.
     */
    void awaitExited(ContainerId id) {
        Eventually.within(Eventually.DEFAULT_TIMEOUT)
                .every(Duration.ofMillis(1))
                .until(
                        "the end of container " + id.value(),
                        () -> service().containerStatus(id).state(),
                        state -> state == ContainerState.EXITED);
    }

    /** Kills the first process of a container, and returns the time immediately before. */
    Instant kill(ContainerId id) {
        String info = service().containerStatusVerbose(id).info().getOrDefault("info", "");
        Matcher pid = PID.matcher(info);
        if (!pid.find()) {
            throw new BenchException("the runtime does not report the process id of container " + id.value());
        }
        ProcessHandle process = ProcessHandle.of(Long.parseLong(pid.group(1)))
                .orElseThrow(() -> new BenchException("the process has already ended"));
        Instant before = Instant.now();
        process.destroyForcibly();
        return before;
    }

    /** Stops and removes every pod of the runtime, which only the benchmark uses. */
    void removeEverything() throws InterruptedException {
        List<Runnable> removals = new ArrayList<>();
        for (PodSandbox sandbox : service().listPodSandboxes(PodSandboxFilter.all())) {
            removals.add(() -> {
                try {
                    service().stopPodSandbox(sandbox.id());
                    service().removePodSandbox(sandbox.id());
                } catch (CriException _) {
                    // The check below fails.
                }
            });
        }
        Parallel.run(8, removals);
        int left = service().listPodSandboxes(PodSandboxFilter.all()).size();
        if (left > 0) {
            throw new BenchException(left + " sandboxes could not be removed");
        }
        removeCgroups();
    }

    /** Removes the cgroups of pods created by direct calls. The runtime creates them and leaves their removal to its client. */
    private static void removeCgroups() {
        Path root = Path.of("/sys/fs/cgroup");
        try (Stream<Path> hierarchies = Files.list(root)) {
            for (Path hierarchy : Stream.concat(Stream.of(root), hierarchies).toList()) {
                Path pods = hierarchy.resolve(BusyboxPod.CGROUP_PARENT);
                if (Files.isDirectory(pods)) {
                    try (DirectoryStream<Path> named = Files.newDirectoryStream(pods, BusyboxPod.CGROUPS)) {
                        for (Path pod : named) {
                            Files.delete(pod);
                        }
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove the cgroups of removed pods", e);
        }
    }

    @Override
    public void close() {
        eventLog.close();
        connection.close();
    }
}
