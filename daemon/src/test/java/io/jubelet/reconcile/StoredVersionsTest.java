/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import static io.jubelet.plan.TestPods.pod;
import static io.jubelet.plan.TestPods.sandbox;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.AdmissionRejection;
import io.jubelet.plan.ImageStates;
import io.jubelet.plan.PodAction;
import io.jubelet.plan.TestPods;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.RestartPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StoredVersionsTest {

    private static final Pod OLD = pod("old", RestartPolicy.Always, "app");
    private static final Pod NEW = pod("new", RestartPolicy.Always, "app");
    private static final ObservedPod OLD_IS_LIVE =
            ObservedPod.none(TestPods.WEB).with(sandbox("s", "old", 0, true));

    private final List<String> read = new ArrayList<>();
    private Optional<Pod> onDisk = Optional.empty();

    private final StoredVersions stored = new StoredVersions(new ActionExecutor() {
        @Override
        public ObservedPod execute(PodAction action, ObservedPod before) {
            throw new AssertionError(action.summary());
        }

        @Override
        public ImageStates images(PodName name, List<Pod> versions) {
            throw new AssertionError(name.toString());
        }

        @Override
        public Optional<AdmissionRejection> rejection(Pod pod) {
            throw new AssertionError(pod.uid());
        }

        @Override
        public Optional<String> networkProblem() {
            throw new AssertionError();
        }

        @Override
        public Optional<Pod> loadPod(String uid) {
            read.add(uid);
            return onDisk;
        }
    });

    @Test
    void aVersionThatWasWantedIsNotReadFromTheDisk() {
        assertEquals(Optional.empty(), stored.running(Optional.of(OLD), OLD_IS_LIVE));
        assertEquals(Optional.of(OLD), stored.running(Optional.empty(), OLD_IS_LIVE));
        assertEquals(Optional.of(OLD), stored.running(Optional.of(NEW), OLD_IS_LIVE));
        assertEquals(Optional.of(OLD), stored.running(Optional.of(NEW), OLD_IS_LIVE));
        assertEquals(List.of(), read);
    }

    @Test
    void aVersionOfAnEarlierDaemonIsReadOnce() {
        onDisk = Optional.of(OLD);
        assertEquals(Optional.of(OLD), stored.running(Optional.of(NEW), OLD_IS_LIVE));
        assertEquals(Optional.of(OLD), stored.running(Optional.of(NEW), OLD_IS_LIVE));
        assertEquals(List.of("old"), read);
    }

    @Test
    void aVersionWhoseContentCannotBeReadIsUnknownUntilItCan() {
        assertEquals(Optional.empty(), stored.running(Optional.of(NEW), OLD_IS_LIVE));
        onDisk = Optional.of(OLD);
        assertEquals(Optional.of(OLD), stored.running(Optional.of(NEW), OLD_IS_LIVE));
    }
}
