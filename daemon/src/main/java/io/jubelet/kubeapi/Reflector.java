/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import io.jubelet.concurrent.Loop;
import io.jubelet.concurrent.Threads;
import io.jubelet.concurrent.Wakeup;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A cache of one collection of the API server, kept up to date by a list and a watch. It lists
 * again when the watch cannot continue, and after each outage. Safe for use by many threads.
 *
 * @param <T> what is kept of an object
 */
public final class Reflector<T> implements AutoCloseable {

    private static final Duration OUTAGE = Duration.ofMinutes(1); // or until the outage ends
    private static final Duration FIRST_RETRY = Duration.ofMillis(200);
    private static final Duration MAX_RETRY = Duration.ofSeconds(5);
    private static final Duration IMMEDIATELY = Duration.ZERO;
    /** A watch that ends sooner is not restarted at once. */
    private static final Duration MIN_WATCH_TIME = Duration.ofSeconds(1);

    private final KubeApi api;
    private final String name;
    private final String path;
    private final String selector;
    private final Function<ApiObject, T> mapper;
    private final Runnable onChange;
    private final Loop loop;
    private volatile Optional<Snapshot<T>> snapshot = Optional.empty();
    private volatile @Nullable InputStream watching;
    /** The resourceVersion to continue from; empty to list. Touched by the loop alone. */
    private String version = "";

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

    /**
     * @param name the name of the thread
     * @param path the path of the collection
     * @param selector the query of the list, such as {@code fieldSelector=...}, encoded for a URI
     * @param mapper maps an object to what is kept of it
     * @param onChange called after each change on the thread of the watch; must not block
     */
    public Reflector(
            KubeApi api, String name, String path, String selector, Function<ApiObject, T> mapper, Runnable onChange) {
        this.api = Objects.requireNonNull(api, "api");
        this.name = Objects.requireNonNull(name, "name");
        this.path = Objects.requireNonNull(path, "path");
        this.selector = Objects.requireNonNull(selector, "selector");
        this.mapper = Objects.requireNonNull(mapper, "mapper");
        this.onChange = Objects.requireNonNull(onChange, "onChange");
        this.loop = Loop.unstarted("watch/" + name, FIRST_RETRY, MAX_RETRY, this::turn);
    }

    /** Starts to list and watch. */
    public void start() {
        api.onReachabilityChange(this::reachability);
        loop.begin();
    }

    /** Returns the objects by UID; empty while they are unknown, at first and during an outage. */
    public Optional<Map<String, T>> objects() {
        return snapshot.map(Snapshot::objects);
    }

    /**
     * Returns the objects and the version up to which they are known; empty while they are unknown.
     */
    public Optional<Snapshot<T>> snapshot() {
        return snapshot;
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
            if (version.isEmpty()) {
                list();
            }
            watch();
        } catch (KubeApiException.Unreachable | KubeApiException.NoCredentials _) {
            clear();
            return api.reachable() ? MIN_WATCH_TIME : OUTAGE;
        } catch (KubeApiException.ErrorStatus e) {
            version = "";
            if (e.code() != 410) {
                throw e;
            }
        }
        return System.nanoTime() - began < MIN_WATCH_TIME.toNanos() ? MIN_WATCH_TIME : IMMEDIATELY;
    }

    private void clear() {
        version = "";
        if (snapshot.isPresent()) {
            snapshot = Optional.empty();
            onChange.run();
        }
    }

    private void list() throws InterruptedException {
        ApiObject list = api.get(path + "?" + selector);
        Map<String, T> listed = new HashMap<>();
        for (ApiObject item : list.objects("items")) {
            listed.put(item.text("metadata", "uid"), mapper.apply(item));
        }
        version = list.text("metadata", "resourceVersion");
        snapshot = Optional.of(new Snapshot<>(listed, version));
        onChange.run();
    }

    /**
     * The API server ends the watch after the requested time; the limit ends one that went silent.
     */
    private void watch() throws InterruptedException {
        int seconds = ThreadLocalRandom.current().nextInt(60, 120);
        String query = "?" + selector + "&watch=true&allowWatchBookmarks=true&timeoutSeconds=" + seconds
                + "&resourceVersion=" + version;
        Wakeup ended = new Wakeup();
        try (InputStream stream = api.stream(path + query);
                BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            watching = stream;
            Threads.startVirtual("watch-limit/" + name, () -> limit(ended, Duration.ofSeconds(seconds + 5L)));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank()) {
                    handle(ApiObject.parse(line));
                }
            }
        } catch (IOException _) {
            // Only this connection may have failed; the next request will tell. After an interrupt
            // the loop ends.
            version = "";
        } finally {
            watching = null;
            ended.signal();
        }
    }

    private void limit(Wakeup ended, Duration atMost) {
        try {
            if (!ended.awaitFor(atMost)) {
                stopWatching();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void handle(ApiObject event) {
        ApiObject object = event.object("object")
                .orElseThrow(() -> KubeApiException.Unreachable.badResponse("a watch event has no object"));
        String type = event.text("type");
        if (type.equals("ERROR")) {
            throw new KubeApiException.ErrorStatus(
                    Integer.parseInt("0" + object.text("code")),
                    object.text("reason"),
                    object.text("message"),
                    Optional.empty());
        }
        version = object.text("metadata", "resourceVersion");
        Map<String, T> now = new HashMap<>(objects().orElse(Map.of()));
        if (type.equals("BOOKMARK")) {
            snapshot = Optional.of(new Snapshot<>(now, version));
            return;
        }
        String uid = object.text("metadata", "uid");
        if (type.equals("DELETED")) {
            now.remove(uid);
        } else {
            now.put(uid, mapper.apply(object));
        }
        snapshot = Optional.of(new Snapshot<>(now, version));
        onChange.run();
    }

    @Override
    public void close() {
        loop.close();
        stopWatching();
    }
}
