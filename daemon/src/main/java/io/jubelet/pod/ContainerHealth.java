package io.jubelet.pod;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What the probes say of one running container.
 *
 * @param started whether its startup probe has succeeded, or it has none
 * @param ready whether it is started and its readiness probe succeeds, or it has none
 * @param failure set when its liveness or startup probe demands that it be stopped
 */
public record ContainerHealth(boolean started, boolean ready, Optional<Failure> failure) {

    /** A container without probes, as long as it runs. */
    public static final ContainerHealth WITHOUT_PROBES = new ContainerHealth(true, true, Optional.empty());

    public ContainerHealth {
        Objects.requireNonNull(failure, "failure");
    }

    /**
     * A probe that failed as often as its threshold says.
     *
     * @param kind startup or liveness
     * @param message what the last attempt said
     * @param gracePeriod the probe's own, in place of the pod's
     */
    public record Failure(Probe.Kind kind, String message, Optional<Duration> gracePeriod) {
        public Failure {
            Objects.requireNonNull(kind, "kind");
            Objects.requireNonNull(message, "message");
            Objects.requireNonNull(gracePeriod, "gracePeriod");
        }
    }

    /** What is known of a running container before any of its probes was answered. */
    public static ContainerHealth unknown(Probes probes) {
        return new ContainerHealth(
                probes.startup().isEmpty(),
                probes.startup().isEmpty() && probes.readiness().isEmpty(),
                Optional.empty());
    }
}
