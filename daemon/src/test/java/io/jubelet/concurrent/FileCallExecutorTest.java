/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.concurrent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.concurrent.FileCallExecutor.NotRespondingException;
import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FileCallExecutorTest {

    private static final Path DEAD = Path.of("/dead/server");

    private final CountDownLatch server = new CountDownLatch(1);
    private final FileCallExecutor calls = new FileCallExecutor(Duration.ofMillis(50));

    @AfterEach
    void release() {
        server.countDown();
    }

    private String hang(String id) {
        return assertThrows(
                        NotRespondingException.class,
                        () -> calls.run("pod", id, path -> {
                            path.set(DEAD);
                            server.await();
                            return true;
                        }))
                .getMessage();
    }

    @Test
    void returnsTheResultOfACallOnAPlatformThread() throws Exception {
        FileCallExecutor patient = new FileCallExecutor(FileCallExecutor.DEFAULT_LIMIT);
        boolean virtual = patient.run("pod", "1", _ -> Thread.currentThread().isVirtual());
        assertFalse(virtual);
    }

    @Test
    void throwsWhatTheCallThrows() {
        FileCallExecutor patient = new FileCallExecutor(FileCallExecutor.DEFAULT_LIMIT);
        assertThrows(
                NoSuchFileException.class,
                () -> patient.run("pod", "1", _ -> {
                    throw new NoSuchFileException("/gone");
                }));
        assertThrows(
                IllegalStateException.class,
                () -> patient.run("pod", "1", _ -> {
                    throw new IllegalStateException("a bug");
                }));
    }

    @Test
    void namesThePathThatHangs() {
        assertEquals("/dead/server does not respond: a call on this path has not returned for 0 s", hang("1"));
    }

    @Test
    void hasNoSecondThreadForAKeyWhoseCallHangs() {
        hang("1");
        AtomicBoolean made = new AtomicBoolean();
        IOException failure = assertThrows(
                NotRespondingException.class,
                () -> calls.run("pod", "1", _ -> {
                    made.set(true);
                    return true;
                }));
        assertTrue(failure.getMessage().startsWith(DEAD.toString()), failure.getMessage());
        assertFalse(made.get());
    }

    @Test
    void makesCallsWithOtherKeysMeanwhile() throws Exception {
        hang("1");
        Eventually.within(Eventually.DEFAULT_TIMEOUT)
                .retrying(IOException.class)
                .until("the call of another key", () -> calls.run("other", "1", _ -> true));
    }

    @Test
    void hasFewThreadsForAnOwnerWhoseCallsHang() {
        hang("1");
        hang("2");
        hang("3");
        AtomicBoolean made = new AtomicBoolean();
        assertThrows(
                NotRespondingException.class,
                () -> calls.run("pod", "4", _ -> {
                    made.set(true);
                    return true;
                }));
        assertFalse(made.get());
    }

    @Test
    void makesCallsAgainWhenTheOneThatHungReturns() throws Exception {
        hang("1");
        server.countDown();
        Eventually.within(Eventually.DEFAULT_TIMEOUT)
                .retrying(IOException.class)
                .until("the call that hung to return", () -> calls.run("pod", "1", _ -> true));
    }
}
