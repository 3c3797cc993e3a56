/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class CgroupDriverTest {

    private static final List<String> POD = List.of("kubepods", "burstable", "pod1f3a");

    @Test
    void withCgroupfsANameIsAPath() {
        assertEquals("/kubepods/burstable/pod1f3a", CgroupDriver.CGROUPFS.path(POD));
        assertEquals("/kubepods/burstable/pod1f3a", CgroupDriver.CGROUPFS.parent(POD));
    }

    @Test
    void withSystemdASliceContainsTheNamesOfItsParents() {
        assertEquals(
                "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1f3a.slice",
                CgroupDriver.SYSTEMD.path(POD));
        assertEquals("kubepods-burstable-pod1f3a.slice", CgroupDriver.SYSTEMD.parent(POD));
        assertEquals("kubepods-pod1f3a.slice", CgroupDriver.SYSTEMD.parent(List.of("kubepods", "pod1f3a")));
    }

    @Test
    void dashesAreReplacedBecauseTheySeparateLevelsOfSlices() {
        assertEquals("my_node-kubepods-poda_b.slice", CgroupDriver.slice(List.of("my-node", "kubepods", "poda-b")));
    }

    @Test
    void childrenAreIdentifiedByTheirLastPart() {
        List<String> tier = List.of("kubepods", "burstable");
        assertEquals("pod1f3a", CgroupDriver.SYSTEMD.lastPart(tier, CgroupDriver.SYSTEMD.parent(POD)));
        assertEquals("poda_b", CgroupDriver.SYSTEMD.lastPart(tier, "kubepods-burstable-poda_b.slice"));
        assertEquals("other.scope", CgroupDriver.SYSTEMD.lastPart(tier, "other.scope"));
        assertEquals("poda-b", CgroupDriver.CGROUPFS.lastPart(tier, "poda-b"));
    }
}
