/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On directories that look like a cgroup file system. */
class OutOfMemoryCountersTest {

    private static final String UID = "0123456789abcdef0123456789abcdef";
    private static final String POD = "kubepods/besteffort/pod" + UID;

    @TempDir
    Path root;

    private OutOfMemoryCounters counters(CgroupDriver driver) throws IOException {
        CgroupSettings settings =
                new CgroupSettings(true, List.of(), Optional.of(Duration.ofMillis(100)), 0, List.of(), 0, 0);
        PodCgroups cgroups = new PodCgroups(settings, CgroupTree.at(root), () -> driver, UID::equals);
        cgroups.parent(PodCgroupsTest.pod(UID, "", "")); // learns the driver
        return new OutOfMemoryCounters(cgroups);
    }

    private void v1() throws IOException {
        for (String path : List.of("", "kubepods", "kubepods/besteffort", "kubepods/burstable")) {
            for (String file : List.of("cpu.shares", "cgroup.procs")) {
                write("cpu/" + path + "/" + file, "");
            }
        }
        write("memory/cgroup.procs", "");
    }

    private void v2() throws IOException {
        write("cgroup.controllers", "");
        write("cgroup.subtree_control", "");
        for (String path : List.of("kubepods", "kubepods/besteffort", "kubepods/burstable")) {
            write(path + "/cgroup.subtree_control", "");
        }
    }

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private void events(String cgroup, int kills) throws IOException {
        write(cgroup + "/memory.events", "low 0\nmax 7\noom 3\noom_kill " + kills + "\noom_group_kill 0\n");
    }

    @Test
    void killThatThePodCountsIsOfTheContainerThatEnded() throws IOException {
        v2();
        events(POD, 2);
        OutOfMemoryCounters counters = counters(CgroupDriver.CGROUPFS);
        counters.running(UID);
        assertFalse(counters.killed(UID, "c1"), "the kills of before do not count");
        events(POD, 3);
        assertTrue(counters.killed(UID, "c1"));
        assertTrue(counters.killed(UID, "c1"), "whenever it is asked about");
        assertFalse(counters.killed(UID, "c2"), "but one kill is of one container");
    }

    @Test
    void killIsUnknownWithoutAnEarlierCount() throws IOException {
        v2();
        events(POD, 2);
        OutOfMemoryCounters counters = counters(CgroupDriver.CGROUPFS);
        assertFalse(counters.killed(UID, "c1"));
        counters.running(UID);
        events(POD, 4);
        counters.gone(UID);
        assertFalse(counters.killed(UID, "c1"));
    }

    @Test
    void containerThatEndedIsReadBeforeItsCgroupIsGone() throws IOException {
        v1();
        String file = "memory/" + POD + "/c1/memory.oom_control";
        write(file, "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n");
        OutOfMemoryCounters counters = counters(CgroupDriver.CGROUPFS);
        counters.running(UID);
        counters.ended(UID, "c1");
        counters.ended(UID, "c2");
        Files.delete(root.resolve(file));
        assertTrue(counters.killed(UID, "c1"));
        assertFalse(counters.killed(UID, "c2"));
    }

    @Test
    void containerOfSystemdIsAScope() throws IOException {
        v2();
        write("kubepods.slice/cgroup.subtree_control", "");
        OptionalLong count = CgroupTree.at(root).orElseThrow().outOfMemoryKills("/none");
        assertEquals(OptionalLong.empty(), count);
        events("kubepods.slice/cri-containerd-c1.scope", 1);
        assertEquals(
                OptionalLong.of(1),
                CgroupTree.at(root).orElseThrow().outOfMemoryKills("/kubepods.slice/cri-containerd-c1.scope"));
    }

    @Test
    void killThatTheRuntimeReportedIsRemembered() throws IOException {
        v1();
        OutOfMemoryCounters counters = counters(CgroupDriver.CGROUPFS);
        counters.reported("c1");
        assertTrue(counters.killed(UID, "c1"));
        assertFalse(counters.killed(UID, "c2"));
    }

    @Test
    void fileWithoutTheCounterSaysNothing() throws IOException {
        v1();
        write("memory/" + POD + "/c1/memory.oom_control", "oom_kill_disable 0\n");
        OutOfMemoryCounters counters = counters(CgroupDriver.CGROUPFS);
        assertFalse(counters.killed(UID, "c1"));
    }
}
