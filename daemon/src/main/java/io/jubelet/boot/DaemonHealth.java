package io.jubelet.boot;

import io.jubelet.api.HealthPort;
import io.jubelet.config.ListenerConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/** Whether the daemon is well. Safe for use by many threads. */
final class DaemonHealth {

    /** The kubelet calls its PLEG unhealthy after the same time. */
    private static final Duration RUNTIME_SILENCE = Duration.ofMinutes(3);

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String runtime;
    private final Supplier<Optional<Instant>> lastAnswer;
    private final InstantSource clock;

    /**
     * @param runtime where it is
     * @param lastAnswer when it last told what runs; empty before it did
     */
    DaemonHealth(String runtime, Supplier<Optional<Instant>> lastAnswer, InstantSource clock) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.lastAnswer = Objects.requireNonNull(lastAnswer, "lastAnswer");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /** What is wrong with the daemon; empty when it is well. A runtime that is not there yet is none of its faults. */
    Optional<String> trouble() {
        Instant oldest = clock.instant().minus(RUNTIME_SILENCE);
        return lastAnswer.get().filter(oldest::isAfter).map(last -> "the runtime has not answered since " + last);
    }

    /** Why no pod can be expected to run; empty when pods can. */
    Optional<String> unready() {
        return lastAnswer.get().isEmpty()
                ? Optional.of("the runtime at " + runtime + " has not answered yet")
                : trouble();
    }

    /** Begins to tell it on a port, if one is named. */
    Optional<AutoCloseable> tell(ListenerConfig.Endpoint settings) {
        if (!settings.isOpen()) {
            return Optional.empty();
        }
        HealthPort port = new HealthPort(
                new InetSocketAddress(InetAddress.ofLiteral(settings.address()), settings.port()),
                PATIENCE,
                this::unready);
        port.start();
        return Optional.of(port);
    }
}
