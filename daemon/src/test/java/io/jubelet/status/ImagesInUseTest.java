/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.status;

import static io.jubelet.status.PodViews.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.desired.DesiredPods;
import io.jubelet.events.EventRecorder;
import io.jubelet.observed.RunningContainer;
import io.jubelet.plan.ImageStates;
import io.jubelet.reconcile.PodView;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ImagesInUseTest {

    private final StatusStore store = new StatusStore(
            () -> DesiredPods.NONE, new EventRecorder(InstantSource.system(), () -> {}), ConditionTimesStore.NONE);

    @Test
    void imagesOfAPodThatRunsAreInUseThoughNoManifestHasIt() {
        PodView view = pod("web", "a", "b").sandbox().running("a", 0, 3).build();
        store.publish(view);
        Set<String> expected = new HashSet<>();
        view.wanted().ifPresent(pod -> expected.addAll(ImageStates.images(pod)));
        view.running().ifPresent(pod -> expected.addAll(ImageStates.images(pod)));
        assertEquals(expected, new ImagesInUse(() -> DesiredPods.NONE, store).get());
        assertEquals(false, expected.isEmpty());
    }

    @Test
    void onlyContainersThatRunAreRunning() {
        PodView view = pod("web", "a", "b").sandbox().running("a", 0, 3).build();
        store.publish(view);
        List<RunningContainer> running = store.snapshot().runningContainers();
        assertEquals(
                List.of("a"), running.stream().map(RunningContainer::container).toList());
        assertEquals(view.name(), running.getFirst().pod());
        assertEquals(0, running.getFirst().attempt());
    }
}
