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
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees that images are there: one pull at a time for an image, whoever wants it, and no more pulls side by side than
 * configured. Safe for use by many threads.
 */
public final class ImagePuller {

    private static final Logger LOG = LoggerFactory.getLogger(ImagePuller.class);

    private static final Duration FIRST_BACKOFF = Duration.ofSeconds(10);
    private static final Duration MAX_BACKOFF = Duration.ofSeconds(300);

    private final ImageService images;
    private final Semaphore slots;
    private final BiConsumer<String, Runnable> startThread;
    private final Consumer<PodName> wake;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Entry> entries = new HashMap<>();

    /** Guarded by the lock. */
    private static final class Entry {
        private ImageState state = new ImageState.Unknown();
        private Duration backoff = Duration.ZERO;
        private final Set<PodName> waiting = new HashSet<>();
    }

    /**
     * @param parallelPulls one or more
     * @param startThread runs a pull by name and work; a virtual thread in the daemon
     * @param wake told each pod that waited for a pull when it ends
     */
    public ImagePuller(
            ImageService images,
            int parallelPulls,
            BiConsumer<String, Runnable> startThread,
            Consumer<PodName> wake,
            InstantSource clock) {
        this.images = images;
        this.slots = new Semaphore(parallelPulls, true);
        this.startThread = startThread;
        this.wake = wake;
        this.clock = clock;
    }

    /** What is known of an image, without asking the runtime. */
    ImageState state(String image) {
        lock.lock();
        try {
            Entry entry = entries.get(image);
            return entry == null ? new ImageState.Unknown() : entry.state;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Looks the image up where the policy allows that, and else begins to pull it.
     *
     * @throws CriException when the runtime cannot be asked
     */
    void ensure(PodName pod, EnsureImage wanted) {
        boolean pull = switch (wanted.policy()) {
            case Always -> true;
            case IfNotPresent, Never -> !lookUp(wanted);
        };
        if (pull && wanted.policy() != ImagePullPolicy.Never) {
            begin(pod, wanted.image());
        }
    }

    /** Whether it is there, or cannot be named; with policy Never its absence is told as a failure. */
    private boolean lookUp(EnsureImage wanted) {
        Image found;
        try {
            found = images.imageStatus(ImageSpec.of(normalised(wanted.image())));
        } catch (CriException.Rejected | CriException.Failed e) {
            set(wanted.image(), failed("ImageInspectError", e.getMessage(), FIRST_BACKOFF));
            return true;
        }
        if (found != null) {
            set(wanted.image(), new ImageState.Present(found.id(), clock.instant(), false));
            return true;
        }
        if (wanted.policy() == ImagePullPolicy.Never) {
            set(
                    wanted.image(),
                    failed(
                            "ErrImageNeverPull",
                            "image \"" + wanted.image() + "\" is not present and its imagePullPolicy is Never",
                            FIRST_BACKOFF));
        }
        return false;
    }

    private void set(String image, ImageState state) {
        lock.lock();
        try {
            Entry entry = entries.computeIfAbsent(image, _ -> new Entry());
            if (!(entry.state instanceof ImageState.Pulling)) {
                entry.state = state;
            }
        } finally {
            lock.unlock();
        }
    }

    private void begin(PodName pod, String image) {
        lock.lock();
        try {
            Entry entry = entries.computeIfAbsent(image, _ -> new Entry());
            entry.waiting.add(pod);
            if (entry.state instanceof ImageState.Pulling) {
                return;
            }
            entry.state = new ImageState.Pulling(clock.instant());
        } finally {
            lock.unlock();
        }
        startThread.accept("pull/" + image, () -> pull(image));
    }

    private void pull(String image) {
        ImageState result;
        try {
            slots.acquire();
            try {
                LOG.info("image={} pulling", image);
                Instant begin = clock.instant();
                String id = images.pullImage(ImageSpec.of(normalised(image)), null, null);
                Instant end = clock.instant();
                LOG.info(
                        "image={} pulled in {} ms",
                        image,
                        Duration.between(begin, end).toMillis());
                result = new ImageState.Present(id, end, true);
            } finally {
                slots.release();
            }
        } catch (InterruptedException | CriException.Cancelled e) {
            result = new ImageState.Unknown();
        } catch (CriException e) {
            LOG.warn("image={} cannot be pulled: {}", image, e.getMessage());
            result = new ImageState.Failed("ErrImagePull", e.getMessage(), clock.instant());
        }
        finish(image, result);
    }

    private void finish(String image, ImageState result) {
        Set<PodName> waiting;
        lock.lock();
        try {
            Entry entry = entries.get(image);
            waiting = new HashSet<>(entry.waiting);
            entry.waiting.clear();
            if (result instanceof ImageState.Failed failure) {
                boolean again = entry.backoff.isPositive();
                entry.backoff = again ? min(entry.backoff.multipliedBy(2), MAX_BACKOFF) : FIRST_BACKOFF;
                entry.state = failed(again ? "ImagePullBackOff" : "ErrImagePull", failure.message(), entry.backoff);
            } else {
                entry.backoff = Duration.ZERO;
                entry.state = result;
            }
        } finally {
            lock.unlock();
        }
        waiting.forEach(wake);
    }

    private ImageState.Failed failed(String reason, String message, Duration retryAfter) {
        return new ImageState.Failed(reason, message, clock.instant().plus(retryAfter));
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }

    /** With {@code :latest} where the reference names neither tag nor digest. */
    static String normalised(String image) {
        boolean digest = image.indexOf('@') >= 0;
        boolean tag = image.lastIndexOf(':') > image.lastIndexOf('/');
        return digest || tag ? image : image + ":latest";
    }
}
