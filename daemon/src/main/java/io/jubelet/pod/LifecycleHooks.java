/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Objects;
import java.util.Optional;

/**
 * The hooks of one container.
 *
 * @param postStart run right after the start of the container, before the next container starts
 * @param preStop run before the container gets its stop signal
 * @param stopSignal such as {@code SIGUSR1}, which replaces the one of the image; empty keeps the
 *     one of the image
 */
public record LifecycleHooks(Optional<Handler> postStart, Optional<Handler> preStop, String stopSignal) {

    /** No hook and no stop signal. */
    public static final LifecycleHooks NONE = new LifecycleHooks(Optional.empty(), Optional.empty(), "");

    public LifecycleHooks {
        Objects.requireNonNull(postStart, "postStart");
        Objects.requireNonNull(preStop, "preStop");
        Objects.requireNonNull(stopSignal, "stopSignal");
    }
}
