/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import io.jubelet.cri.CriException;
import io.jubelet.node.UnfinishedWork;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.plan.KubeletReasons;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Starts the containers whose environment and command are large one after the other, because each takes about five times
 * their size in memory: 10 MiB at most. Safe for use by many threads.
 */
final class LargeStarts {

    private final ReentrantLock turn = new ReentrantLock(true);
    private final UnfinishedWork unfinished;

    LargeStarts(UnfinishedWork unfinished) {
        this.unfinished = Objects.requireNonNull(unfinished, "unfinished");
    }

    /**
     * Starts a container when its turn comes.
     *
     * @throws ActionFailedException if an earlier process ended while it started the same container
     * @throws CriException.Cancelled if the thread is interrupted while it waits
     */
    <T> T start(Pod pod, ContainerSpec spec, Supplier<T> start) {
        String what = "container " + spec.name() + " of pod " + pod.name();
        try {
            turn.lockInterruptibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled("CreateContainer", "interrupted while waiting for its turn", e);
        }
        try {
            Optional<String> refusal = unfinished.refusal(what, pod.uid());
            if (refusal.isPresent()) {
                throw new ActionFailedException(
                        KubeletReasons.CREATE_CONTAINER_CONFIG_ERROR, what + " " + refusal.get(), null);
            }
            try (UnfinishedWork.Handling _ = unfinished.begin(what, pod.uid())) {
                return start.get();
            }
        } finally {
            turn.unlock();
        }
    }
}
