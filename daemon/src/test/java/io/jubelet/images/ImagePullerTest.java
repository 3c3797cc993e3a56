/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.CriException;
import io.jubelet.cri.ImageSpec;
import io.jubelet.plan.ImageState;
import io.jubelet.pod.ImageError;
import io.jubelet.pod.ImagePullPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImagePullerTest extends PulledImages {

    @Test
    void findsAnImageWithoutPullingIt() {
        simulated.images().add(IMAGE);
        ensure(ImagePullPolicy.IfNotPresent, Instant.EPOCH);
        ImageState.Present present = present(ImagePullPolicy.IfNotPresent);
        assertFalse(present.pulled());
        assertEquals(time.instant(), present.checkedAt());
        assertEquals(0, pulls.get());
    }

    @Test
    void looksAgainWhenAskedForNewerKnowledge() throws InterruptedException {
        simulated.images().add(IMAGE);
        ensure(ImagePullPolicy.IfNotPresent, Instant.EPOCH);
        simulated.imageService().removeImage(ImageSpec.of(IMAGE));
        simulated.images().publish(IMAGE);
        ensure(ImagePullPolicy.IfNotPresent, time.instant());
        assertEquals(0, pulls.get());
        time.advance(Duration.ofSeconds(1));
        ensure(ImagePullPolicy.IfNotPresent, time.instant());
        assertEquals(WEB, take());
        assertEquals(1, pulls.get());
        assertTrue(present(ImagePullPolicy.IfNotPresent).pulled());
    }

    @Test
    void pullsOnceForAllWhoWait() throws InterruptedException {
        simulated.images().publish(IMAGE);
        var hanging = simulated.faults().hang("PullImage");
        ensure(ImagePullPolicy.IfNotPresent, Instant.EPOCH);
        assertInstanceOf(ImageState.Pulling.class, state(ImagePullPolicy.IfNotPresent));
        time.advance(Duration.ofSeconds(3));
        ensure(OTHER, ImagePullPolicy.Always, Instant.EPOCH);
        time.advance(Duration.ofSeconds(4));
        hanging.release();
        assertEquals(List.of(OTHER, WEB), List.of(take(), take()));
        assertEquals(1, pulls.get());
        ImageState.Present first = present(ImagePullPolicy.IfNotPresent);
        assertTrue(first.pulled());
        assertEquals(Duration.ofSeconds(7), first.stats().durationWithWaiting());
        assertEquals(4_000_000, first.stats().bytes());
        ImageState.Present late =
                assertInstanceOf(ImageState.Present.class, state(OTHER, IMAGE, ImagePullPolicy.Always));
        assertEquals(Duration.ofSeconds(4), late.stats().durationWithWaiting());
    }

    @Test
    void aPullThatMustNotBeDoesNotHoldUpOneThatMay() throws InterruptedException {
        simulated.images().publish(IMAGE);
        ensure(ImagePullPolicy.Never, Instant.EPOCH);
        assertEquals(ImageError.ErrImageNeverPull, failed(ImagePullPolicy.Never).reason());
        ensure(ImagePullPolicy.IfNotPresent, Instant.EPOCH);
        assertEquals(WEB, take());
        assertTrue(present(ImagePullPolicy.IfNotPresent).pulled());
        assertEquals(1, pulls.get());
    }

    @Test
    void eachPodBacksOffForItself() throws InterruptedException {
        simulated.images().failPull(IMAGE, () -> new CriException.Failed("PullImage", "no"));
        ensure(ImagePullPolicy.IfNotPresent, Instant.EPOCH);
        take();
        time.advance(Duration.ofSeconds(10));
        ensure(ImagePullPolicy.IfNotPresent, Instant.EPOCH);
        take();
        ensure(OTHER, ImagePullPolicy.IfNotPresent, Instant.EPOCH);
        take();
        assertEquals(3, pulls.get());
        assertEquals(
                ImageError.ImagePullBackOff,
                failed(ImagePullPolicy.IfNotPresent).reason());
        ImageState.Failed other =
                assertInstanceOf(ImageState.Failed.class, state(OTHER, IMAGE, ImagePullPolicy.IfNotPresent));
        assertEquals(ImageError.ErrImagePull, other.reason());
    }

    @Test
    void waitsForItsTurnAndTellsHowLong() throws InterruptedException {
        simulated.images().publish(IMAGE);
        simulated.images().publish("example.org/big:1");
        var hanging = simulated.faults().hang("PullImage");
        puller.ensure(wanted(OTHER, "example.org/big:1", ImagePullPolicy.Always, Instant.EPOCH));
        awaitPull();
        ensure(ImagePullPolicy.Always, Instant.EPOCH);
        time.advance(Duration.ofSeconds(5));
        hanging.release();
        take();
        take();
        ImageState.PullStats stats = present(ImagePullPolicy.Always).stats();
        assertEquals(Duration.ofSeconds(5), stats.durationWithWaiting());
        assertEquals(Duration.ZERO, stats.duration());
    }

    @Test
    void givesUpAPullThatNobodyWaitsForAnyMore() throws InterruptedException {
        simulated.images().publish(IMAGE);
        simulated.faults().hang("PullImage");
        ensure(ImagePullPolicy.Always, Instant.EPOCH);
        awaitPull();
        puller.states(WEB, List.of());
        ensure(OTHER, ImagePullPolicy.Always, Instant.EPOCH); // has to wait for the only place
        assertEquals(OTHER, take());
        assertEquals(2, pulls.get());
        assertInstanceOf(ImageState.Unknown.class, state(ImagePullPolicy.Always));
    }

    @Test
    void forgetsVersionsThatNobodyAsksFor() throws InterruptedException {
        simulated.images().failPull(IMAGE, () -> new CriException.Failed("PullImage", "no"));
        ensure(ImagePullPolicy.Always, Instant.EPOCH);
        take();
        assertEquals(ImageError.ErrImagePull, failed(ImagePullPolicy.Always).reason());
        puller.states(WEB, List.of());
        assertInstanceOf(ImageState.Unknown.class, state(ImagePullPolicy.Always));
    }

    @Test
    void alwaysPullsUnlessAPullHasEndedSince() throws InterruptedException {
        simulated.images().publish(IMAGE);
        simulated.images().add(IMAGE);
        ensure(ImagePullPolicy.Always, Instant.EPOCH);
        take();
        ensure(ImagePullPolicy.Always, time.instant());
        assertEquals(1, pulls.get());
        time.advance(Duration.ofSeconds(1));
        ensure(ImagePullPolicy.Always, time.instant());
        take();
        assertEquals(2, pulls.get());
    }

    @Test
    void saysThatAnotherPolicyWouldUseTheImageThatIsPresent() throws InterruptedException {
        simulated.images().add(IMAGE);
        simulated.images().failPull(IMAGE, () -> new CriException.Failed("PullImage", "no such host"));
        ensure(ImagePullPolicy.Always, Instant.EPOCH);
        take();
        assertEquals(
                "image pull failed for " + IMAGE + " because the registry is unavailable: no such host; the image is"
                        + " present on this node: with imagePullPolicy: IfNotPresent it would be used",
                failed(ImagePullPolicy.Always).message());
    }

    @Test
    void doesNotSayThatOfAnImageThatIsAbsent() throws InterruptedException {
        simulated.images().failPull(IMAGE, () -> new CriException.Failed("PullImage", "no such host"));
        ensure(ImagePullPolicy.Always, Instant.EPOCH);
        take();
        assertEquals(
                "image pull failed for " + IMAGE + " because the registry is unavailable: no such host",
                failed(ImagePullPolicy.Always).message());
    }

    @Test
    void backsOffLongerAndLonger() throws InterruptedException {
        simulated
                .images()
                .failPull(
                        IMAGE,
                        () -> new CriException.Failed(
                                "PullImage", "rpc error: code = NotFound desc = example.org/app:1: not found"));
        long[] seconds = {10, 20, 40, 80, 160, 300, 300};
        for (int i = 0; i < seconds.length; i++) {
            ensure(ImagePullPolicy.IfNotPresent, time.instant());
            take();
            ImageState.Failed failed = failed(ImagePullPolicy.IfNotPresent);
            assertEquals(time.instant().plusSeconds(seconds[i]), failed.retryAt());
            assertEquals(i == 0 ? ImageError.ErrImagePull : ImageError.ImagePullBackOff, failed.reason());
            assertTrue(failed.message().endsWith("example.org/app:1: not found"), failed.message());
            assertFalse(failed.message().contains("rpc error"), failed.message());
            ensure(ImagePullPolicy.IfNotPresent, time.instant()); // too early
            assertEquals(i + 1, pulls.get());
            time.advanceTo(failed.retryAt());
        }
        simulated.images().publish(IMAGE);
        ensure(ImagePullPolicy.IfNotPresent, time.instant());
        take();
        present(ImagePullPolicy.IfNotPresent);
    }

    @Test
    void neverPullsWhatMustNotBePulled() {
        simulated.images().publish(IMAGE);
        ensure(ImagePullPolicy.Never, Instant.EPOCH);
        ImageState.Failed failed = failed(ImagePullPolicy.Never);
        assertEquals(ImageError.ErrImageNeverPull, failed.reason());
        assertEquals(
                "Container image \"example.org/app:1\" is not present with pull policy of Never", failed.message());
        assertEquals(0, pulls.get());
    }

    @Test
    void refusesWhatIsNoReference() {
        puller.ensure(wanted(WEB, "No Image", ImagePullPolicy.Always, Instant.EPOCH));
        ImageState.Failed failed =
                assertInstanceOf(ImageState.Failed.class, state(WEB, "No Image", ImagePullPolicy.Always));
        assertEquals(ImageError.InvalidImageName, failed.reason());
    }

    @Test
    void tellsThatTheRuntimeCannotLook() {
        simulated.faults().failBefore("ImageStatus", _ -> new CriException.Failed("ImageStatus", "disk error"));
        ensure(ImagePullPolicy.IfNotPresent, Instant.EPOCH);
        ImageState.Failed failed = failed(ImagePullPolicy.IfNotPresent);
        assertEquals(ImageError.ImageInspectError, failed.reason());
        assertEquals("Failed to inspect image \"example.org/app:1\": disk error", failed.message());
    }

    @Test
    void doesNotBlameTheImageWhenTheRuntimeIsAway() throws InterruptedException {
        simulated.goDown();
        assertThrows(CriException.Unavailable.class, () -> ensure(ImagePullPolicy.IfNotPresent, Instant.EPOCH));
        assertInstanceOf(ImageState.Unknown.class, state(ImagePullPolicy.IfNotPresent));
        ensure(ImagePullPolicy.Always, Instant.EPOCH);
        take();
        assertEquals(
                time.instant().plusSeconds(1), failed(ImagePullPolicy.Always).retryAt());
    }

    @Test
    void forgetsWhatIsInDoubt() {
        simulated.images().add(IMAGE);
        ensure(ImagePullPolicy.IfNotPresent, Instant.EPOCH);
        puller.invalidate(IMAGE);
        assertInstanceOf(ImageState.Unknown.class, state(ImagePullPolicy.IfNotPresent));
    }
}
