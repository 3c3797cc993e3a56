/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.criconfig.Pods;
import io.jubelet.node.UnfinishedWork;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LargeStartsTest {

    private static final ContainerSpec SPEC = Pods.shell("app", "true");

    @TempDir
    private Path dir;

    private LargeStarts starts;

    @BeforeEach
    void open() {
        starts = new LargeStarts(UnfinishedWork.open(dir.resolve("unfinished"), () -> Instant.EPOCH));
    }

    private static Pod pod(String uid) {
        return Pods.pod(new PodName("default", "web"), uid, List.of(), SPEC);
    }

    private long notes() throws IOException {
        try (Stream<Path> files = Files.list(dir.resolve("unfinished"))) {
            return files.count();
        }
    }

    @Test
    void oneRunsAfterTheOther() throws InterruptedException {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch ended = new CountDownLatch(20);
        for (int i = 0; i < 20; i++) {
            Pod pod = pod("uid" + i);
            Thread.ofVirtual().start(() -> {
                Object _ = starts.start(pod, SPEC, () -> {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    Thread.onSpinWait();
                    return running.decrementAndGet();
                });
                ended.countDown();
            });
        }
        ended.await();
        assertEquals(1, most.get());
    }

    @Test
    void containerIsNotedWhileItStarts() throws IOException {
        assertEquals(1L, starts.<Long>start(pod("uid1"), SPEC, () -> {
            try {
                return notes();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }));
        assertEquals(0, notes());
        assertThrows(
                IllegalStateException.class,
                () -> starts.start(pod("uid1"), SPEC, () -> {
                    throw new IllegalStateException();
                }));
        assertEquals(0, notes(), "a failure is no end of the daemon");
    }

    @Test
    void containerThatEndedTheDaemonIsRefusedUntilItsPodChanges() {
        // What a process leaves that ends in the middle.
        UnfinishedWork.open(dir.resolve("unfinished"), () -> Instant.EPOCH)
                .begin("container app of pod default/web", "uid1");
        open();
        ActionFailedException refused =
                assertThrows(ActionFailedException.class, () -> starts.start(pod("uid1"), SPEC, () -> "started"));
        String why = String.valueOf(refused.getMessage());
        assertTrue(why.contains("container app of pod default/web was in hand when the daemon ended"), why);
        assertEquals("started", starts.start(pod("uid2"), SPEC, () -> "started"));
    }
}
