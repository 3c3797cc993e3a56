/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import io.jubelet.concurrent.Backoff;
import io.jubelet.concurrent.Loop;
import io.jubelet.document.FieldSelection;
import io.jubelet.document.JsonStream;
import io.jubelet.document.Node;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cache of one collection of the API server, kept up to date by a list and a watch. It lists
 * again when the watch cannot continue, and after each outage. Safe for use by many threads.
 *
 * <p>Lists are read in pages. Of each object only the wanted fields are stored while it is read, and
 * at most {@link KeptObjects#MAX_WEIGHT} bytes of objects are kept.
 *
 * @param <T> what is kept of an object
 */
public final class Reflector<T> implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Reflector.class);

    private static final Duration OUTAGE = Duration.ofMinutes(1); // or until the outage ends
    private static final Duration FIRST_RETRY = Duration.ofMillis(200);
    private static final Duration MAX_RETRY = Duration.ofSeconds(5);
    private static final Duration IMMEDIATELY = Duration.ZERO;
    /** A watch that ends sooner is not restarted at once. */
    private static final Duration MIN_WATCH_TIME = Duration.ofSeconds(1);

    /** The pauses after watches in a row that ended too soon, or could not continue. */
    private static final Backoff SHORT_WATCH_PAUSE = new Backoff(MIN_WATCH_TIME, Duration.ofSeconds(30));

    /** The limit of objects in a page that is asked for; an API server can ignore it. */
    static final int PAGE_OBJECTS = 100;

    /** The largest number of pages of a list. */
    static final int MAX_PAGES = 2000;

    /** The longest resourceVersion, in characters; those of etcd have at most 20. */
    private static final int MAX_VERSION_CHARS = 256;

    /** The longest continue token, in characters; it contains a key of etcd. */
    private static final int MAX_CONTINUE_CHARS = 4096;

    /** The time between lists that are read because objects had been skipped. */
    private static final Duration MIN_RELIST_INTERVAL = Duration.ofSeconds(30);

    private final KubeApi api;
    private final WatchedCollection<T> collection;
    private final FieldSelection ofEvent;
    private final String selector;
    private final Runnable onChange;
    private final Loop loop;
    private final ReentrantLock lock = new ReentrantLock();
    /** Null while the objects are unknown. Guarded by the lock, as are the next three. */
    private @Nullable KeptObjects<T> kept;

    /** The resourceVersion to continue from; empty to list. */
    private String version = "";

    /** A copy of the objects, until they change. */
    private Optional<Snapshot<T>> snapshot = Optional.empty();

    private long listedAt;
    private volatile @Nullable InputStream watching;
    private volatile boolean relist;
    /** Touched by the loop alone, as are the next two. */
    private int shortWatches;

    private boolean skippedLogged;
    private boolean tooLargeLogged;

    /**
     * The collection at one moment. Immutable.
     *
     * @param objects the objects by UID
     * @param version the resourceVersion of the collection
     */
    public record Snapshot<T>(Map<String, T> objects, String version) {
        public Snapshot {
            objects = Map.copyOf(objects);
            Objects.requireNonNull(version, "version");
        }
    }

    /** @param onChange called after each change on the thread of the watch; must not block */
    public Reflector(KubeApi api, WatchedCollection<T> collection, Runnable onChange) {
        this.api = Objects.requireNonNull(api, "api");
        this.collection = Objects.requireNonNull(collection, "collection");
        this.ofEvent = collection.ofEvent();
        this.selector = "fieldSelector=" + encoded(collection.fieldSelector());
        this.onChange = Objects.requireNonNull(onChange, "onChange");
        this.loop = Loop.unstarted("watch/" + collection.name(), FIRST_RETRY, MAX_RETRY, this::turn);
    }

    /** Starts to list and watch. */
    public void start() {
        api.onReachabilityChange(this::reachability);
        loop.begin();
    }

    /** Returns the objects by UID; empty while they are unknown, at first and during an outage. */
    public Optional<Map<String, T>> objects() {
        return snapshot().map(Snapshot::objects);
    }

    /**
     * Returns the objects and the version up to which they are known; empty while they are unknown.
     */
    public Optional<Snapshot<T>> snapshot() {
        lock.lock();
        try {
            if (kept != null && snapshot.isEmpty()) {
                snapshot = Optional.of(new Snapshot<>(kept.copy(), version));
            }
            return snapshot;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Reads the list again soon if objects were skipped, because one of them is required now. Never
     * blocks.
     */
    public void findSkipped() {
        lock.lock();
        try {
            if (kept == null || kept.skipped() == 0 || System.nanoTime() - listedAt < MIN_RELIST_INTERVAL.toNanos()) {
                return;
            }
        } finally {
            lock.unlock();
        }
        relist = true;
        stopWatching();
    }

    private void reachability() {
        if (!api.reachable()) {
            stopWatching();
        }
        loop.retryNow();
    }

    private void stopWatching() {
        InputStream stream = watching;
        if (stream != null) {
            watching = null;
            try {
                stream.close();
            } catch (IOException _) {
                // The stream is closed either way.
            }
        }
    }

    private Duration turn() throws InterruptedException {
        if (!api.reachable()) {
            clear();
            return OUTAGE;
        }
        long began = System.nanoTime();
        try {
            if (version().isEmpty()) {
                list();
                began = System.nanoTime();
            }
            watch();
        } catch (KubeApiException.Unreachable | KubeApiException.NoCredentials _) {
            clear();
            return api.reachable() ? MIN_WATCH_TIME : OUTAGE;
        } catch (KubeApiException.ErrorStatus e) {
            version("");
            if (e.code() == ResponseBodies.TOO_LARGE && !tooLargeLogged) {
                tooLargeLogged = true;
                LOG.warn("{}; static pods are not affected", e.getMessage());
            }
            if (e.code() != 410) {
                throw e;
            }
        }
        if (System.nanoTime() - began >= MIN_WATCH_TIME.toNanos()) {
            shortWatches = 0;
            return IMMEDIATELY;
        }
        return SHORT_WATCH_PAUSE.delay(++shortWatches);
    }

    private String version() {
        lock.lock();
        try {
            return version;
        } finally {
            lock.unlock();
        }
    }

    private void version(String next) {
        lock.lock();
        try {
            version = next;
        } finally {
            lock.unlock();
        }
    }

    private void clear() {
        lock.lock();
        try {
            version = "";
            snapshot = Optional.empty();
            if (kept == null) {
                return;
            }
            kept = null;
        } finally {
            lock.unlock();
        }
        onChange.run();
    }

    private void list() throws InterruptedException {
        KeptObjects<T> listed = new KeptObjects<>(collection.retention());
        FieldSelection wanted = collection.ofList();
        long bytes = 0;
        String next = "";
        String listVersion = "";
        for (int page = 0; page == 0 || !next.isEmpty(); page++) {
            if (page == MAX_PAGES) {
                throw ResponseBodies.tooLarge("the list " + collection.path() + " has more than " + MAX_PAGES
                        + " pages of " + PAGE_OBJECTS + " objects");
            }
            String query = collection.path() + "?" + selector + "&limit=" + PAGE_OBJECTS
                    + (next.isEmpty() ? "" : "&continue=" + encoded(next));
            ResponseBodies.Page read =
                    api.page(query, wanted, ResponseBodies.MAX_LIST_BYTES - bytes, item -> add(listed, item));
            bytes += read.bytes();
            listVersion = version(read.list());
            String before = next;
            next = read.list().text("metadata", "continue");
            if (next.length() > MAX_CONTINUE_CHARS || (!next.isEmpty() && next.equals(before))) {
                throw badResponse(
                        "the list " + collection.path() + " has a continue token that is too long or repeats");
            }
        }
        lock.lock();
        try {
            kept = listed;
            version = listVersion;
            snapshot = Optional.empty();
            listedAt = System.nanoTime();
            relist = false;
        } finally {
            lock.unlock();
        }
        tooLargeLogged = false;
        logSkipped();
        onChange.run();
    }

    private void add(KeptObjects<T> listed, Optional<ApiObject> item) {
        String uid = item.map(object -> object.text("metadata", "uid")).orElse("");
        if (uid.isEmpty()) {
            listed.skip(); // too many fields, or no object
        } else {
            listed.put(uid, collection.mapper().apply(item.get()), true);
        }
    }

    /** Logs once that objects are skipped. */
    private void logSkipped() {
        long skipped;
        int known;
        lock.lock();
        try {
            skipped = kept == null ? 0 : kept.skipped();
            known = kept == null ? 0 : kept.size();
        } finally {
            lock.unlock();
        }
        boolean some = skipped > 0;
        if (some && !skippedLogged) {
            LOG.warn(
                    "the API server has too many or too large {} for this node: {} are known and {} are ignored, because"
                            + " at most {} KiB of them are kept; static pods are not affected. To see them, run kubectl"
                            + " get {} -A --field-selector={}",
                    collection.name(),
                    known,
                    skipped,
                    KeptObjects.MAX_WEIGHT >> 10,
                    collection.name(),
                    collection.fieldSelector());
        } else if (!some && skippedLogged) {
            LOG.info("no {} of the API server are ignored any longer", collection.name());
        }
        skippedLogged = some;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /**
     * The API server ends the watch after the requested time; the deadline ends one that went
     * silent.
     */
    private void watch() throws InterruptedException {
        int seconds = ThreadLocalRandom.current().nextInt(60, 120);
        String query = "?" + selector + "&watch=true&allowWatchBookmarks=true&timeoutSeconds=" + seconds
                + "&resourceVersion=" + encoded(version());
        try (InputStream stream = api.stream(collection.path() + query);
                BodyDeadline deadline = BodyDeadline.start(stream, Duration.ofSeconds(seconds + 5L))) {
            watching = stream;
            JsonStream events = new JsonStream(stream, ResponseBodies.OBJECT);
            try {
                handleAll(events);
            } catch (JsonStream.MalformedException | JsonStream.TooLargeException e) {
                // A stream that was closed on this side can end anywhere.
                if (watching != null && !deadline.expired()) {
                    throw reported(ResponseBodies.noObject(events, e.getMessage()));
                }
            }
        } catch (IOException _) {
            // Only this connection may have failed; the next request will tell. After an interrupt
            // the loop ends.
            version("");
        } finally {
            watching = null;
        }
        logSkipped();
        if (relist || skipsWithRoom()) {
            version("");
        }
    }

    private boolean skipsWithRoom() {
        lock.lock();
        try {
            return kept != null
                    && kept.skipped() > 0
                    && kept.hasRoom()
                    && System.nanoTime() - listedAt >= MIN_RELIST_INTERVAL.toNanos();
        } finally {
            lock.unlock();
        }
    }

    private void handleAll(JsonStream events) throws IOException, InterruptedException {
        WatchRate rate = new WatchRate(System.nanoTime());
        for (Optional<JsonStream.Value> next = events.next(ofEvent); next.isPresent(); next = events.next(ofEvent)) {
            if (next.get().node().isEmpty()) {
                relist = true; // an object with too many fields, which a list skips
            } else if (next.get().node().get() instanceof Node.Mapping event) {
                handle(new ApiObject(event));
            } else {
                throw reported(ResponseBodies.noObject(events, "it is no mapping"));
            }
            Thread.sleep(rate.pause(events.bytes(), System.nanoTime()));
        }
    }

    private void handle(ApiObject event) {
        ApiObject object = event.object("object")
                .orElseThrow(() -> badResponse("a watch of " + collection.name() + " has an event without an object"));
        String type = event.text("type");
        if (type.equals("ERROR")) {
            throw ErrorResponses.errorEvent(object);
        }
        String next = version(object);
        String uid = object.text("metadata", "uid");
        boolean change = type.equals("ADDED") || type.equals("MODIFIED") || type.equals("DELETED");
        lock.lock();
        try {
            version = next;
            snapshot = Optional.empty();
            if (change && kept != null && !uid.isEmpty()) {
                if (type.equals("DELETED")) {
                    kept.remove(uid);
                } else {
                    kept.put(uid, collection.mapper().apply(object), type.equals("ADDED"));
                }
            }
        } finally {
            lock.unlock();
        }
        if (change) {
            onChange.run();
        }
    }

    private String version(ApiObject object) {
        String text = object.text("metadata", "resourceVersion");
        if (text.isEmpty() || text.length() > MAX_VERSION_CHARS) {
            throw badResponse("the API server sent " + collection.name() + " with a resourceVersion that is "
                    + (text.isEmpty() ? "missing" : "too long"));
        }
        return text;
    }

    private KubeApiException.Unreachable badResponse(String what) {
        return reported(KubeApiException.Unreachable.badResponse(what));
    }

    /** Begins an outage, as the client does for a response that does not come from an API server. */
    private KubeApiException.Unreachable reported(KubeApiException.Unreachable problem) {
        api.connectionLost(problem);
        return problem;
    }

    @Override
    public void close() {
        loop.close();
        stopWatching();
    }
}
