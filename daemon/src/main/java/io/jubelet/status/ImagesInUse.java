/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.status;

import io.jubelet.desired.DesiredPods;
import io.jubelet.plan.ImageStates;
import io.jubelet.pod.Pod;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;

/** The images that must not be removed. Safe for use by many threads. */
public final class ImagesInUse implements Supplier<Set<String>> {

    private final Supplier<DesiredPods> desired;
    private final StatusStore store;

    public ImagesInUse(Supplier<DesiredPods> desired, StatusStore store) {
        this.desired = Objects.requireNonNull(desired, "desired");
        this.store = Objects.requireNonNull(store, "store");
    }

    /** The images of all pods of manifests, and of each pod version that runs or is to run. */
    @Override
    public Set<String> get() {
        Set<String> images = new HashSet<>();
        for (Pod pod : desired.get().pods().values()) {
            images.addAll(ImageStates.images(pod));
        }
        for (PodReport report : store.snapshot().pods()) {
            report.view().wanted().ifPresent(pod -> images.addAll(ImageStates.images(pod)));
            report.view().running().ifPresent(pod -> images.addAll(ImageStates.images(pod)));
        }
        return images;
    }
}
