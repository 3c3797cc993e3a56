/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.status.StatusSnapshot;
import io.jubelet.status.StatusStore;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class WatchCacheTest {

    private record Thing(String name, String text) {}

    private final StatusStore board = StatusStores.sample();
    private volatile List<Thing> things = List.of(new Thing("b", "1"), new Thing("a", "1"));
    private int written;
    private boolean broken;

    private final WatchCache<Thing> cache = new WatchCache<>(
            board, new JsonFactory().disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET), new WatchCache.Kind<Thing>() {
                @Override
                public List<Thing> items(StatusSnapshot snapshot) {
                    return things;
                }

                @Override
                public String key(Thing item) {
                    return item.name();
                }

                @Override
                public boolean same(Thing old, Thing item) {
                    return old == item;
                }

                @Override
                public void write(JsonGenerator out, Thing item) throws IOException {
                    written++;
                    if (broken) {
                        throw new IOException("broken");
                    }
                    out.writeString(item.text());
                }
            });

    private WatchCache.Frame<Thing> change(Thing... now) throws Exception {
        things = List.of(now);
        board.manifestsChanged();
        return cache.frame(false);
    }

    private String json(WatchCache.Item<Thing> item) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        cache.write(item, out);
        return out.toString(StandardCharsets.UTF_8);
    }

    private static List<String> keys(WatchCache.Frame<Thing> frame) {
        return frame.items().stream().map(WatchCache.Item::key).toList();
    }

    @Test
    void serialisesEachObjectOnceForAllWatchers() throws Exception {
        for (int watcher = 0; watcher < Endpoints.MAX_WATCHES; watcher++) {
            cache.open();
            WatchCache.Frame<Thing> frame = cache.frame(false);
            assertEquals(List.of("a", "b"), keys(frame));
            for (WatchCache.Item<Thing> item : frame.items()) {
                assertEquals("\"1\"", json(item));
            }
        }
        assertEquals(2, written);
        Thing kept = things.getLast();
        WatchCache.Frame<Thing> next = change(kept, new Thing("b", "2"));
        assertEquals("\"2\"", json(next.items().getLast()));
        assertEquals(3, written);
    }

    @Test
    void unsignalledChangeIsSeenByTheNextReload() throws Exception {
        cache.open();
        assertEquals(2, cache.frame(false).items().size());
        things = List.of();
        assertEquals(2, cache.frame(false).items().size());
        assertEquals(0, cache.frame(true).items().size());
    }

    @Test
    void revisionChangesOnlyWithTheJson() throws Exception {
        cache.open();
        long before = change(new Thing("a", "1")).items().getFirst().revision();
        assertEquals(before, change(new Thing("a", "1")).items().getFirst().revision());
        assertNotEquals(before, change(new Thing("a", "2")).items().getFirst().revision());
    }

    @Test
    void supersededObjectKeepsNoJsonAndIsStillWritten() throws Exception {
        cache.open();
        WatchCache.Item<Thing> old = change(new Thing("a", "old")).items().getFirst();
        WatchCache.Item<Thing> gone = change(new Thing("a", "new")).items().getFirst();
        int before = written;
        assertEquals("\"old\"", json(old));
        assertEquals(before + 1, written, "its JSON was kept");
        change();
        assertEquals("\"new\"", json(gone));
        assertEquals(before + 2, written, "its JSON was kept");
    }

    @Test
    void keepsJsonUpToItsLimitInAll() throws Exception {
        cache.open();
        int quotes = 2;
        String half = "x".repeat(WatchCache.MAX_SHARED_BYTES / 2 - quotes);
        WatchCache.Frame<Thing> full = change(new Thing("a", half), new Thing("b", half));
        int before = written;
        assertEquals(half.length() + quotes, json(full.items().getFirst()).length());
        assertEquals(half.length() + quotes, json(full.items().getLast()).length());
        assertEquals(before, written);
        WatchCache.Frame<Thing> beyond = change(new Thing("a", half), new Thing("b", half + "x"));
        before = written;
        assertEquals(half.length() + quotes, json(beyond.items().getFirst()).length());
        assertEquals(before, written);
        assertEquals(half.length() + 1 + quotes, json(beyond.items().getLast()).length());
        assertEquals(before + 1, written, "what is beyond the limit is serialised anew");
        // What goes gives its room back.
        WatchCache.Frame<Thing> again = change(new Thing("b", half + "x"));
        before = written;
        json(again.items().getFirst());
        assertEquals(before, written);
    }

    @Test
    void lastWatcherTakesEverythingWithIt() throws Exception {
        cache.open();
        cache.open();
        WatchCache.Frame<Thing> frame = cache.frame(false);
        cache.close();
        assertSame(frame, cache.frame(false));
        cache.close();
        cache.open();
        assertEquals(2, cache.frame(false).items().size());
        assertEquals(4, written);
    }

    @Test
    void failureLeavesNothingBehindThatCounts() throws Exception {
        cache.open();
        String half = "x".repeat(WatchCache.MAX_SHARED_BYTES / 2 - 2);
        change(new Thing("a", half));
        broken = true;
        assertThrows(IOException.class, () -> change(new Thing("a", half), new Thing("b", half)));
        broken = false;
        WatchCache.Frame<Thing> frame = cache.frame(true);
        int before = written;
        for (WatchCache.Item<Thing> item : frame.items()) {
            assertTrue(json(item).length() > 2);
        }
        assertEquals(before, written, "both fit");
    }

    @Test
    void endsTheWatchOfAClientThatReadsTooSlowly() throws Exception {
        EmbeddedChannel client = new EmbeddedChannel();
        ApiResponse response = new ApiResponse(
                client, Duration.ofSeconds(1), new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/"), true);
        new Watch<>(board, cache, _ -> true, response, Duration.ZERO).run();
        response.close();
        FullHttpResponse sent = client.readOutbound();
        String[] lines = sent.content().toString(StandardCharsets.UTF_8).split("\n");
        assertEquals("{\"type\":\"ADDED\",\"object\":\"1\"}", lines[0]);
        assertTrue(lines[1].startsWith("{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\""), lines[1]);
        assertTrue(lines[1].contains("\"code\":410}}"), lines[1]);
        assertEquals(2, lines.length);
        client.finishAndReleaseAll();
    }
}
