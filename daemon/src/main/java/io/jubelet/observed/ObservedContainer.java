/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.observed;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.PodSandboxId;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One container instance of this node as the runtime shows it.
 *
 * @param id the runtime's ID
 * @param sandboxId the sandbox that it lives in
 * @param uid UID of the pod version that it was created for
 * @param name the container's name in the spec
 * @param state created, running, starting, exited or unknown
 * @param facts what the runtime says of it and never changes
 * @param restarts which restart of the container it is
 */
public record ObservedContainer(
        ContainerId id,
        PodSandboxId sandboxId,
        String uid,
        String name,
        State state,
        RuntimeFacts facts,
        Restarts restarts) {

    /**
     * Which restart of a container an instance is, as its metadata and annotations say.
     *
     * @param attempt the restart count, zero or more
     * @param backoff how long to wait after the end of the instance before the next one starts; the planner calculates it
     * @param round how often all containers of the pod had been restarted together before, zero or more
     */
    public record Restarts(int attempt, Duration backoff, int round) {
        public Restarts {
            Objects.requireNonNull(backoff, "backoff");
        }

        /** Of a pod whose containers were never restarted together. */
        public Restarts(int attempt, Duration backoff) {
            this(attempt, backoff, 0);
        }
    }

    /** State of an instance. */
    public sealed interface State {

        /** Created and never started. */
        record Created() implements State {}

        /**
         * Running.
         *
         * @param startedAt by the runtime's clock; null if the runtime does not know it
         */
        record Running(@Nullable Instant startedAt) implements State {}

        /**
         * Running, but its postStart hook has not succeeded yet. The runtime lists it as running; the executor knows better.
         *
         * @param startedAt by the runtime's clock; null if the runtime does not know it
         * @param failure why the hook failed; empty while it runs
         */
        record Starting(@Nullable Instant startedAt, Optional<String> failure) implements State {}

        /**
         * Ended.
         *
         * @param startedAt null if it never started
         * @param finishedAt when it ended, by the clock of the runtime; null if the runtime does not know it
         * @param exitCode as the runtime reports it
         * @param reason as the runtime reports it, may be empty
         * @param message the message of the runtime and the termination message, may be empty
         */
        record Exited(
                @Nullable Instant startedAt, @Nullable Instant finishedAt, int exitCode, String reason, String message)
                implements State {
            public Exited {
                Objects.requireNonNull(reason, "reason");
                Objects.requireNonNull(message, "message");
            }
        }

        /** The runtime does not know. */
        record Unknown() implements State {}
    }

    public ObservedContainer {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(sandboxId, "sandboxId");
        Objects.requireNonNull(uid, "uid");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(facts, "facts");
        Objects.requireNonNull(restarts, "restarts");
    }

    /** An instance that is known from the lists of the runtime alone. */
    public ObservedContainer(
            ContainerId id,
            PodSandboxId sandboxId,
            String uid,
            String name,
            State state,
            String imageId,
            @Nullable Instant createdAt,
            Restarts restarts) {
        this(id, sandboxId, uid, name, state, new RuntimeFacts(imageId, createdAt), restarts);
    }

    /** The runtime's reference of its image, by digest where it has one; may be empty. */
    public String imageId() {
        return facts.imageId();
    }

    /** By the runtime's clock, for showing; null if the runtime does not know it. */
    public @Nullable Instant createdAt() {
        return facts.createdAt();
    }

    /** The restart count of the instance. */
    public int attempt() {
        return restarts.attempt();
    }

    /** How long to wait after the end of the instance before the next one starts. */
    public Duration backoff() {
        return restarts.backoff();
    }

    /** How often all containers of the pod had been restarted together when the instance was created. */
    public int round() {
        return restarts.round();
    }

    /** Whether it may consume resources: it is running, or its state is unknown. */
    public boolean live() {
        return state instanceof State.Running || state instanceof State.Starting || state instanceof State.Unknown;
    }

    /** The instance as the runtime lists it: running, whether or not its postStart hook has ended. */
    public ObservedContainer asListed() {
        return state instanceof State.Starting starting ? in(new State.Running(starting.startedAt())) : this;
    }

    /** The same instance in another state. */
    public ObservedContainer in(State newState) {
        return new ObservedContainer(id, sandboxId, uid, name, newState, facts, restarts);
    }

    /** The same instance with more that the runtime has reported. */
    ObservedContainer with(RuntimeFacts reported) {
        return new ObservedContainer(id, sandboxId, uid, name, state, reported, restarts);
    }
}
