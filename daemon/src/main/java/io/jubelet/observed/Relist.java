/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.observed;

import io.jubelet.concurrent.DurationHistogram;
import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.RuntimeService;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.PodName;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Lists all pods of the node and finds those that differ from the last observation. It is the
 * safety net below events, checks what the workers have done, and finds the running pods at the
 * start.
 *
 * <p>One thread relists; {@link #lastSuccess()} may be called by any thread.
 */
public final class Relist {

    private final RuntimeService runtime;
    private final NodeNames nodes;
    private final PodObserver observer;
    private final InstantSource clock;
    private final DurationHistogram durations = new DurationHistogram();
    private final DurationHistogram intervals = new DurationHistogram();
    private volatile @Nullable Instant lastSuccess;
    private final AtomicLong failures = new AtomicLong();
    /** The {@link System#nanoTime} of the start of the last relist, if {@code started}. */
    private long lastStart;

    private boolean started;

    public Relist(RuntimeService runtime, NodeNames nodes, PodObserver observer, InstantSource clock) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.nodes = Objects.requireNonNull(nodes, "nodes");
        this.observer = Objects.requireNonNull(observer, "observer");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * Lists all pods. Blocks.
     *
     * @return the pods whose sandboxes, containers or their states differ from what the observer
     *     knows, including those that are gone; at first, all pods that exist
     * @throws io.jubelet.cri.CriException if the runtime does not respond
     */
    public Set<PodName> relist() {
        long begin = System.nanoTime();
        if (started) {
            intervals.record(begin - lastStart);
        }
        started = true;
        lastStart = begin;
        boolean succeeded = false;
        try {
            Set<PodName> changed = changed();
            succeeded = true;
            return changed;
        } finally {
            durations.record(System.nanoTime() - begin);
            if (!succeeded) {
                failures.incrementAndGet();
            }
        }
    }

    private Set<PodName> changed() {
        Set<PodName> known = observer.knownPods();
        Map<PodName, Long> listed = new HashMap<>();
        for (String node : nodes.all()) {
            for (PodSandbox sandbox : runtime.listPodSandboxes(PodSandboxFilter.labels(Labels.ofNode(node)))) {
                add(listed, sandbox.labels(), sandbox.annotations(), PodFingerprint.of(sandbox));
            }
            for (Container container : runtime.listContainers(ContainerFilter.labels(Labels.ofNode(node)))) {
                add(listed, container.labels(), container.annotations(), PodFingerprint.of(container));
            }
        }
        Set<PodName> changed = new HashSet<>();
        listed.forEach((name, fingerprint) -> {
            if (fingerprint != observer.fingerprint(name)) {
                changed.add(name);
            }
        });
        known.stream().filter(name -> !listed.containsKey(name)).forEach(changed::add);
        lastSuccess = clock.instant();
        return changed;
    }

    /** When the last relist completed; empty before the first. */
    public Optional<Instant> lastSuccess() {
        return Optional.ofNullable(lastSuccess);
    }

    /** How long relists took. Any thread. */
    public DurationHistogram durations() {
        return durations;
    }

    /** The times between the starts of relists. Any thread. */
    public DurationHistogram intervals() {
        return intervals;
    }

    /** How many relists failed. Any thread. */
    public long failures() {
        return failures.get();
    }

    private void add(
            Map<PodName, Long> listed, Map<String, String> labels, Map<String, String> annotations, long fingerprint) {
        Labels.podName(labels, annotations, nodes).ifPresent(name -> listed.merge(name, fingerprint, Long::sum));
    }
}
