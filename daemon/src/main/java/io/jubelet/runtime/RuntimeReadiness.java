package io.jubelet.runtime;

import io.jubelet.concurrent.Loop;
import io.jubelet.cri.CriException;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.StatusResponse;
import io.jubelet.cri.StatusResponse.RuntimeCondition;
import io.jubelet.cri.VersionResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Whether the runtime says that it is ready, and its network: asked from time to time for those who are told of the node, and
 * by nobody else. Safe for use by many threads.
 */
public final class RuntimeReadiness implements AutoCloseable {

    /** A runtime that is started anew is back sooner; the kubelet waits for 30 s. */
    private static final Duration SILENCE = Duration.ofSeconds(10);

    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration MAX_RETRY = Duration.ofSeconds(5);

    private final RuntimeService runtime;
    private final Duration period;
    private final Runnable changed;
    private final InstantSource clock;
    private final Loop loop;
    private volatile Answer last;

    /**
     * What it said last.
     *
     * @param at when, or when the first question was put
     * @param problems in its own words; empty when it is ready
     * @param failure why it has not answered since; may be empty
     */
    private record Answer(Instant at, String version, List<String> problems, String failure) {}

    /**
     * @param changed told when there is another answer to {@link #problem}; must not block
     */
    public RuntimeReadiness(RuntimeService runtime, Duration period, Runnable changed, InstantSource clock) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.period = Objects.requireNonNull(period, "period");
        this.changed = Objects.requireNonNull(changed, "changed");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.last = new Answer(
                clock.instant(), "", List.of("container runtime status check may not have completed yet"), "");
        this.loop = Loop.unstarted("runtime-status", RETRY, MAX_RETRY, this::turn);
    }

    /** Begins to ask. */
    public RuntimeReadiness start() {
        loop.begin();
        return this;
    }

    /** What is wrong, in the kubelet's words; empty when it is ready. */
    public Optional<String> problem() {
        Answer answer = last;
        Instant now = clock.instant();
        // A question that hangs has no failure yet.
        Duration patience = answer.failure().isEmpty() ? SILENCE.plus(period) : SILENCE;
        List<String> problems = answer.at().plus(patience).isBefore(now)
                ? List.of("container runtime is down: "
                        + (answer.failure().isEmpty() ? "it does not answer" : answer.failure()))
                : answer.problems();
        if (problems.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(problems.size() == 1 ? problems.getFirst() : "[" + String.join(", ", problems) + "]");
    }

    /** {@code containerd://1.6.20}; empty when it has not told yet. */
    public String version() {
        return last.version();
    }

    private Duration turn() {
        Answer before = last;
        Optional<String> problem = problem();
        Answer now = ask(before);
        last = now;
        if (!problem().equals(problem) || !before.version().equals(now.version())) {
            changed.run();
        }
        return now.failure().isEmpty() ? period : RETRY;
    }

    private Answer ask(Answer before) {
        try {
            StatusResponse status = runtime.status(false);
            List<String> problems = new ArrayList<>();
            check(status, "RuntimeReady", "container runtime not ready", problems);
            check(status, "NetworkReady", "container runtime network not ready", problems);
            // One that was away may be another one.
            boolean known = !before.version().isEmpty() && before.failure().isEmpty();
            return new Answer(clock.instant(), known ? before.version() : askVersion(), problems, "");
        } catch (CriException e) {
            return new Answer(before.at(), before.version(), before.problems(), e.getMessage());
        }
    }

    private String askVersion() {
        VersionResponse version = runtime.version();
        return version.runtimeName() + "://" + version.runtimeVersion();
    }

    private static void check(StatusResponse status, String type, String what, List<String> problems) {
        RuntimeCondition condition = status.condition(type);
        if (condition != null && !condition.status()) {
            problems.add(
                    what + ": " + type + "=false reason:" + condition.reason() + " message:" + condition.message());
        }
    }

    @Override
    public void close() {
        loop.close();
    }
}
