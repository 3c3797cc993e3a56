/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cluster;

import io.jubelet.concurrent.Loop;
import io.jubelet.document.FieldSelection;
import io.jubelet.kubeapi.ApiObject;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.kubeapi.KubeApiException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the lease of the node, which tells the cluster that the node is alive. Source: the
 * Kubernetes page on leases.
 */
final class NodeLease implements AutoCloseable {

    private static final DateTimeFormatter MICRO_TIME =
            new DateTimeFormatterBuilder().appendInstant(6).toFormatter(Locale.ROOT);

    private static final Logger LOG = LoggerFactory.getLogger(NodeLease.class);

    private static final String LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
    private static final FieldSelection VERSION = FieldSelection.NOTHING.with("metadata", "resourceVersion");
    private static final Duration FIRST_RETRY = Duration.ofMillis(200);
    private static final Duration MAX_RETRY = Duration.ofSeconds(7); // or the renewal period, if that is shorter
    /** The number of renewals within one lease duration. */
    private static final int RENEWALS = 4;

    private static final Duration OUTAGE = Duration.ofMinutes(1); // or until the outage ends

    private final KubeApi api;
    private final ClusterSettings settings;
    private final Supplier<Optional<ClusterNode>> node;
    private final InstantSource clock;
    private final Duration period;
    private final Loop loop;
    /** The last known lease. Touched by the loop alone, as is {@code skewLogged}. */
    private Optional<ApiObject> lease = Optional.empty();

    private boolean skewLogged;

    NodeLease(KubeApi api, ClusterSettings settings, Supplier<Optional<ClusterNode>> node, InstantSource clock) {
        this.api = Objects.requireNonNull(api, "api");
        this.settings = Objects.requireNonNull(settings, "settings");
        this.node = Objects.requireNonNull(node, "node");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.period = settings.timing().leaseDuration().dividedBy(RENEWALS);
        Duration maxRetry = MAX_RETRY.compareTo(period) < 0 ? MAX_RETRY : period;
        this.loop = Loop.unstarted("node-lease", FIRST_RETRY, maxRetry, this::turn);
    }

    void start() {
        api.onReachabilityChange(loop::retryNow);
        loop.begin();
    }

    /** Reports that the Node was created or deleted. */
    void nodeChanged() {
        loop.wake();
    }

    private Duration turn() throws InterruptedException {
        if (!api.reachable()) {
            return OUTAGE;
        }
        try {
            renew();
            checkClockSkew();
            double jitter = 1 + 0.04 * ThreadLocalRandom.current().nextDouble();
            return Duration.ofMillis((long) (period.toMillis() * jitter));
        } catch (KubeApiException.ErrorStatus e) {
            // A node that is taken for lost costs the API server more than a lease does. The
            // kubelet gives up a renewal, including its waiting time, after the same period.
            throw e.withRetryAfterAtMost(period);
        } catch (KubeApiException.Unreachable | KubeApiException.NoCredentials _) {
            return OUTAGE;
        }
    }

    private void renew() throws InterruptedException {
        try {
            if (lease.isPresent()) {
                lease = Optional.of(api.update(path(), body(lease), VERSION));
                return;
            }
        } catch (KubeApiException.ErrorStatus e) {
            lease = Optional.empty();
            if (!e.isConflict() && !e.isNotFound()) {
                throw e;
            }
        }
        lease = fetch();
        lease = Optional.of(
                lease.isPresent()
                        ? api.update(path(), body(lease), VERSION)
                        : api.create(LEASES, body(lease), VERSION));
    }

    /** Controllers compare the renew time with their own clocks. */
    private void checkClockSkew() {
        Duration ahead = api.clockAhead();
        // Uses a lower threshold for agreement, so that a skew near the limit is not logged again
        // and again.
        boolean far = ahead.abs()
                        .multipliedBy(skewLogged ? 4 : 2)
                        .compareTo(settings.timing().leaseDuration())
                > 0;
        if (far && !skewLogged) {
            LOG.warn(
                    "the clock of the API server is {} s {} ours, and the lease of the node lasts {} s: the cluster might"
                            + " take the node for lost; synchronize the clocks",
                    ahead.abs().toSeconds(),
                    ahead.isNegative() ? "behind" : "ahead of",
                    settings.timing().leaseDuration().toSeconds());
        } else if (!far && skewLogged) {
            LOG.info("the clocks of the API server and of this node agree again");
        }
        skewLogged = far;
    }

    private Optional<ApiObject> fetch() throws InterruptedException {
        try {
            return Optional.of(api.get(path(), VERSION));
        } catch (KubeApiException.ErrorStatus e) {
            if (e.isNotFound()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private String path() {
        return LEASES + "/" + settings.nodeName();
    }

    private String body(Optional<ApiObject> before) {
        String now = microTime(clock.instant());
        return NodeJson.json(out -> {
            out.writeStringField("apiVersion", "coordination.k8s.io/v1");
            out.writeStringField("kind", "Lease");
            out.writeObjectFieldStart("metadata");
            out.writeStringField("name", settings.nodeName());
            out.writeStringField("namespace", "kube-node-lease");
            if (before.isPresent()) {
                out.writeStringField("resourceVersion", before.get().text("metadata", "resourceVersion"));
            }
            if (node.get().isPresent()) {
                out.writeArrayFieldStart("ownerReferences");
                out.writeStartObject();
                out.writeStringField("apiVersion", "v1");
                out.writeStringField("kind", "Node");
                out.writeStringField("name", settings.nodeName());
                out.writeStringField("uid", node.get().get().uid());
                out.writeEndObject();
                out.writeEndArray();
            }
            out.writeEndObject();
            out.writeObjectFieldStart("spec");
            out.writeStringField("holderIdentity", settings.nodeName());
            out.writeNumberField(
                    "leaseDurationSeconds", settings.timing().leaseDuration().toSeconds());
            out.writeStringField("renewTime", now);
            out.writeEndObject();
        });
    }

    /** Formats a v1 MicroTime, which the API server parses only with six decimals. */
    static String microTime(Instant moment) {
        return MICRO_TIME.format(moment);
    }

    @Override
    public void close() {
        loop.close();
    }
}
