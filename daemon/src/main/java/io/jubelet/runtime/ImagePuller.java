package io.jubelet.runtime;

import io.jubelet.cri.CriException;
import io.jubelet.cri.Image;
import io.jubelet.cri.ImageService;
import io.jubelet.cri.ImageSpec;
import io.jubelet.pod.ImagePullPolicy;
import io.jubelet.pod.PodName;
import io.jubelet.reconcile.ImageState;
import io.jubelet.reconcile.PodAction.EnsureImage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Sees that images are there, by the pull policy of who needs them.
 *
 * <p>Whether an image is there is asked at once, on the thread of the caller. A pull goes on in the background, one for
 * each image however many pods wait for it, and wakes them at its end. What is known of an image is shared by all pods.
 * Safe for use by many threads.
 */
public final class ImagePuller {

    private static final Duration FIRST_BACKOFF = Duration.ofSeconds(10);
    private static final Duration MAX_BACKOFF = Duration.ofSeconds(300);
    private static final Duration RUNTIME_AWAY = Duration.ofSeconds(1);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

    private final ImageService images;
    private final Semaphore parallel;
    private final BiConsumer<String, Runnable> startThread;
    private final Consumer<PodName> wake;
    private final InstantSource clock;
    private final Map<String, Known> known = new ConcurrentHashMap<>();
    private final Map<String, String> references = new ConcurrentHashMap<>();

    /** What is known of one image. All but {@code state}, which anybody may read, is guarded by {@code lock}. */
    private static final class Known {
        final ReentrantLock lock = new ReentrantLock();
        final Set<PodName> waiting = new TreeSet<>();
        int failures;
        volatile ImageState state = new ImageState.Unknown();
    }

    /**
     * @param maxParallelPulls how many pulls go on at once, at least one
     * @param startThread runs a pull, given a name and the work, on a thread of its own
     * @param wake asks the worker of a pod to look again
     */
    public ImagePuller(
            ImageService images,
            int maxParallelPulls,
            BiConsumer<String, Runnable> startThread,
            Consumer<PodName> wake,
            InstantSource clock) {
        this.images = Objects.requireNonNull(images, "images");
        this.parallel = new Semaphore(maxParallelPulls, true);
        this.startThread = Objects.requireNonNull(startThread, "startThread");
        this.wake = Objects.requireNonNull(wake, "wake");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * What is known of an image, as written in a manifest.
     *
     * @param pod to be woken when a pull ends that this tells of, whoever began it
     */
    ImageState state(String image, PodName pod) {
        Known entry = known.get(image);
        if (entry == null) {
            return new ImageState.Unknown();
        }
        if (entry.state instanceof ImageState.Pulling) {
            entry.lock.lock();
            try {
                if (entry.state instanceof ImageState.Pulling) {
                    entry.waiting.add(pod);
                }
                return entry.state;
            } finally {
                entry.lock.unlock();
            }
        }
        return entry.state;
    }

    /** What the runtime will call an image in the status of a container: by digest where it can, else its id. */
    String reference(String id) {
        return references.getOrDefault(id, id);
    }

    private void noteReference(Image image) {
        if (image != null && !image.repoDigests().isEmpty()) {
            references.put(image.id(), image.repoDigests().getFirst());
        }
    }

    /** What was known of an image is in doubt: a container could not be made from it. */
    void doubt(String image) {
        Known entry = known.get(image);
        if (entry == null) {
            return;
        }
        entry.lock.lock();
        try {
            if (entry.state instanceof ImageState.Present) {
                entry.state = new ImageState.Unknown();
            }
        } finally {
            entry.lock.unlock();
        }
    }

    /**
     * Looks whether the image is there and starts to pull it if its policy says so. Blocks for one short call.
     *
     * @param pod to be woken when a pull ends
     * @throws CriException the runtime cannot tell
     */
    void ensure(EnsureImage wanted, PodName pod) {
        Known entry = known.computeIfAbsent(wanted.image(), _ -> new Known());
        Instant now = clock.instant();
        switch (entry.state) {
            case ImageState.Present present
            when fresh(present, wanted) -> {
                return;
            }
            case ImageState.Failed failed
            when now.isBefore(failed.retryAt()) -> {
                return;
            }
            case ImageState.Pulling _, ImageState.Present _, ImageState.Failed _, ImageState.Unknown _ ->
                look(wanted, pod, entry, now);
        }
    }

    private static boolean fresh(ImageState.Present present, EnsureImage wanted) {
        return !present.checkedAt().isBefore(wanted.notBefore())
                && (wanted.policy() != ImagePullPolicy.Always || present.pulled());
    }

    private void look(EnsureImage wanted, PodName pod, Known entry, Instant now) {
        String reference = ImageReference.normalized(wanted.image()).orElse("");
        if (reference.isEmpty()) {
            found(
                    entry,
                    new ImageState.Failed(
                            "InvalidImageName",
                            "couldn't parse image name \"" + wanted.image() + "\": invalid reference format",
                            now.plus(MAX_BACKOFF)));
            return;
        }
        Optional<ImageState> there = wanted.meanwhile() ? Optional.empty() : lookUp(wanted, reference);
        if (there.isPresent()) {
            found(entry, there.get());
        } else if (joinOrBegin(entry, pod, wanted.meanwhile() ? ImageState.LOOKING : new ImageState.Pulling(now))) {
            startThread.accept("image/" + wanted.image(), () -> obtain(wanted, reference, entry));
        }
    }

    /** What the policy lets the runtime's own images decide; empty when the image has to be pulled. */
    private Optional<ImageState> lookUp(EnsureImage wanted, String reference) {
        if (wanted.policy() == ImagePullPolicy.Always) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        Image present = images.imageStatus(ImageSpec.of(reference));
        if (present != null) {
            noteReference(present);
            return Optional.of(new ImageState.Present(present.id(), now, false));
        }
        return wanted.policy() == ImagePullPolicy.Never
                ? Optional.of(new ImageState.Failed(
                        "ErrImageNeverPull",
                        "Container image \"" + wanted.image() + "\" is not present with pull policy of Never",
                        now.plus(LOOK_AGAIN)))
                : Optional.empty();
    }

    /** What a look has found, unless a pull has begun meanwhile, whose end will tell. */
    private static void found(Known entry, ImageState state) {
        entry.lock.lock();
        try {
            if (!(entry.state instanceof ImageState.Pulling)) {
                entry.failures = 0;
                entry.state = state;
            }
        } finally {
            entry.lock.unlock();
        }
    }

    /** Whether the caller is the one to pull; the others are woken with it. */
    private static boolean joinOrBegin(Known entry, PodName pod, ImageState.Pulling begun) {
        entry.lock.lock();
        try {
            entry.waiting.add(pod);
            if (entry.state instanceof ImageState.Pulling) {
                return false;
            }
            entry.state = begun;
            return true;
        } finally {
            entry.lock.unlock();
        }
    }

    private void obtain(EnsureImage wanted, String reference, Known entry) {
        String image = wanted.image();
        ImageState result = null;
        int failures = 0;
        try {
            if (wanted.meanwhile()) {
                result = lookUp(wanted, reference).orElse(null);
                if (result != null) {
                    return;
                }
                pullBegins(entry);
            }
            parallel.acquire();
            try {
                String id = images.pullImage(ImageSpec.of(reference), null, null);
                noteReference(images.imageStatus(ImageSpec.of(id)));
                result = new ImageState.Present(id, clock.instant(), true);
            } finally {
                parallel.release();
            }
        } catch (CriException.Unavailable e) {
            failures = entry.failures; // not the image's fault
            result = new ImageState.Failed(
                    "ErrImagePull", RuntimeWords.of(e), clock.instant().plus(RUNTIME_AWAY));
        } catch (CriException e) {
            failures = entry.failures + 1;
            result = failed(image, RuntimeWords.of(e), failures);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            finish(entry, result == null ? new ImageState.Unknown() : result, failures);
        }
    }

    /** Who waits is told that it will take longer. */
    private void pullBegins(Known entry) {
        Set<PodName> waiting;
        entry.lock.lock();
        try {
            entry.state = new ImageState.Pulling(clock.instant());
            waiting = new TreeSet<>(entry.waiting);
        } finally {
            entry.lock.unlock();
        }
        waiting.forEach(wake);
    }

    private ImageState failed(String image, String words, int failures) {
        Duration backoff = FIRST_BACKOFF.multipliedBy(1L << Math.min(failures - 1, 8));
        Instant retryAt = clock.instant().plus(backoff.compareTo(MAX_BACKOFF) < 0 ? backoff : MAX_BACKOFF);
        return failures == 1
                ? new ImageState.Failed("ErrImagePull", words, retryAt)
                : new ImageState.Failed(
                        "ImagePullBackOff",
                        "Back-off pulling image \"" + image + "\": ErrImagePull: " + words,
                        retryAt);
    }

    private void finish(Known entry, ImageState result, int failures) {
        Set<PodName> waiting;
        entry.lock.lock();
        try {
            entry.state = result;
            entry.failures = failures;
            waiting = new TreeSet<>(entry.waiting);
            entry.waiting.clear();
        } finally {
            entry.lock.unlock();
        }
        waiting.forEach(wake);
    }
}
