/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.probe;

import io.jubelet.concurrent.DurationHistogram;
import io.jubelet.pod.PodName;
import io.jubelet.pod.Probe;
import java.util.Objects;

/**
 * How the attempts of one probe of one container ended so far.
 *
 * @param uid of the pod version
 * @param durations of the attempts that did not fail
 */
public record ProbeStatistics(
        PodName pod,
        String uid,
        String container,
        Probe.Kind kind,
        Results results,
        DurationHistogram.Snapshot durations) {

    /**
     * How many attempts ended in each way.
     *
     * @param unknown those that could not be made
     */
    public record Results(long successful, long failed, long unknown) {}

    public ProbeStatistics {
        Objects.requireNonNull(pod, "pod");
        Objects.requireNonNull(uid, "uid");
        Objects.requireNonNull(container, "container");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(results, "results");
        Objects.requireNonNull(durations, "durations");
    }
}
