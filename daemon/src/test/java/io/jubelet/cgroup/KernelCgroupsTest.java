/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jubelet.pod.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Uses the cgroup file systems of this machine, below a cgroup of its own. */
@Tag("root")
class KernelCgroupsTest {

    private static final String UID = "0123456789abcdef0123456789abcdef";

    private final String top = "jubelet-test-" + Long.toHexString(System.nanoTime());
    private CgroupTree tree;

    private PodCgroups on(Path root) {
        Optional<CgroupTree> found = CgroupTree.at(root);
        assumeTrue(found.isPresent(), root + " cannot be written to");
        tree = found.get();
        CgroupSettings settings =
                new CgroupSettings(true, List.of(top), Optional.of(Duration.ofMillis(100)), 0, List.of("2MB"), 1000, 0);
        return new PodCgroups(settings, found, () -> CgroupDriver.CGROUPFS, UID::equals);
    }

    @AfterEach
    void removeAll() throws IOException {
        if (tree != null) {
            tree.remove("/" + top);
        }
    }

    private void assertGone() throws IOException {
        for (Path directory : tree.directories("/" + top + "/kubepods/burstable/pod" + UID)) {
            assertFalse(Files.exists(directory), directory.toString());
        }
    }

    private Process in(Path cgroup) throws IOException {
        Process process = new ProcessBuilder("sleep", "1000").start();
        Files.writeString(cgroup.resolve("cgroup.procs"), Long.toString(process.pid()));
        return process;
    }

    @Test
    void limitsPodsOfThisKernelAndKillsWhatIsLeftInThem() throws Exception {
        PodCgroups cgroups = on(CgroupTree.ROOT);
        assumeTrue(tree instanceof CgroupV1, "cgroup v1 is not in use here");
        Pod pod = PodCgroupsTest.pod(UID, "cpu=500m", "cpu=1 memory=64Mi");
        cgroups.make(pod);
        cgroups.make(pod);
        String at = cgroups.parent(pod).orElseThrow().substring(1);
        Path cpu = CgroupTree.ROOT.resolve("cpu").resolve(at);
        assertEquals("512", Files.readString(cpu.resolve("cpu.shares")).strip());
        assertEquals("100000", Files.readString(cpu.resolve("cpu.cfs_quota_us")).strip());
        Path memory = CgroupTree.ROOT.resolve("memory").resolve(at);
        assertEquals(
                "67108864",
                Files.readString(memory.resolve("memory.limit_in_bytes")).strip());
        // A cgroup as the runtime creates it for a container, with a process left in it.
        Path inner = Files.createDirectories(
                CgroupTree.ROOT.resolve("pids").resolve(at).resolve("container"));
        Process left = in(inner);
        try {
            cgroups.removeEmpty(UID);
            assertTrue(left.isAlive() && Files.exists(cpu));
            cgroups.remove(UID);
            assertTrue(left.waitFor(30, TimeUnit.SECONDS));
        } finally {
            left.destroyForcibly();
        }
        assertGone();
        cgroups.remove(UID); // once more is as well
    }

    @Test
    void controllersAreHandedDownByCgroupV2() throws Exception {
        Path root = Files.exists(CgroupTree.ROOT.resolve("cgroup.controllers"))
                ? CgroupTree.ROOT
                : CgroupTree.ROOT.resolve("unified");
        PodCgroups cgroups = on(root);
        assumeTrue(
                Files.readString(root.resolve("cgroup.controllers")).contains("hugetlb"),
                "cgroup v2 has no controller for huge pages here");
        Pod pod = PodCgroupsTest.pod(UID, "cpu=500m hugepages-2Mi=4Mi", "hugepages-2Mi=4Mi");
        cgroups.make(pod);
        Path directory = root.resolve(cgroups.parent(pod).orElseThrow().substring(1));
        assertEquals(
                "4194304",
                Files.readString(directory.resolve("hugetlb.2MB.max")).strip());
        assertNotEquals(
                "4194304",
                Files.readString(directory.getParent().resolve("hugetlb.2MB.max"))
                        .strip());
        Process left = in(Files.createDirectories(directory.resolve("container")));
        try {
            cgroups.remove(UID);
            assertTrue(left.waitFor(30, TimeUnit.SECONDS));
        } finally {
            left.destroyForcibly();
        }
        assertGone();
    }
}
