package io.jubelet.pod;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How a container is asked for its health.
 *
 * @param handler any but {@link Handler.Sleep}
 * @param initialDelay after the start of the container, whole seconds
 * @param timeout of one attempt, whole seconds, at least one
 * @param period from one attempt to the next, whole seconds, at least one
 * @param successThreshold consecutive successes that turn it healthy, at least one
 * @param failureThreshold consecutive failures that turn it unhealthy, at least one
 * @param terminationGracePeriod replaces the pod's when this probe has the container stopped
 */
public record Probe(
        Handler handler,
        Duration initialDelay,
        Duration timeout,
        Duration period,
        int successThreshold,
        int failureThreshold,
        Optional<Duration> terminationGracePeriod) {

    public Probe {
        Objects.requireNonNull(handler, "handler");
        Objects.requireNonNull(initialDelay, "initialDelay");
        Objects.requireNonNull(timeout, "timeout");
        Objects.requireNonNull(period, "period");
        Objects.requireNonNull(terminationGracePeriod, "terminationGracePeriod");
    }

    /** Which of a container's probes. */
    public enum Kind {
        STARTUP,
        LIVENESS,
        READINESS
    }
}
