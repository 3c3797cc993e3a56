/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cluster;

import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.concurrent.Threads;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The v1 Node as this node itself reports it, whether it is in a cluster or not. It is measured when it is read, at most every
 * ten seconds.
 *
 * <p>Safe for use by many threads.
 */
public final class LocalNode {

    /** As often as the kubelet measures by default. */
    private static final Duration PERIOD = Duration.ofSeconds(10);
    /** How long a reader waits for a runtime that does not answer. */
    private static final Duration MAX_WAIT = Duration.ofSeconds(2);
    /** A Node whose status does not change gets a new heartbeat after this time, as with a kubelet. */
    private static final Duration HEARTBEAT = Duration.ofMinutes(5);

    private final ClusterSettings settings;
    private final Supplier<NodeReport> reporter;
    private final Runnable refresh;
    private final NodeClock clock;
    private final NodeJson json;
    private final Instant created;
    private final AtomicReference<@Nullable CountDownLatch> refreshing = new AtomicReference<>();
    /** Guarded by this object, as is the field below. */
    private @Nullable Reading last;

    private Instant readAt = Instant.MIN;

    /** The Node at one moment. */
    public static final class Reading {

        private final NodeReport report;
        private final NodeConditions conditions;

        private Reading(NodeReport report, NodeConditions conditions) {
            this.report = report;
            this.conditions = conditions;
        }

        /** Whether the node is ready. */
        public boolean ready() {
            return report.notReady().isEmpty();
        }

        /** The addresses of the node, the primary first; may be empty. */
        public List<String> ips() {
            return report.ips();
        }

        /** The fields of v1 NodeSystemInfo. */
        public Map<String, String> nodeInfo() {
            return report.nodeInfo();
        }
    }

    /**
     * @param reporter measures the node
     * @param refresh makes what {@code reporter} reads be current; may block for long, and is called on a thread of its own
     */
    public LocalNode(ClusterSettings settings, Supplier<NodeReport> reporter, Runnable refresh, NodeClock clock) {
        this.settings = Objects.requireNonNull(settings, "settings");
        this.reporter = Objects.requireNonNull(reporter, "reporter");
        this.refresh = Objects.requireNonNull(refresh, "refresh");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.json = new NodeJson(settings);
        this.created = clock.instant();
    }

    /** The name of the node. */
    public String name() {
        return settings.nodeName();
    }

    /** A UID that follows from the name. */
    public String uid() {
        return UUID.nameUUIDFromBytes(("Node/" + name()).getBytes(StandardCharsets.UTF_8))
                .toString();
    }

    /** The labels of the node. */
    public Map<String, String> labels() {
        return settings.registration().labels();
    }

    /** When the Node was created: the start of the daemon. */
    public Instant created() {
        return created;
    }

    /**
     * Returns the Node as it is now. Two calls return the same object if nothing has changed between them. Waits at most two
     * seconds for the runtime.
     */
    public Reading read() throws InterruptedException {
        synchronized (this) {
            if (last != null && clock.steady().isBefore(readAt.plus(PERIOD))) {
                return last;
            }
        }
        awaitRefresh();
        NodeReport report = reporter.get();
        synchronized (this) {
            Reading before = last;
            List<NodeConditions.ApiCondition> known = before == null ? List.of() : before.conditions.asApiConditions();
            NodeConditions conditions = NodeConditions.of(report, known, clock.instant());
            readAt = clock.steady();
            boolean due = before == null
                    || !before.report.equals(report)
                    || !before.conditions.heartbeat().plus(HEARTBEAT).isAfter(conditions.heartbeat());
            if (before != null && !due) {
                return before;
            }
            Reading now = new Reading(report, conditions);
            last = now;
            return now;
        }
    }

    /** A refresh that hangs is not begun again. */
    private void awaitRefresh() throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        CountDownLatch running = refreshing.compareAndExchange(null, done);
        if (running == null) {
            running = done;
            Thread _ = Threads.startVirtual("local-node", () -> {
                try {
                    refresh.run();
                } finally {
                    refreshing.set(null);
                    done.countDown();
                }
            });
        }
        boolean _ = running.await(MAX_WAIT.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Writes the Node as an object. */
    public void write(JsonGenerator out, Reading reading, String resourceVersion) throws IOException {
        json.local(
                out,
                reading.report,
                reading.conditions,
                new NodeJson.Identity(uid(), resourceVersion, created, labels()));
    }
}
