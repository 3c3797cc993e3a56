/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class AllocatableCacheTest {

    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5); // as nanoTime, it may overflow
    private final AtomicInteger reads = new AtomicInteger();
    private final AllocatableCache cache =
            new AllocatableCache(() -> Map.of("cpu", (long) reads.incrementAndGet()), clock::get);

    private static <T> T elsewhere(Supplier<T> call) throws Exception {
        return CompletableFuture.supplyAsync(
                        call, task -> Thread.ofPlatform().daemon().start(task))
                .get(30, TimeUnit.SECONDS);
    }

    @Test
    void anAnswerCountsForItsLife() {
        assertEquals(Map.of("cpu", 1L), cache.get());
        clock.addAndGet(AllocatableCache.LIFE.toNanos() - 1);
        assertEquals(Map.of("cpu", 1L), cache.get());
        clock.addAndGet(1);
        assertEquals(Map.of("cpu", 2L), cache.get());
        assertEquals(2, reads.get());
    }

    @Test
    void whileOneThreadReadsTheOthersGetTheOldAnswer() throws Exception {
        CompletableFuture<Map<String, Long>> slow = new CompletableFuture<>();
        CompletableFuture<Boolean> begun = new CompletableFuture<>();
        AllocatableCache cache = new AllocatableCache(
                () -> {
                    if (reads.incrementAndGet() == 1) {
                        return Map.of("cpu", 1L);
                    }
                    begun.complete(true);
                    return slow.orTimeout(30, TimeUnit.SECONDS).join();
                },
                clock::get);
        assertEquals(Map.of("cpu", 1L), cache.get());
        clock.addAndGet(AllocatableCache.LIFE.toNanos());
        CompletableFuture<Map<String, Long>> reader = CompletableFuture.supplyAsync(
                cache::get, task -> Thread.ofPlatform().daemon().start(task));
        begun.get(30, TimeUnit.SECONDS);
        assertEquals(Map.of("cpu", 1L), elsewhere(cache::get));
        slow.complete(Map.of("cpu", 7L));
        assertEquals(Map.of("cpu", 7L), reader.get(30, TimeUnit.SECONDS));
        assertEquals(Map.of("cpu", 7L), elsewhere(cache::get));
        assertEquals(2, reads.get());
    }

    @Test
    void aFailureIsNotRemembered() throws Exception {
        AllocatableCache cache = new AllocatableCache(
                () -> {
                    if (reads.incrementAndGet() == 1) {
                        throw new IllegalStateException("for example");
                    }
                    return Map.of();
                },
                clock::get);
        assertThrows(IllegalStateException.class, cache::get);
        assertEquals(Map.of(), elsewhere(cache::get), "the lock was released");
    }
}
