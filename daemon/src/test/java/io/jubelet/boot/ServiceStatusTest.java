/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.boot;

import static io.jubelet.status.PodViews.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.status.StatusSnapshot;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ServiceStatusTest {

    private final AtomicLong version = new AtomicLong();
    private final AtomicInteger counts = new AtomicInteger();
    private StatusSnapshot pods = new StatusSnapshot(0, List.of(), List.of());
    private Optional<String> directory = Optional.empty();
    private Optional<String> runtime = Optional.empty();
    private final ServiceStatus status = new ServiceStatus(
            version::get,
            () -> {
                counts.incrementAndGet();
                return pods;
            },
            () -> directory,
            () -> runtime);

    @Test
    void countsThePodsOfEachPhase() {
        assertEquals("0 pods", status.get());
        pods = new StatusSnapshot(
                1,
                List.of(
                        pod("a", "c").sandbox().running("c", 0, 1).report(),
                        pod("b", "c").sandbox().running("c", 0, 1).report(),
                        pod("d", "c").report()),
                List.of());
        version.incrementAndGet();
        assertEquals("3 pods: 1 Pending, 2 Running", status.get());
    }

    @Test
    void countsOnlyWhenSomethingHasChanged() {
        status.get();
        status.get();
        assertEquals(1, counts.get());
    }

    @Test
    void tellsWhatIsWrong() {
        directory = Optional.of("the manifest directory cannot be read");
        runtime = Optional.of("the runtime does not answer");
        assertEquals("0 pods; the manifest directory cannot be read; the runtime does not answer", status.get());
    }
}
