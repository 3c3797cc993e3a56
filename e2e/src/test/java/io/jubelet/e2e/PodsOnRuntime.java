/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.fail;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.ContainerStatus;
import io.jubelet.cri.CriException;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.grpc.CriConnection;
import io.jubelet.testing.Consistently;
import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a runtime and the kernel show of the pods of one node, and the means to wait for it. */
abstract class PodsOnRuntime {

    /** Longest wait for anything that should happen soon; a machine under load is slow, not wrong. */
    static final Duration SOON = Eventually.DEFAULT_TIMEOUT;

    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final String OWNER = "jubelet.io/node";

    final String node;
    final CriConnection cri;
    /** Below it are the cgroups of this node's pods. */
    final String cgroupRoot;

    PodsOnRuntime(String node, Path containerd) {
        this.node = node;
        this.cri = CriConnection.open(containerd.toString());
        this.cgroupRoot = "jubelet-" + node;
    }

    /** The details of a failed wait. */
    abstract String details();

    RuntimeService runtime() {
        return cri.runtimeService();
    }

    List<PodSandbox> sandboxes(String pod) {
        return runtime().listPodSandboxes(PodSandboxFilter.labels(labels(pod)));
    }

    List<Container> containers(String pod) {
        return runtime().listContainers(ContainerFilter.labels(labels(pod)));
    }

    private Map<String, String> labels(String pod) {
        return Map.of(OWNER, node, "io.kubernetes.pod.name", pod + "-" + node);
    }

    List<Container> running(String pod) {
        return containers(pod).stream()
                .filter(c -> c.state() == ContainerState.RUNNING)
                .toList();
    }

    /** Waits until exactly one container of the pod runs, and returns it. */
    Container awaitRunning(String pod) {
        return awaitOnly(pod, pod + " to run", _ -> true);
    }

    /** Waits until another container of the pod than {@code before} runs, and it alone. */
    Container awaitReplaced(String pod, Container before) {
        return awaitOnly(pod, pod + " to be replaced", now -> !now.id().equals(before.id()));
    }

    /** What was seen is returned: a moment later it may have ended. */
    private Container awaitOnly(String pod, String what, Predicate<Container> wanted) {
        AtomicReference<Container> seen = new AtomicReference<>();
        await(what, () -> {
            List<Container> now = running(pod);
            seen.set(now.size() == 1 ? now.getFirst() : null);
            return seen.get() != null && wanted.test(seen.get());
        });
        return seen.get();
    }

    /** Waits until the runtime shows nothing at all of the pod. */
    void awaitGone(String pod) {
        await(
                pod + " to be gone",
                () -> sandboxes(pod).isEmpty() && containers(pod).isEmpty());
    }

    /** The process id of a container's first process. */
    long pid(Container container) {
        String info = runtime().containerStatusVerbose(container.id()).info().toString();
        Matcher matcher = Pattern.compile("\"pid\":\\s*(\\d+)").matcher(info);
        if (!matcher.find()) {
            return fail("no pid in " + info);
        }
        return Long.parseLong(matcher.group(1));
    }

    /** kill -9 to a container's first process. */
    void crash(Container container) {
        ProcessHandle.of(pid(container)).orElseThrow().destroyForcibly();
    }

    ContainerStatus status(Container container) {
        return runtime().containerStatus(container.id());
    }

    /** What a container wrote so far, both streams, without the time stamps of the log. */
    String output(Container container) {
        Path log = Path.of(status(container).logPath());
        try {
            StringBuilder text = new StringBuilder();
            for (String line : Files.readAllLines(log)) {
                String[] parts = line.split(" ", 4);
                text.append(parts.length == 4 ? parts[3] : "").append('\n');
            }
            return text.toString();
        } catch (IOException e) {
            return "";
        }
    }

    /** The directories of a name below the cgroups of this node, in all hierarchies. */
    List<Path> cgroupsNamed(String name) throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path top : cgroupTops()) {
            // Others come and go meanwhile, which a stream of paths would take for an error.
            Files.walkFileTree(top, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                    if (directory.getFileName().toString().contains(name)) {
                        found.add(directory);
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException problem) throws IOException {
                    if (problem instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw problem;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, IOException problem) {
                    return FileVisitResult.CONTINUE; // it is gone
                }
            });
        }
        return found;
    }

    /** With cgroup v2 the one of all controllers, with v1 that of each. */
    private List<Path> cgroupTops() throws IOException {
        List<Path> tops = new ArrayList<>(List.of(CGROUPS.resolve(cgroupRoot)));
        try (Stream<Path> hierarchies = Files.list(CGROUPS)) {
            hierarchies.map(hierarchy -> hierarchy.resolve(cgroupRoot)).forEach(tops::add);
        }
        tops.removeIf(top -> !Files.isDirectory(top));
        return tops;
    }

    /**
     * Those of pods stay when their sandboxes are removed without the daemon. False while one is in use: the runtime goes on
     * with what the daemon had asked for last.
     */
    final boolean removeCgroups() {
        try {
            for (Path top : cgroupTops()) {
                try (Stream<Path> below = Files.walk(top)) {
                    for (Path cgroup : below.filter(Files::isDirectory)
                            .sorted(Comparator.reverseOrder())
                            .toList()) {
                        Files.deleteIfExists(cgroup);
                    }
                }
            }
            return true;
        } catch (IOException | UncheckedIOException _) {
            return false;
        }
    }

    // --- waiting

    /**
     * Waits until a condition holds; a check that meets a runtime that is down, or a pod that is going, is repeated. Fails with
     * the daemon's log.
     */
    void await(String what, BooleanSupplier condition) {
        await(what, SOON, condition);
    }

    void await(String what, Duration atMost, BooleanSupplier condition) {
        Eventually.within(atMost)
                .retrying(CriException.Unavailable.class)
                .retrying(CriException.NotFound.class)
                .details(this::details)
                .until(what, condition::getAsBoolean);
    }

    /** Checks that a condition holds all the time. */
    void holdsFor(String what, Duration time, BooleanSupplier condition) {
        Consistently.holds(what, time, condition::getAsBoolean, this::details);
    }

    /** Tries once to remove every sandbox; what the runtime refused is in {@code refusals}. */
    final boolean removeSandboxes(List<CriException> refusals) {
        PodSandboxFilter ours = PodSandboxFilter.labels(Map.of(OWNER, node));
        refusals.clear();
        for (PodSandbox sandbox : runtime().listPodSandboxes(ours)) {
            try {
                runtime().stopPodSandbox(sandbox.id());
                runtime().removePodSandbox(sandbox.id());
            } catch (CriException e) {
                refusals.add(e);
            }
        }
        return runtime().listPodSandboxes(ours).isEmpty();
    }
}
