package io.jubelet.pod;

import java.util.Objects;
import java.util.Optional;

/**
 * The hooks of one container.
 *
 * @param postStart done right after its start, before the next container is started
 * @param preStop done before it is told to end
 * @param stopSignal such as {@code SIGUSR1}, which ends it in place of the image's; empty keeps that
 */
public record LifecycleHooks(Optional<Handler> postStart, Optional<Handler> preStop, String stopSignal) {

    /** No hook at all. */
    public static final LifecycleHooks NONE = new LifecycleHooks(Optional.empty(), Optional.empty(), "");

    public LifecycleHooks {
        Objects.requireNonNull(postStart, "postStart");
        Objects.requireNonNull(preStop, "preStop");
        Objects.requireNonNull(stopSignal, "stopSignal");
    }
}
