/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import io.jubelet.plan.PullProgress;
import io.jubelet.pod.PodName;
import java.util.List;

/** Reports the progress of image pulls. */
@FunctionalInterface
public interface PullSource {

    /**
     * Returns the pulls that a pod waits for at this moment. Queries the runtime if there are any.
     */
    List<PullProgress> of(PodName pod);
}
