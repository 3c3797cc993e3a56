/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cluster;

import io.jubelet.concurrent.Loop;
import io.jubelet.document.FieldSelection;
import io.jubelet.document.JsonText;
import io.jubelet.events.Event;
import io.jubelet.events.EventRecorder;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.kubeapi.KubeApiException;
import io.jubelet.kubeapi.KubeApiException.ErrorStatus;
import io.jubelet.objects.EventJson;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends events of pods and of the node to the cluster.
 *
 * <p>It reads the bounded buffer that the daemon keeps anyway, so that recording an event never
 * waits. Events of an outage are sent when it ends; when the buffer is full, the oldest are lost. A
 * repeated event updates the count of the first. Events that the API server rejects are dropped.
 */
final class ClusterEvents implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterEvents.class);

    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration MAX_RETRY = Duration.ofSeconds(30);
    private static final Duration IDLE = Duration.ofMinutes(1); // or until something happens

    private final KubeApi api;
    private final Supplier<EventRecorder.Snapshot> events;
    private final EventJson json;
    private final EventRateLimiter rateLimiter;
    private final InstantSource clock;
    private final Loop loop;
    /** Touched by the loop alone, as is {@code rejectionLogged}. */
    private final SentEvents sent = new SentEvents();

    private boolean rejectionLogged;

    /**
     * @param events returns the buffered events; must not block
     * @param json writes the events of this node
     */
    ClusterEvents(
            KubeApi api,
            ClusterSettings settings,
            Supplier<EventRecorder.Snapshot> events,
            EventJson json,
            InstantSource clock) {
        this.api = Objects.requireNonNull(api, "api");
        this.events = Objects.requireNonNull(events, "events");
        this.json = Objects.requireNonNull(json, "json");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.rateLimiter = new EventRateLimiter(settings.eventLimits());
        this.loop = Loop.unstarted("cluster-events", FIRST_RETRY, MAX_RETRY, this::turn);
    }

    void start() {
        api.onReachabilityChange(loop::retryNow);
        loop.begin();
    }

    /** Reports that there are new events; never blocks. */
    void changed() {
        loop.wake();
    }

    private Duration turn() throws InterruptedException {
        EventRecorder.Snapshot kept = events.get();
        sent.update(kept);
        if (!api.reachable()) {
            return IDLE;
        }
        long lost = sent.takeLost();
        if (lost > 0) {
            LOG.warn("{} events of the outage of the API server could not be sent and are lost", lost);
        }
        try {
            for (Event event : kept.all()) {
                if (sent.isUpToDate(event)) {
                    continue;
                }
                Duration pause = rateLimiter.reserve(clock.instant());
                if (pause.isPositive()) {
                    return pause;
                }
                send(event);
                sent.markSent(event);
            }
            return IDLE;
        } catch (KubeApiException.Unreachable | KubeApiException.NoCredentials _) {
            return IDLE;
        }
    }

    private void send(Event event) throws InterruptedException {
        try {
            if (!sent.wasSent(event) || !updateCount(event)) {
                create(event);
            }
        } catch (ErrorStatus e) {
            if (e.code() == 429 || e.code() >= 500) {
                throw e;
            }
            // A namespace that does not exist, or is being terminated, takes no events.
            boolean expected = e.isNotFound() || e.getMessage().contains("being terminated");
            if (!expected && !rejectionLogged) {
                rejectionLogged = true;
                LOG.warn("the API server rejected an event; later rejections are not logged: {}", e.getMessage());
            }
            LOG.debug("dropped event {} of {}: {}", event.reason(), event.pod(), e.getMessage());
        }
    }

    private void create(Event event) throws InterruptedException {
        try {
            api.create(path(event), body(event), FieldSelection.NOTHING);
        } catch (ErrorStatus e) {
            // The response to an earlier attempt was lost.
            if (!e.isConflict() || !updateCount(event)) {
                throw e;
            }
        }
    }

    /**
     * Updates the count of an event; returns whether it still exists, because the cluster removes
     * events after an hour.
     */
    private boolean updateCount(Event event) throws InterruptedException {
        String fields = "{\"count\":" + event.count() + ",\"lastTimestamp\":\""
                + event.last().truncatedTo(ChronoUnit.SECONDS) + "\"}";
        try {
            api.patch(path(event) + "/" + json.name(event), KubeApi.Patch.MERGE, fields, FieldSelection.NOTHING);
            return true;
        } catch (ErrorStatus e) {
            if (e.isNotFound()) {
                return false;
            }
            throw e;
        }
    }

    private static String path(Event event) {
        return "/api/v1/namespaces/" + event.pod().namespace() + "/events";
    }

    private String body(Event event) {
        return JsonText.write(out -> json.write(out, event));
    }

    @Override
    public void close() {
        loop.close();
    }
}
