/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jubelet.cri.CriException;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.simulated.SimulatedCall.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

class SimulatedImagesTest {
    private final ManualClock clock = SimulatedClock.manual(Instant.parse("2026-01-01T00:00:00Z"));
    private final SimulatedRuntime simulation = SimulatedRuntime.create(clock);

    @Test
    void pullsWhatRegistriesHave() throws Exception {
        var images = simulation.imageService();
        assertThrows(CriException.NotFound.class, () -> images.pullImage(ImageSpec.of("app:2"), null, null));
        simulation.images().publish("app:2");
        String ref = images.pullImage(ImageSpec.of("app:2"), null, null);
        assertEquals(
                ref,
                requireNonNull(images.imageStatus(ImageSpec.of("docker.io/library/app:2")))
                        .id());
        assertEquals(ref, images.pullImage(ImageSpec.of("app:2"), null, null));
        simulation.images().failPull("app:2", () -> new CriException.Failed("PullImage", "toomanyrequests"));
        assertThrows(CriException.Failed.class, () -> images.pullImage(ImageSpec.of("app:2"), null, null));
        images.removeImage(ImageSpec.of(ref));
        assertNull(images.imageStatus(ImageSpec.of("app:2")));

        simulation.images().publish("slow:1", Duration.ofMinutes(1));
        BlockingQueue<SimulatedCall> blocked = blockedCalls();
        Thread puller = Thread.ofVirtual().start(() -> images.pullImage(ImageSpec.of("slow:1"), null, null));
        blocked.take();
        assertNull(images.imageStatus(ImageSpec.of("slow:1")));
        clock.advance(Duration.ofMinutes(1));
        puller.join();
        assertNotEquals(
                ref, requireNonNull(images.imageStatus(ImageSpec.of("slow:1"))).id());
    }

    private BlockingQueue<SimulatedCall> blockedCalls() {
        BlockingQueue<SimulatedCall> blocked = new LinkedBlockingQueue<>();
        simulation.onCall(call -> {
            if (call.phase() == Phase.BLOCKED) {
                blocked.add(call);
            }
        });
        return blocked;
    }
}
