/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.config.Configs;
import io.jubelet.node.NodeCapacity;
import io.jubelet.node.NodeFacts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the configuration leaves to pods of a node with 1000 MiB of memory. */
class NodeCapacitiesTest {

    private static final long MIB = 1 << 20;

    @TempDir
    Path root;

    private NodeCapacities capacities(long memoryBytes, String... flags) {
        List<String> all = new ArrayList<>(List.of(flags));
        all.add("--root-dir=" + root);
        return new NodeCapacities(
                Configs.ofFlags(all.toArray(String[]::new)).config(),
                new NodeFacts("n", memoryBytes, true, true, List.of(), List.of()));
    }

    @Test
    void whatIsReservedIsMissingFromWhatPodsCanTake() {
        NodeCapacities plain = capacities(1000 * MIB, "--eviction-hard=memory.available<0");
        NodeCapacities reserved = capacities(
                1000 * MIB,
                "--eviction-hard=memory.available<0",
                "--kube-reserved=cpu=100m,memory=200Mi,ephemeral-storage=1Mi",
                "--system-reserved=cpu=50m,memory=50Mi");
        assertEquals(0, plain.reservedMilli());
        assertEquals(0, plain.reserved("memory"));
        assertEquals(150, reserved.reservedMilli());
        assertEquals(250 * MIB, reserved.reserved("memory"));
        assertEquals(plain.podCpuMilli() - 150, reserved.podCpuMilli());
        assertEquals(plain.capacity().cpuMilli(), plain.podCpuMilli());
        NodeCapacity all = plain.allocatable();
        NodeCapacity left = reserved.allocatable();
        assertEquals(all.cpuMilli() - 150, left.cpuMilli());
        assertEquals(all.memoryBytes() - 250 * MIB, left.memoryBytes());
        assertEquals(all.ephemeralStorageBytes() - MIB, left.ephemeralStorageBytes());
        assertTrue(all.ephemeralStorageBytes() > 0);
    }

    @Test
    void whatMustStayFreeIsMissingToo() {
        NodeCapacities free = capacities(1000 * MIB, "--eviction-hard=memory.available<100Mi,nodefs.available<3Mi");
        NodeCapacities all = capacities(1000 * MIB, "--eviction-hard=memory.available<0");
        assertEquals(
                all.allocatable().memoryBytes() - 100 * MIB, free.allocatable().memoryBytes());
        assertEquals(
                all.allocatable().ephemeralStorageBytes() - 3 * MIB,
                free.allocatable().ephemeralStorageBytes());
    }

    @Test
    void allPodsTogetherHaveALimitOfMemoryWhereItIsReservedAndEnforced() {
        assertEquals(
                750 * MIB,
                capacities(1000 * MIB, "--kube-reserved=memory=250Mi").podMemoryLimit());
        assertEquals(0, capacities(1000 * MIB, "--kube-reserved=memory=1001Mi").podMemoryLimit());
        assertEquals(0, capacities(1000 * MIB).podMemoryLimit(), "nothing is reserved");
        assertEquals(
                0,
                capacities(1000 * MIB, "--kube-reserved=memory=250Mi", "--enforce-node-allocatable=none")
                        .podMemoryLimit());
    }

    @Test
    void anAmountThatIsNotKnownIsAbsent() {
        Map<String, Long> known = capacities(1000 * MIB, "--eviction-hard=memory.available<0")
                .nodeAllocatable()
                .allocatable()
                .get();
        Map<String, Long> unknown =
                capacities(0).nodeAllocatable().allocatable().get();
        assertTrue(known.containsKey("memory"));
        assertTrue(known.containsKey("ephemeral-storage"));
        assertTrue(known.get("cpu") > 0);
        assertTrue(!unknown.containsKey("memory"), unknown::toString);
        assertTrue(unknown.containsKey("cpu"));
    }
}
