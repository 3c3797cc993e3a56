package io.jubelet.cluster;

import io.jubelet.concurrent.Loop;
import io.jubelet.events.Event;
import io.jubelet.events.EventRecorder;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.kubeapi.KubeApiException;
import io.jubelet.kubeapi.KubeApiException.ErrorStatus;
import io.jubelet.objects.EventJson;
import io.jubelet.objects.ObjectText;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows the cluster what happened to pods and to the node.
 *
 * <p>It reads the bounded memory that the daemon keeps anyway, so nobody ever waits for it, and what happens while the API
 * server is away is kept there until it is back, the oldest going first. An event that happens again is not sent again but
 * counted on. What the API server refuses is left out.
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
    /** Touched by the loop alone, as is the other. */
    private final SentEvents sent = new SentEvents();

    private boolean rejectionLogged;

    /**
     * @param events what is known of events; must not block
     * @param json of this node
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
        api.onReachabilityChange(loop::release);
        loop.begin();
    }

    /** Says that something happened; never blocks. */
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
            LOG.warn("{} events happened while the API server was away, and were lost to it", lost);
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
            // A namespace that does not exist, or is about to go, has no events.
            boolean expected = e.isNotFound() || e.getMessage().contains("being terminated");
            if (!expected && !rejectionLogged) {
                rejectionLogged = true;
                LOG.warn("the API server refuses an event, and perhaps others: {}", e.getMessage());
            }
            LOG.debug("event {} of {} is left out: {}", event.reason(), event.pod(), e.getMessage());
        }
    }

    private void create(Event event) throws InterruptedException {
        try {
            api.create(path(event), body(event));
        } catch (ErrorStatus e) {
            // An answer was lost on the way.
            if (!e.isConflict() || !updateCount(event)) {
                throw e;
            }
        }
    }

    /** Whether there still was such an event: the cluster forgets them after an hour. */
    private boolean updateCount(Event event) throws InterruptedException {
        String fields = "{\"count\":" + event.count() + ",\"lastTimestamp\":\""
                + event.last().truncatedTo(ChronoUnit.SECONDS) + "\"}";
        try {
            api.patch(path(event) + "/" + json.name(event), KubeApi.Patch.MERGE, fields);
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
        return ObjectText.of(out -> json.write(out, event));
    }

    @Override
    public void close() {
        loop.close();
    }
}
