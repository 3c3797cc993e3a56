/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import io.jubelet.events.EventRecorder;
import io.jubelet.objects.PodJson;
import io.jubelet.pod.PodName;
import io.jubelet.status.StatusStore;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The sources of mirror pods.
 *
 * @param statusStore the reports of all pods
 * @param alive the pods that are wanted or on the runtime; empty until both are known
 * @param json writes statuses
 * @param events records failures of mirror pods
 */
public record MirrorSource(
        StatusStore statusStore, Supplier<Optional<Set<PodName>>> alive, PodJson json, EventRecorder events) {
    public MirrorSource {
        Objects.requireNonNull(statusStore, "board");
        Objects.requireNonNull(alive, "alive");
        Objects.requireNonNull(json, "json");
        Objects.requireNonNull(events, "events");
    }
}
