/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupUsageTest {

    private static final String POD = "/kubepods/pod1";

    @TempDir
    private Path root;

    private void write(String file, String content) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
    }

    @Test
    void readsCgroupV1() throws IOException {
        write("cpuacct/kubepods/pod1/cpuacct.usage", "4800277704\n");
        write("memory/kubepods/pod1/memory.usage_in_bytes", "60817408\n");
        write("memory/kubepods/pod1/memory.limit_in_bytes", "67108864\n");
        write("memory/kubepods/pod1/memory.memsw.limit_in_bytes", "70000000\n");
        write(
                "memory/kubepods/pod1/memory.stat",
                "rss 1\ntotal_rss 155648\ntotal_inactive_file 7340032\ntotal_pgfault 4045\ntotal_pgmajfault 3\ntotal_swap 4096\n");

        CgroupUsage cgroups = CgroupUsage.at(root);

        assertEquals(1, cgroups.version());
        assertEquals(OptionalLong.of(4800277704L), cgroups.cpuNanos(POD));
        assertEquals(
                Optional.of(new CgroupUsage.Memory(
                        60817408, 60817408 - 7340032, 155648, OptionalLong.of(67108864), 4045, 3)),
                cgroups.memory(POD));
        assertEquals(Optional.of(new CgroupUsage.Swap(4096, OptionalLong.of(70000000 - 67108864))), cgroups.swap(POD));
        assertEquals(Optional.empty(), cgroups.pressure(POD, "cpu"));
    }

    @Test
    void readsCgroupV2() throws IOException {
        write("cgroup.controllers", "cpu memory io pids\n");
        write("kubepods/pod1/cpu.stat", "usage_usec 4800277\nuser_usec 1\n");
        write("kubepods/pod1/memory.current", "60817408\n");
        write("kubepods/pod1/memory.max", "max\n");
        write("kubepods/pod1/memory.stat", "anon 155648\ninactive_file 7340032\npgfault 4045\npgmajfault 3\n");
        write("kubepods/pod1/memory.swap.current", "4096\n");
        write("kubepods/pod1/memory.swap.max", "0\n");
        write(
                "kubepods/pod1/memory.pressure",
                "some avg10=1.50 avg60=0.25 avg300=0.01 total=1234\nfull avg10=0.50 avg60=0.00 avg300=0.00 total=34\n");
        // Before Linux 5.13 there is no line for all tasks of a processor.
        write("kubepods/pod1/cpu.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=7\n");

        CgroupUsage cgroups = CgroupUsage.at(root);

        assertEquals(2, cgroups.version());
        assertEquals(OptionalLong.of(4800277000L), cgroups.cpuNanos(POD));
        assertEquals(
                Optional.of(
                        new CgroupUsage.Memory(60817408, 60817408 - 7340032, 155648, OptionalLong.empty(), 4045, 3)),
                cgroups.memory(POD));
        assertEquals(Optional.of(new CgroupUsage.Swap(4096, OptionalLong.of(0))), cgroups.swap(POD));
        assertEquals(
                Optional.of(new CgroupUsage.Pressure(
                        new CgroupUsage.Stall(1234, 1.5, 0.25, 0.01), new CgroupUsage.Stall(34, 0.5, 0, 0))),
                cgroups.pressure(POD, "memory"));
        assertEquals(
                Optional.of(new CgroupUsage.Pressure(new CgroupUsage.Stall(7, 0, 0, 0), CgroupUsage.Stall.NONE)),
                cgroups.pressure(POD, "cpu"));
    }

    @Test
    void limitOfTheKernelForNoLimitIsNone() throws IOException {
        write("memory/kubepods/pod1/memory.usage_in_bytes", "1\n");
        write("memory/kubepods/pod1/memory.limit_in_bytes", "9223372036854771712\n");

        assertEquals(
                OptionalLong.empty(),
                CgroupUsage.at(root).memory(POD).orElseThrow().limit());
    }

    @Test
    void cgroupThatWasRemovedHasNoUsage() {
        CgroupUsage cgroups = CgroupUsage.at(root);

        assertEquals(OptionalLong.empty(), cgroups.cpuNanos(POD));
        assertEquals(Optional.empty(), cgroups.memory(POD));
        assertEquals(Optional.empty(), cgroups.swap(POD));
        assertTrue(cgroups.container(POD, "abc").isEmpty());
    }

    @Test
    void findsContainerByTheNameOfEitherDriver() throws IOException {
        Files.createDirectories(root.resolve("memory/kubepods/pod1/abc"));
        Files.createDirectories(root.resolve("memory/kubepods/pod1/cri-containerd-def.scope"));
        CgroupUsage cgroups = CgroupUsage.at(root);

        assertEquals(Optional.of(POD + "/abc"), cgroups.container(POD, "abc"));
        assertEquals(Optional.of(POD + "/cri-containerd-def.scope"), cgroups.container(POD, "def"));
    }
}
