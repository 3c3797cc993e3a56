package io.jubelet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.concurrent.Threads;
import io.jubelet.cri.CriException;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.simulated.ManualTime;
import io.jubelet.cri.simulated.SimulatedCall;
import io.jubelet.cri.simulated.SimulatedRuntime;
import io.jubelet.cri.simulated.SimulatedTime;
import io.jubelet.pod.ImagePullPolicy;
import io.jubelet.pod.PodName;
import io.jubelet.reconcile.ImageState;
import io.jubelet.reconcile.PodAction.EnsureImage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ImagePullerTest {

    private static final String IMAGE = "example.org/app:1";
    private static final PodName OTHER = new PodName("default", "other");

    private final ManualTime time = SimulatedTime.manual(Instant.parse("2026-01-01T12:00:00Z"));
    private final SimulatedRuntime simulated = SimulatedRuntime.create(time);
    private final BlockingQueue<PodName> woken = new LinkedBlockingQueue<>();
    private final AtomicInteger pulls = new AtomicInteger();
    private final ImagePuller puller =
            new ImagePuller(simulated.imageService(), 1, Threads::startVirtual, woken::add, time);

    @BeforeEach
    void count() {
        simulated.onCall(call -> {
            if (call.operation().equals("PullImage") && call.phase() == SimulatedCall.Phase.START) {
                pulls.incrementAndGet();
            }
        });
    }

    @Test
    void findsAnImageWithoutPullingIt() {
        simulated.images().add(IMAGE);
        ensure(ImagePullPolicy.IfNotPresent, Instant.EPOCH);
        ImageState.Present present = assertInstanceOf(ImageState.Present.class, puller.state(IMAGE, Pods.WEB));
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
        assertEquals(Pods.WEB, take());
        assertEquals(1, pulls.get());
        assertTrue(assertInstanceOf(ImageState.Present.class, puller.state(IMAGE, Pods.WEB))
                .pulled());
    }

    @Test
    void pullsOnceForAllWhoWait() throws InterruptedException {
        simulated.images().publish(IMAGE);
        var release = simulated.faults();
        var hanging = release.hang("PullImage");
        ensure(ImagePullPolicy.IfNotPresent, Instant.EPOCH);
        assertInstanceOf(ImageState.Pulling.class, puller.state(IMAGE, Pods.WEB));
        puller.ensure(new EnsureImage(IMAGE, ImagePullPolicy.Always, Instant.EPOCH, false, ""), OTHER);
        hanging.release();
        assertEquals(List.of(OTHER, Pods.WEB), List.of(take(), take()));
        assertEquals(1, pulls.get());
        assertTrue(assertInstanceOf(ImageState.Present.class, puller.state(IMAGE, Pods.WEB))
                .pulled());
    }

    @Test
    void wakesAlsoWhoWasOnlyToldOfAPull() throws InterruptedException {
        simulated.images().publish(IMAGE);
        var hanging = simulated.faults().hang("PullImage");
        ensure(ImagePullPolicy.IfNotPresent, Instant.EPOCH);
        assertInstanceOf(ImageState.Pulling.class, puller.state(IMAGE, OTHER));
        hanging.release();
        assertEquals(List.of(OTHER, Pods.WEB), List.of(take(), take()));
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
            ImageState.Failed failed = assertInstanceOf(ImageState.Failed.class, puller.state(IMAGE, Pods.WEB));
            assertEquals(time.instant().plusSeconds(seconds[i]), failed.retryAt());
            assertEquals(i == 0 ? "ErrImagePull" : "ImagePullBackOff", failed.reason());
            assertTrue(failed.message().endsWith("example.org/app:1: not found"), failed.message());
            assertFalse(failed.message().contains("rpc error"), failed.message());
            ensure(ImagePullPolicy.IfNotPresent, time.instant()); // too early
            assertEquals(i + 1, pulls.get());
            time.advanceTo(failed.retryAt());
        }
        simulated.images().publish(IMAGE);
        ensure(ImagePullPolicy.IfNotPresent, time.instant());
        take();
        assertInstanceOf(ImageState.Present.class, puller.state(IMAGE, Pods.WEB));
    }

    @Test
    void neverPullsWhatMustNotBePulled() {
        simulated.images().publish(IMAGE);
        ensure(ImagePullPolicy.Never, Instant.EPOCH);
        assertEquals("ErrImageNeverPull", failedReason(IMAGE));
        assertEquals(0, pulls.get());
    }

    @Test
    void refusesWhatIsNoReference() {
        puller.ensure(new EnsureImage("No Image", ImagePullPolicy.Always, Instant.EPOCH, false, ""), Pods.WEB);
        assertEquals("InvalidImageName", failedReason("No Image"));
    }

    @Test
    void doesNotBlameTheImageWhenTheRuntimeIsAway() throws InterruptedException {
        simulated.goDown();
        assertThrows(CriException.Unavailable.class, () -> ensure(ImagePullPolicy.IfNotPresent, Instant.EPOCH));
        assertInstanceOf(ImageState.Unknown.class, puller.state(IMAGE, Pods.WEB));
        ensure(ImagePullPolicy.Always, Instant.EPOCH);
        take();
        ImageState.Failed failed = assertInstanceOf(ImageState.Failed.class, puller.state(IMAGE, Pods.WEB));
        assertEquals(time.instant().plusSeconds(1), failed.retryAt());
    }

    @Test
    void forgetsWhatIsInDoubt() {
        simulated.images().add(IMAGE);
        ensure(ImagePullPolicy.IfNotPresent, Instant.EPOCH);
        puller.doubt(IMAGE);
        assertInstanceOf(ImageState.Unknown.class, puller.state(IMAGE, Pods.WEB));
    }

    private void ensure(ImagePullPolicy policy, Instant notBefore) {
        puller.ensure(new EnsureImage(IMAGE, policy, notBefore, false, ""), Pods.WEB);
    }

    private String failedReason(String image) {
        return assertInstanceOf(ImageState.Failed.class, puller.state(image, Pods.WEB))
                .reason();
    }

    private PodName take() throws InterruptedException {
        return woken.poll(5, TimeUnit.SECONDS);
    }
}
