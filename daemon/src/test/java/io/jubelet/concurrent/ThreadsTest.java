/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.concurrent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ThreadsTest {

    private final AtomicInteger errors = new AtomicInteger();

    @AfterEach
    void reset() {
        Threads.onError(() -> {});
    }

    @Test
    void reportsAnErrorThatEndsAThread() throws InterruptedException {
        Threads.onError(errors::incrementAndGet);
        Threads.startVirtual("error", () -> {
                    throw new NoClassDefFoundError("io/jubelet/Missing");
                })
                .join();
        assertEquals(1, errors.get());
        Threads.startPlatform("error", () -> {
                    throw new NoClassDefFoundError("io/jubelet/Missing");
                })
                .join();
        assertEquals(2, errors.get());
    }

    @Test
    void doesNotReportAnException() throws InterruptedException {
        Threads.onError(errors::incrementAndGet);
        Threads.startVirtual("exception", () -> {
                    throw new IllegalStateException("expected by the test");
                })
                .join();
        assertEquals(0, errors.get());
    }
}
