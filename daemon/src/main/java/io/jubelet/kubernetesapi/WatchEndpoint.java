/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import io.jubelet.api.ApiError;
import io.jubelet.api.ApiRequest;
import io.jubelet.api.ApiResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Serves watches: initial events if they are wanted, then changes and bookmarks until the time of the watch is over.
 *
 * <p>Each watch runs on the thread of its request, which sleeps between changes. A watcher keeps a version and no objects, so
 * one that reads slowly holds no memory beyond the buffers of its connection.
 */
final class WatchEndpoint {

    /** As long as an API server lets a watch last at least, for clients that name no time. */
    static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(30);
    /** The longest time that a client can name. */
    static final Duration MAX_TIMEOUT = Duration.ofHours(24);

    /** As often as an API server sends them. */
    private static final Duration BOOKMARK_PERIOD = Duration.ofMinutes(1);
    /** The longest wait: the Node changes without a signal. */
    private static final Duration RESYNC = Duration.ofSeconds(10);

    private final ObjectStore store;
    private final ObjectWriter writer;

    WatchEndpoint(ObjectStore store, ObjectWriter writer) {
        this.store = store;
        this.writer = writer;
    }

    void serve(ResourceKind kind, Selection selection, ApiRequest request, ApiResponse response)
            throws IOException, InterruptedException {
        new Watch(kind, selection, request, response).run();
    }

    /** One watch. For one thread. */
    private final class Watch {

        private final ResourceKind kind;
        private final Selection selection;
        private final ApiResponse response;
        private final Representation form;
        private final OptionalLong from;
        private final boolean initialEvents;
        private final boolean sendsInitialEnd;
        private final boolean bookmarks;
        private final long end;
        private boolean columnsSent;

        Watch(ResourceKind kind, Selection selection, ApiRequest request, ApiResponse response) {
            this.kind = kind;
            this.selection = selection;
            this.response = response;
            this.form = Representation.of(request);
            this.from = ListEndpoint.version(request);
            boolean named = !request.text("sendInitialEvents", "").isEmpty();
            boolean wanted = named && request.flag("sendInitialEvents");
            this.bookmarks = request.flag("allowWatchBookmarks");
            if (named && !request.text("resourceVersionMatch", "").equals("NotOlderThan")) {
                throw ApiError.badRequest("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
            }
            // Without a version a watch begins with all objects.
            this.initialEvents = wanted || (!named && (from.isEmpty() || from.getAsLong() == 0));
            this.sendsInitialEnd = wanted && bookmarks;
            long seconds = request.number("timeoutSeconds").orElse(0);
            Duration timeout =
                    seconds == 0 ? DEFAULT_TIMEOUT : Duration.ofSeconds(Math.min(seconds, MAX_TIMEOUT.toSeconds()));
            this.end = System.nanoTime() + timeout.toNanos();
        }

        void run() throws IOException, InterruptedException {
            long version;
            if (initialEvents) {
                ObjectStore.Listing listing = store.list(kind);
                if (from.isPresent() && !store.isKnown(from.getAsLong())) {
                    throw ApiError.expired("resource version " + from.getAsLong() + " is of another server");
                }
                response.head(200, form.contentType());
                for (ObjectStore.Item item : listing.items()) {
                    if (selection.includes(item.object())) {
                        event("ADDED", item);
                    }
                }
                version = listing.version();
                if (sendsInitialEnd) {
                    writer.bookmark(response, kind, version, form, true);
                }
            } else {
                version = from.isPresent() ? from.getAsLong() : store.list(kind).version();
                // Fails before the response begins if the version is too old.
                ObjectStore.Changes _ = store.since(kind, version);
                response.head(200, form.contentType());
            }
            response.flush();
            follow(version);
        }

        private void follow(long start) throws IOException, InterruptedException {
            long version = start;
            long nextBookmark = System.nanoTime() + BOOKMARK_PERIOD.toNanos();
            while (true) {
                ObjectStore.Changes changes;
                try {
                    changes = store.since(kind, version);
                } catch (ApiError tooSlow) {
                    writer.error(response, tooSlow);
                    return;
                }
                for (ObjectStore.Change change : changes.changes()) {
                    send(change);
                }
                version = changes.version();
                long now = System.nanoTime();
                boolean over = now - end >= 0;
                if (bookmarks && (over || now - nextBookmark >= 0)) {
                    writer.bookmark(response, kind, version, form, false);
                    nextBookmark = now + BOOKMARK_PERIOD.toNanos();
                }
                response.flush();
                if (over) {
                    return;
                }
                long left = Math.min(end - now, Math.min(nextBookmark - now, RESYNC.toNanos()));
                store.awaitChange(changes, Duration.ofNanos(Math.max(left, 1)));
            }
        }

        /** A change can bring an object into the selection, or out of it. */
        private void send(ObjectStore.Change change) throws IOException {
            Optional<ServedObject> before = change.before().filter(selection::includes);
            Optional<ServedObject> now = change.now().filter(selection::includes);
            if (now.isPresent()) {
                event(before.isPresent() ? "MODIFIED" : "ADDED", new ObjectStore.Item(now.get(), change.version()));
            } else if (before.isPresent()) {
                event("DELETED", new ObjectStore.Item(before.get(), change.version()));
            }
        }

        private void event(String type, ObjectStore.Item item) throws IOException {
            writer.event(response, type, item, form, !columnsSent);
            columnsSent = true;
        }
    }
}
