/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import io.jubelet.pod.PodName;
import java.util.Objects;

/**
 * A request for the log of one container instance.
 *
 * @param pod namespace and name as written in the manifest
 * @param uid UID of the pod version
 * @param container the container's name in the spec
 * @param attempt the restart count of the instance, which names its log file
 * @param options which part of the log to copy
 */
public record LogRequest(PodName pod, String uid, String container, int attempt, PodLogOptions options) {

    public LogRequest {
        Objects.requireNonNull(pod, "pod");
        Objects.requireNonNull(uid, "uid");
        Objects.requireNonNull(container, "container");
        Objects.requireNonNull(options, "options");
    }
}
