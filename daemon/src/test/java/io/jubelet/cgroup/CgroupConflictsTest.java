/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.node.RunningKubelets;
import io.jubelet.pod.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On directories that look like cgroup v2. */
class CgroupConflictsTest {

    private static final String UID = "0123456789abcdef0123456789abcdef";
    private static final String OTHER = "fedcba9876543210fedcba9876543210";
    private static final Pod POD = PodCgroupsTest.pod(UID, "", "");

    @TempDir
    Path root;

    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger searches = new AtomicInteger();
    private final AtomicReference<Optional<RunningKubelets.Found>> found = new AtomicReference<>(Optional.empty());
    private PodCgroups cgroups;
    private CgroupConflicts conflicts;

    @BeforeEach
    void makePod() throws IOException {
        Files.writeString(root.resolve("cgroup.controllers"), "");
        cgroup("");
        for (String tier : List.of("kubepods", "kubepods/besteffort", "kubepods/burstable")) {
            cgroup(tier);
        }
        cgroup("kubepods/besteffort/pod" + UID);
        cgroups = new PodCgroups(
                new CgroupSettings(true, List.of(), Optional.empty(), 0, List.of(), 4000, 0),
                CgroupTree.at(root),
                () -> CgroupDriver.CGROUPFS,
                UID::equals);
        conflicts = new CgroupConflicts(
                cgroups,
                () -> {
                    searches.incrementAndGet();
                    return found.get();
                },
                nanos::get);
        cgroups.make(POD);
    }

    /** Creates the files of a cgroup as the kernel does. */
    private void cgroup(String path) throws IOException {
        Path directory = Files.createDirectories(root.resolve(path));
        for (String file :
                List.of("cgroup.procs", "cgroup.subtree_control", "cpu.weight", "cpu.max", "memory.max", "pids.max")) {
            Files.writeString(directory.resolve(file), "");
        }
    }

    private Optional<String> problem() {
        nanos.addAndGet(Duration.ofSeconds(5).toNanos());
        return conflicts.problem();
    }

    private void runOther() throws IOException {
        cgroup("kubepods/burstable/pod" + OTHER);
        Files.writeString(root.resolve("kubepods/burstable/pod" + OTHER + "/cgroup.procs"), "77\n");
    }

    /** What a kubelet does with the cgroup of a pod that it does not know. */
    private void removeOurs() throws IOException {
        Path ours = root.resolve("kubepods/besteffort/pod" + UID);
        try (var files = Files.newDirectoryStream(ours)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(ours);
    }

    @Test
    void kubeletWithOtherCgroupsIsNoProblem() {
        found.set(Optional.of(new RunningKubelets.Found(42, true)));
        assertEquals(Optional.empty(), problem());
        assertEquals(0, searches.get());
    }

    @Test
    void kubeletThatRemovedCgroupOfPodIsNamed() throws IOException {
        found.set(Optional.of(new RunningKubelets.Found(42, true)));
        removeOurs();
        // The next sandbox of the pod; the files of a directory that is no real cgroup cannot be written.
        try {
            cgroups.make(POD);
        } catch (IOException e) {
            assertTrue(e.getMessage().contains("cannot write"), e.getMessage());
        }
        String problem = problem().orElseThrow();
        assertTrue(
                problem.startsWith("a kubelet (process 42) uses the cgroup /kubepods, too, and kills pods"), problem);
        assertTrue(problem.contains("--cgroup-root=/jubelet"), problem);
        found.set(Optional.empty());
        assertEquals(Optional.empty(), problem());
    }

    @Test
    void podsOfAnotherJubeletAreNamed() throws IOException {
        runOther();
        found.set(Optional.of(new RunningKubelets.Found(43, false)));
        String problem = problem().orElseThrow();
        assertTrue(
                problem.startsWith(
                        "1 pod that is not ours runs in the cgroup /kubepods (another jubelet is process 43), so"),
                problem);
        found.set(Optional.of(new RunningKubelets.Found(42, true)));
        assertTrue(problem().orElseThrow().startsWith("a kubelet (process 42)"));
    }

    @Test
    void cgroupWithoutProcessesIsNoProblem() throws IOException {
        cgroup("kubepods/burstable/pod" + OTHER);
        assertEquals(Optional.empty(), problem());
        runOther();
        assertTrue(problem().orElseThrow().startsWith("1 pod that is not ours runs in the cgroup /kubepods, so"));
    }

    @Test
    void looksAtMostEveryFiveSeconds() throws IOException {
        assertEquals(Optional.empty(), problem());
        runOther();
        assertEquals(Optional.empty(), conflicts.problem());
        assertTrue(problem().isPresent());
    }
}
