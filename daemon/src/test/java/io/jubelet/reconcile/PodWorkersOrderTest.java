/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.desired.DesiredPods;
import io.jubelet.plan.TestPods;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.RestartPolicy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PodWorkersOrderTest {

    private static Pod pod(String name, String uid) {
        return TestPods.pod(new PodName("default", name), uid, RestartPolicy.Always, "app");
    }

    private static DesiredPods wanted(Pod... pods) {
        Map<PodName, Pod> byName = new HashMap<>();
        for (Pod pod : pods) {
            byName.put(pod.name(), pod);
        }
        return new DesiredPods(byName, List.of());
    }

    @Test
    void newPodsBeginInTheOrderOfAdmission() {
        List<PodName> names = new ArrayList<>();
        Pod[] pods = new Pod[200];
        for (int i = 0; i < pods.length; i++) {
            pods[i] = pod("p" + (1000 + i * 7 % 200), "u" + i);
            names.add(new PodName("default", "p" + (1000 + i)));
        }
        assertEquals(names, PodWorkers.changed(DesiredPods.NONE, wanted(pods)));
    }

    @Test
    void onlyAnotherVersionIsAChange() {
        DesiredPods before = wanted(pod("a", "1"), pod("b", "2"), pod("c", "3"));
        DesiredPods now = wanted(pod("a", "1"), pod("b", "4"), pod("d", "5"));
        assertEquals(
                List.of(new PodName("default", "b"), new PodName("default", "d")), PodWorkers.changed(before, now));
    }
}
