/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import io.jubelet.status.StatusStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/**
 * Streams changes as one JSON object per line, starting with everything that exists.
 *
 * <p>Confined to the thread of its request, which sleeps between changes. Changes that happen while
 * the client reads slowly are merged into one: a watcher refers to the objects that it has sent, to
 * those that it is about to send, and to the JSON of one of them.
 *
 * @param <T> what is watched
 */
final class Watch<T> {

    /** The longest wait, a safety net for a change that was not signalled. */
    private static final Duration RESYNC = Duration.ofSeconds(10);

    /**
     * How long a client may take to read the changes of one moment. Because the objects that it has
     * not read yet cannot be discarded, the watch of a slower client ends with an error; the client
     * can watch anew.
     */
    static final Duration MAX_LAG = Duration.ofSeconds(60);

    private final StatusStore board;
    private final WatchCache<T> cache;
    private final Predicate<T> wanted;
    private final ApiResponse response;
    private final long maxLagNanos;
    private long passStart;

    /** @param wanted chooses the objects that are streamed, always the same for one key */
    Watch(StatusStore board, WatchCache<T> cache, Predicate<T> wanted, ApiResponse response) {
        this(board, cache, wanted, response, MAX_LAG);
    }

    /** @param maxLag how long the client may take to read the changes of one moment */
    Watch(StatusStore board, WatchCache<T> cache, Predicate<T> wanted, ApiResponse response, Duration maxLag) {
        this.board = board;
        this.cache = cache;
        this.wanted = wanted;
        this.response = response;
        this.maxLagNanos = maxLag.toNanos();
    }

    /** Streams changes until the client closes the connection or reads too slowly. */
    void run() throws IOException, InterruptedException {
        response.head(200, "application/json;stream=watch");
        cache.open();
        try {
            List<WatchCache.Item<T>> sent = List.of();
            boolean reload = false;
            while (true) {
                WatchCache.Frame<T> now = cache.frame(reload);
                passStart = System.nanoTime();
                if (!send(sent, now.items())) {
                    write("{\"type\":\"ERROR\",\"object\":");
                    Endpoints.write(
                            ApiError.expired("the watch ended, because the client took more than "
                                    + Duration.ofNanos(maxLagNanos).toSeconds()
                                    + " s to read the changes of one moment; watch anew"),
                            response);
                    write("}\n");
                    return;
                }
                response.flush();
                sent = now.items();
                reload = !board.awaitChange(now.version(), RESYNC);
            }
        } finally {
            cache.close();
        }
    }

    /**
     * Sends the difference of two lists that are ordered by their keys.
     *
     * @return whether the client has read it in time
     */
    private boolean send(List<WatchCache.Item<T>> before, List<WatchCache.Item<T>> now) throws IOException {
        if (before == now) {
            return true;
        }
        int next = 0;
        // What is gone comes first: a client may show the old and the new object in one place.
        for (WatchCache.Item<T> item : before) {
            while (next < now.size() && now.get(next).key().compareTo(item.key()) < 0) {
                next++;
            }
            boolean gone = next == now.size() || !now.get(next).key().equals(item.key());
            if (gone && wanted.test(item.value()) && !line("DELETED", item)) {
                return false;
            }
        }
        int old = 0;
        for (WatchCache.Item<T> item : now) {
            while (old < before.size() && before.get(old).key().compareTo(item.key()) < 0) {
                old++;
            }
            boolean added = old == before.size() || !before.get(old).key().equals(item.key());
            if (!wanted.test(item.value()) || (!added && before.get(old).revision() == item.revision())) {
                continue;
            }
            if (!line(added ? "ADDED" : "MODIFIED", item)) {
                return false;
            }
        }
        return true;
    }

    /** @return whether the client has read the lines so far in time */
    private boolean line(String type, WatchCache.Item<T> item) throws IOException {
        write("{\"type\":\"" + type + "\",\"object\":");
        cache.write(item, response);
        write("}\n");
        return System.nanoTime() - passStart <= maxLagNanos;
    }

    private void write(String text) throws IOException {
        response.write(text.getBytes(StandardCharsets.US_ASCII));
    }
}
