package io.jubelet.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.concurrent.Threads;
import io.jubelet.credentials.ConfigFiles;
import io.jubelet.credentials.Credentials;
import io.jubelet.cri.CriException;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.simulated.ManualTime;
import io.jubelet.cri.simulated.SimulatedCall;
import io.jubelet.cri.simulated.SimulatedRuntime;
import io.jubelet.cri.simulated.SimulatedTime;
import io.jubelet.events.Events;
import io.jubelet.pod.Bytes;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ImagePullPolicy;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Secret;
import io.jubelet.reconcile.ImageState;
import io.jubelet.reconcile.PodAction.EnsureImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImagePullerTest {

    private static final String IMAGE = "example.org/app:1";
    private static final PodName WEB = new PodName("default", "web");
    private static final PodName OTHER = new PodName("default", "other");

    private final ManualTime time = SimulatedTime.manual(Instant.parse("2026-01-01T12:00:00Z"));
    private final SimulatedRuntime simulated = SimulatedRuntime.create(time);
    private final BlockingQueue<PodName> woken = new LinkedBlockingQueue<>();
    private final AtomicInteger pulls = new AtomicInteger();
    private LocalConfig config = LocalConfig.NONE;
    private final Events events = new Events(time, () -> {});

    @TempDir
    private Path directory;

    private ImagePuller puller;

    private ImagePuller puller() {
        return new ImagePuller(
                simulated.imageService(),
                new RegistryPulls(
                        simulated.imageService(),
                        new Credentials(ConfigFiles.NONE, List.of()),
                        1,
                        new PullPace(0, 1),
                        time),
                new PullRecords(directory, (_, ours) -> ours),
                () -> config,
                events,
                Threads::startVirtual,
                woken::add,
                time);
    }

    @BeforeEach
    void count() {
        puller = puller();
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
        assertEquals(Duration.ofSeconds(7), first.effort().withWaiting());
        assertEquals(4_000_000, first.effort().bytes());
        ImageState.Present late =
                assertInstanceOf(ImageState.Present.class, state(OTHER, IMAGE, ImagePullPolicy.Always));
        assertEquals(Duration.ofSeconds(4), late.effort().withWaiting());
    }

    @Test
    void aPullThatMustNotBeDoesNotHoldUpOneThatMay() throws InterruptedException {
        simulated.images().publish(IMAGE);
        ensure(ImagePullPolicy.Never, Instant.EPOCH);
        assertEquals("ErrImageNeverPull", failed(ImagePullPolicy.Never).reason());
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
        assertEquals("ImagePullBackOff", failed(ImagePullPolicy.IfNotPresent).reason());
        ImageState.Failed other =
                assertInstanceOf(ImageState.Failed.class, state(OTHER, IMAGE, ImagePullPolicy.IfNotPresent));
        assertEquals("ErrImagePull", other.reason());
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
        ImageState.Effort effort = present(ImagePullPolicy.Always).effort();
        assertEquals(Duration.ofSeconds(5), effort.withWaiting());
        assertEquals(Duration.ZERO, effort.took());
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
        assertEquals("ErrImagePull", failed(ImagePullPolicy.Always).reason());
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
        present(ImagePullPolicy.IfNotPresent);
    }

    @Test
    void neverPullsWhatMustNotBePulled() {
        simulated.images().publish(IMAGE);
        ensure(ImagePullPolicy.Never, Instant.EPOCH);
        ImageState.Failed failed = failed(ImagePullPolicy.Never);
        assertEquals("ErrImageNeverPull", failed.reason());
        assertEquals(
                "Container image \"example.org/app:1\" is not present with pull policy of Never", failed.message());
        assertEquals(0, pulls.get());
    }

    private static Secret secret(String name, String user, String password) {
        String content =
                "{\"auths\": {\"example.org\": {\"username\": \"" + user + "\", \"password\": \"" + password + "\"}}}";
        return new Secret(
                "default",
                name,
                "kubernetes.io/dockerconfigjson",
                false,
                Map.of(".dockerconfigjson", Bytes.of(content)));
    }

    private static LocalConfig holding(Secret... secrets) {
        Map<LocalConfig.Key, Secret> all = new HashMap<>();
        for (Secret secret : secrets) {
            all.put(new LocalConfig.Key(secret.namespace(), secret.name()), secret);
        }
        return new LocalConfig(Map.of(), all);
    }

    private static Pod naming(Pod pod, String... secrets) {
        return new Pod(
                pod.name(),
                pod.node(),
                pod.uid(),
                pod.hash(),
                pod.labels(),
                pod.annotations(),
                pod.spec().toBuilder().imagePullSecrets(List.of(secrets)).build(),
                pod.document(),
                pod.source());
    }

    private void ensure(Pod pod) {
        puller.ensure(new EnsureImage(pod, IMAGE, ImagePullPolicy.Always, time.instant(), false, ""));
    }

    private ImageState state(Pod pod) {
        return puller.states(pod.name(), List.of(pod))
                .of(pod, pod.spec().containers().getFirst());
    }

    @Test
    void triesAllCredentialsAndThenNone() throws InterruptedException {
        simulated.images().publish(IMAGE);
        simulated.images().lock(IMAGE, "me", "hunter2");
        config = holding(secret("a", "you", "hunter1"), secret("b", "me", "hunter2"), secret("c", "they", "hunter3"));
        Pod pod = naming(pod(WEB, IMAGE, ImagePullPolicy.Always), "a", "b", "c");
        ensure(pod);
        take();
        assertInstanceOf(ImageState.Present.class, state(pod));
        assertEquals(2, pulls.get());

        Pod wrong = naming(pod(OTHER, IMAGE, ImagePullPolicy.Always), "c", "a");
        ensure(wrong);
        take();
        assertEquals(5, pulls.get());
        ImageState.Failed failed = assertInstanceOf(ImageState.Failed.class, state(wrong));
        assertEquals(
                "pull access denied, repository does not exist or may require authorization (tried with credential from"
                        + " Secret default/c, credential from Secret default/a, and without)",
                failed.message());
    }

    private ImageState ensured(Pod pod, ImagePullPolicy policy) throws InterruptedException {
        int before = pulls.get();
        puller.ensure(new EnsureImage(pod, IMAGE, policy, time.instant(), false, ""));
        ImageState state = state(pod);
        if (state instanceof ImageState.Pulling) {
            for (; state instanceof ImageState.Pulling; state = state(pod)) {
                assertNotNull(take(), "a pull without an end"); // or a wake-up that was for an earlier one
            }
            assertTrue(pulls.get() > before);
        }
        return state;
    }

    @Test
    void whatASecretWasShownForIsNotThereForOthers() throws InterruptedException {
        simulated.images().publish(IMAGE);
        simulated.images().lock(IMAGE, "me", "hunter2");
        config = holding(secret("a", "me", "hunter2"), secret("same", "me", "hunter2"), secret("bad", "me", "hunter"));
        Pod mine = naming(pod(WEB, IMAGE, ImagePullPolicy.IfNotPresent), "a");
        assertInstanceOf(ImageState.Present.class, ensured(mine, ImagePullPolicy.IfNotPresent));
        assertEquals(1, pulls.get());

        Pod none = pod(OTHER, IMAGE, ImagePullPolicy.IfNotPresent);
        assertInstanceOf(ImageState.Failed.class, ensured(none, ImagePullPolicy.IfNotPresent));
        Pod wrong = naming(pod(new PodName("default", "wrong"), IMAGE, ImagePullPolicy.IfNotPresent), "bad");
        assertInstanceOf(ImageState.Failed.class, ensured(wrong, ImagePullPolicy.IfNotPresent));
        Pod never = pod(new PodName("default", "never"), IMAGE, ImagePullPolicy.Never);
        ImageState.Failed failed = assertInstanceOf(ImageState.Failed.class, ensured(never, ImagePullPolicy.Never));
        assertEquals("ErrImageNeverPull", failed.reason());
        int tried = pulls.get();

        Pod same = naming(pod(new PodName("default", "same"), IMAGE, ImagePullPolicy.Never), "same");
        assertInstanceOf(ImageState.Present.class, ensured(same, ImagePullPolicy.Never));
        puller = puller(); // the daemon starts anew
        assertInstanceOf(ImageState.Present.class, ensured(same, ImagePullPolicy.Never));
        assertInstanceOf(ImageState.Failed.class, ensured(never, ImagePullPolicy.Never));
        assertEquals(tried, pulls.get());
    }

    @Test
    void anImageThatWasThereBeforeCostsOneQuestionAndNoFile() throws Exception {
        simulated.images().add(IMAGE);
        List<String> calls = new ArrayList<>();
        simulated.onCall(call -> {
            if (call.phase() == SimulatedCall.Phase.START) {
                calls.add(call.operation());
            }
        });
        ensure(ImagePullPolicy.IfNotPresent, Instant.EPOCH);
        present(ImagePullPolicy.IfNotPresent);
        assertEquals(List.of("ImageStatus"), calls);
        try (var files = Files.list(directory)) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void podsWithOtherSecretsDoNotShareAPull() throws InterruptedException {
        simulated.images().publish(IMAGE);
        simulated.images().lock(IMAGE, "me", "hunter2");
        config = holding(secret("a", "me", "hunter2"));
        Pod mine = naming(pod(WEB, IMAGE, ImagePullPolicy.Always), "a");
        Pod other = pod(OTHER, IMAGE, ImagePullPolicy.Always);
        var hanging = simulated.faults().hang("PullImage");
        ensure(mine);
        awaitPull();
        ensure(other);
        hanging.release();
        take();
        take();
        assertInstanceOf(ImageState.Present.class, state(mine));
        ImageState.Failed failed = assertInstanceOf(ImageState.Failed.class, state(other));
        assertTrue(
                failed.message().endsWith("(there is no credential for example.org/app on this node)"),
                failed.message());
    }

    @Test
    void aSecretThatAppearsIsTriedAtOnce() throws InterruptedException {
        simulated.images().publish(IMAGE);
        simulated.images().lock(IMAGE, "me", "hunter2");
        Pod pod = naming(pod(WEB, IMAGE, ImagePullPolicy.Always), "a");
        ensure(pod);
        take();
        assertEquals(
                "Unable to retrieve some image pull secrets (a); attempting to pull the image may not succeed.",
                events.all().getFirst().message());
        assertInstanceOf(ImageState.Failed.class, state(pod));
        config = holding(secret("a", "me", "hunter2"));
        assertInstanceOf(ImageState.Unknown.class, state(pod));
        ensure(pod);
        take();
        assertInstanceOf(ImageState.Present.class, state(pod));
    }

    @Test
    void refusesWhatIsNoReference() {
        puller.ensure(wanted(WEB, "No Image", ImagePullPolicy.Always, Instant.EPOCH));
        ImageState.Failed failed =
                assertInstanceOf(ImageState.Failed.class, state(WEB, "No Image", ImagePullPolicy.Always));
        assertEquals("InvalidImageName", failed.reason());
    }

    @Test
    void tellsThatTheRuntimeCannotLook() {
        simulated.faults().failBefore("ImageStatus", _ -> new CriException.Failed("ImageStatus", "disk error"));
        ensure(ImagePullPolicy.IfNotPresent, Instant.EPOCH);
        ImageState.Failed failed = failed(ImagePullPolicy.IfNotPresent);
        assertEquals("ImageInspectError", failed.reason());
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
        puller.doubt(IMAGE);
        assertInstanceOf(ImageState.Unknown.class, state(ImagePullPolicy.IfNotPresent));
    }

    private static Pod pod(PodName name, String image, ImagePullPolicy policy) {
        ContainerSpec container =
                ContainerSpec.builder("app", image).imagePullPolicy(policy).build();
        return new Pod(
                name,
                "node1",
                "uid",
                "v1:hash",
                Map.of(),
                Map.of(),
                PodSpec.builder(List.of(container)).build(),
                "{}",
                "/manifests/" + name.name() + ".yaml");
    }

    private static EnsureImage wanted(PodName name, String image, ImagePullPolicy policy, Instant notBefore) {
        return new EnsureImage(pod(name, image, policy), image, policy, notBefore, false, "");
    }

    private void ensure(ImagePullPolicy policy, Instant notBefore) {
        ensure(WEB, policy, notBefore);
    }

    private void ensure(PodName name, ImagePullPolicy policy, Instant notBefore) {
        puller.ensure(wanted(name, IMAGE, policy, notBefore));
    }

    /** Of a pod that wants the image with every policy, lest a question forgets what was asked for before. */
    private ImageState state(PodName name, String image, ImagePullPolicy policy) {
        List<Pod> versions = List.of(
                pod(name, image, ImagePullPolicy.Always),
                pod(name, image, ImagePullPolicy.IfNotPresent),
                pod(name, image, ImagePullPolicy.Never));
        Pod asked = pod(name, image, policy);
        return puller.states(name, versions).of(asked, asked.spec().containers().getFirst());
    }

    private ImageState state(ImagePullPolicy policy) {
        return state(WEB, IMAGE, policy);
    }

    private ImageState.Present present(ImagePullPolicy policy) {
        return assertInstanceOf(ImageState.Present.class, state(policy));
    }

    private ImageState.Failed failed(ImagePullPolicy policy) {
        return assertInstanceOf(ImageState.Failed.class, state(policy));
    }

    private void awaitPull() {
        while (pulls.get() == 0) {
            Thread.onSpinWait();
        }
    }

    private PodName take() throws InterruptedException {
        return woken.poll(60, TimeUnit.SECONDS);
    }
}
