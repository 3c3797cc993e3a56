package io.jubelet.observed;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.PodSandboxId;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * One container instance of ours as the runtime shows it.
 *
 * @param id the runtime's id
 * @param sandboxId the sandbox it lives in
 * @param uid UID of the pod version it was made for
 * @param name the container's name in the spec
 * @param attempt the restart count it was made with
 * @param state created, running, exited or unknown
 * @param imageId the runtime's reference of its image, by digest where it has one; may be empty
 * @param createdAt the runtime's clock
 * @param backoff what to wait after its end before the next instance starts, from its annotation; see the crash-loop
 *     back-off in {@code reconcile}
 * @param round how often all containers of the pod had been restarted together when it was made, from its annotation
 */
public record ObservedContainer(
        ContainerId id,
        PodSandboxId sandboxId,
        String uid,
        String name,
        int attempt,
        State state,
        String imageId,
        Instant createdAt,
        Duration backoff,
        int round) {

    /** State of an instance. */
    public sealed interface State {

        /** Made, never started. */
        record Created() implements State {}

        /** Running since {@code startedAt}. */
        record Running(Instant startedAt) implements State {
            public Running {
                Objects.requireNonNull(startedAt, "startedAt");
            }
        }

        /**
         * Ended.
         *
         * @param startedAt null when it never started
         * @param finishedAt when it ended, by the runtime's clock
         * @param exitCode as the runtime tells it
         * @param reason the runtime's word, may be empty
         * @param message the runtime's sentence and the last words of the container, may be empty
         */
        record Exited(Instant startedAt, Instant finishedAt, int exitCode, String reason, String message)
                implements State {
            public Exited {
                Objects.requireNonNull(finishedAt, "finishedAt");
                Objects.requireNonNull(reason, "reason");
                Objects.requireNonNull(message, "message");
            }
        }

        /** The runtime does not know. */
        record Unknown() implements State {}
    }

    /** An instance of a pod whose containers were never restarted together. */
    public ObservedContainer(
            ContainerId id,
            PodSandboxId sandboxId,
            String uid,
            String name,
            int attempt,
            State state,
            String imageId,
            Instant createdAt,
            Duration backoff) {
        this(id, sandboxId, uid, name, attempt, state, imageId, createdAt, backoff, 0);
    }

    public ObservedContainer {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(sandboxId, "sandboxId");
        Objects.requireNonNull(uid, "uid");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(imageId, "imageId");
        Objects.requireNonNull(createdAt, "createdAt");
        Objects.requireNonNull(backoff, "backoff");
    }

    /** Whether it may be consuming resources: running, or in a state nobody knows. */
    public boolean live() {
        return state instanceof State.Running || state instanceof State.Unknown;
    }

    /** The same instance in another state. */
    public ObservedContainer in(State newState) {
        return new ObservedContainer(id, sandboxId, uid, name, attempt, newState, imageId, createdAt, backoff, round);
    }
}
