package io.jubelet.images;

import io.jubelet.cri.CriException;
import io.jubelet.cri.Image;
import io.jubelet.cri.ImageService;
import io.jubelet.cri.ImageSpec;
import io.jubelet.pod.ImagePullPolicy;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.reconcile.ImageState;
import io.jubelet.reconcile.ImageStates;
import io.jubelet.reconcile.ImageStates.Wish;
import io.jubelet.reconcile.PodAction.EnsureImage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees that images are there, by the pull policy of who needs them.
 *
 * <p>Whether an image is there is asked at once, on the thread of the caller. A pull goes on in the background, one for each
 * image however many pods wait for it, and wakes them at its end. How often it failed, and when it is tried again, each
 * version of a pod has for itself, for each policy. Safe for use by many threads: one lock guards what is known, and no call
 * is made under it.
 */
public final class ImagePuller {

    private static final Logger LOG = LoggerFactory.getLogger(ImagePuller.class);

    private static final Duration RUNTIME_AWAY = Duration.ofSeconds(1);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

    private final ImageService images;
    private final Semaphore parallel;
    private final BiConsumer<String, Runnable> startThread;
    private final Consumer<PodName> wake;
    private final InstantSource clock;

    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock, as are the others. */
    private final Map<PodName, Map<Wish, Want>> wants = new HashMap<>();

    private final Map<Pull.Key, Pull> pulls = new HashMap<>();
    /** What was found last of images, by complete reference: for pods that ask at the same moment. */
    private final Recent<String, ImageState.Present> found = new Recent<>();
    /** What the runtime calls images in the status of containers, by id. */
    private final Recent<String, String> digests = new Recent<>();

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

    // --- what is known

    /**
     * What is known of the images of some versions of a pod. What is known of others of its versions is forgotten, and a pull
     * is given up that nobody else waits for.
     */
    public ImageStates states(PodName name, List<Pod> versions) {
        lock.lock();
        try {
            Map<Wish, Want> known = wants.getOrDefault(name, Map.of());
            ImageStates states = ImageStates.of(versions, (_, wish) -> {
                Want want = known.get(wish);
                return want == null ? new ImageState.Unknown() : want.state();
            });
            if (known.values().removeIf(want -> !states.states().containsKey(want.wish()) && leaves(want))
                    && known.isEmpty()) {
                wants.remove(name);
            }
            return states;
        } finally {
            lock.unlock();
        }
    }

    /** It waits for no pull any more; true. */
    private boolean leaves(Want want) {
        pulls.values().removeIf(pull -> {
            boolean last = pull.waiting().remove(want) && pull.waiting().isEmpty();
            if (last) {
                pull.abandon();
            }
            return last;
        });
        return true;
    }

    /** What the runtime will call an image in the status of a container: by digest where it can, else its id. */
    public String reference(String id) {
        lock.lock();
        try {
            String digest = digests.get(id);
            return digest == null ? id : digest;
        } finally {
            lock.unlock();
        }
    }

    /** What was known of an image is in doubt: a container could not be made from it. */
    public void doubt(String image) {
        lock.lock();
        try {
            ImageReference.normalized(image).ifPresent(found::remove);
            for (Map<Wish, Want> ofPod : wants.values()) {
                for (Want want : ofPod.values()) {
                    if (want.wish().image().equals(image) && want.state() instanceof ImageState.Present) {
                        want.is(new ImageState.Unknown());
                    }
                }
            }
        } finally {
            lock.unlock();
        }
    }

    // --- what is wanted

    /**
     * Looks whether the image is there and starts to pull it if its policy says so. Blocks for one short call.
     *
     * @throws CriException.Unavailable the runtime cannot tell
     */
    public void ensure(EnsureImage wanted) {
        Optional<String> reference = ImageReference.normalized(wanted.image());
        Instant now = clock.instant();
        Want want;
        lock.lock();
        try {
            want = want(wanted);
            if (!asks(want, wanted, now)) {
                return;
            }
            if (reference.isEmpty()) {
                want.is(new ImageState.Failed(
                        "InvalidImageName",
                        "couldn't parse image name \"" + wanted.image() + "\": invalid reference format",
                        now.plus(Want.MAX_BACKOFF)));
                return;
            }
            ImageState.Present other = found.get(reference.get());
            if (other != null && fresh(other, wanted)) {
                want.present(other);
                return;
            }
            if (wanted.meanwhile()) {
                want.is(ImageState.LOOKING);
            }
        } finally {
            lock.unlock();
        }
        if (wanted.meanwhile()) {
            startThread.accept("image/" + wanted.image(), () -> lookAndPull(want, reference.get()));
        } else if (!decided(want, reference.get())) {
            join(want, reference.get())
                    .ifPresent(pull -> startThread.accept("image/" + wanted.image(), () -> run(pull)));
        }
    }

    private Want want(EnsureImage wanted) {
        Wish wish = new Wish(wanted.pod().uid(), wanted.image(), wanted.policy());
        return wants.computeIfAbsent(wanted.pod().name(), _ -> new HashMap<>())
                .computeIfAbsent(wish, _ -> new Want(wanted.pod(), wish));
    }

    private static boolean asks(Want want, EnsureImage wanted, Instant now) {
        return switch (want.state()) {
            case ImageState.Present present -> !fresh(present, wanted);
            case ImageState.Failed failed -> !now.isBefore(failed.retryAt());
            case ImageState.Pulling _ -> false;
            case ImageState.Unknown _ -> true;
        };
    }

    private static boolean fresh(ImageState.Present present, EnsureImage wanted) {
        return !present.checkedAt().isBefore(wanted.notBefore())
                && (wanted.policy() != ImagePullPolicy.Always || present.pulled());
    }

    private void lookAndPull(Want want, String reference) {
        try {
            if (!decided(want, reference)) {
                Optional<Pull> pull = join(want, reference);
                wake.accept(want.pod().name()); // who waits is told that it will take longer
                pull.ifPresent(this::run);
                return;
            }
        } catch (CriException.Unavailable e) {
            is(want, away(e));
        } catch (CriException.Cancelled _) {
            is(want, new ImageState.Unknown());
        }
        wake.accept(want.pod().name());
    }

    /**
     * Whether the policy lets the runtime's own images decide, and then they have.
     *
     * @throws CriException.Unavailable the runtime cannot tell
     */
    private boolean decided(Want want, String reference) {
        ImagePullPolicy policy = want.wish().policy();
        if (policy == ImagePullPolicy.Always) {
            return false;
        }
        Instant now = clock.instant();
        Image present;
        try {
            present = images.imageStatus(ImageSpec.of(reference));
        } catch (CriException.Unavailable | CriException.Cancelled e) {
            throw e;
        } catch (CriException e) {
            String message = "Failed to inspect image \"" + want.wish().image() + "\": "
                    + PullTrouble.of(want.wish().image(), e).message();
            is(want, new ImageState.Failed("ImageInspectError", message, now.plus(LOOK_AGAIN)));
            return true;
        }
        if (present != null) {
            ImageState.Present state = new ImageState.Present(present.id(), now, false);
            lock.lock();
            try {
                note(present, reference, state);
                want.present(state);
            } finally {
                lock.unlock();
            }
            return true;
        }
        if (policy == ImagePullPolicy.Never) {
            String message = "Container image \"" + want.wish().image() + "\" is not present with pull policy of Never";
            is(want, new ImageState.Failed("ErrImageNeverPull", message, now.plus(LOOK_AGAIN)));
            return true;
        }
        return false;
    }

    private void is(Want want, ImageState state) {
        lock.lock();
        try {
            want.is(state);
        } finally {
            lock.unlock();
        }
    }

    private void note(Image image, String reference, ImageState.Present state) {
        found.put(reference, state);
        if (!image.repoDigests().isEmpty()) {
            digests.put(image.id(), image.repoDigests().getFirst());
        }
    }

    private ImageState away(CriException.Unavailable e) {
        return new ImageState.Failed(
                "ErrImagePull", e.getMessage(), clock.instant().plus(RUNTIME_AWAY));
    }

    // --- pulls

    /** Waits for the pull of an image; the pull is returned when it is for the caller to run. */
    private Optional<Pull> join(Want want, String reference) {
        lock.lock();
        try {
            Pull.Key key = new Pull.Key(reference);
            Pull pull = pulls.get(key);
            boolean first = pull == null;
            if (first) {
                pull = new Pull(key);
                pulls.put(key, pull);
            }
            pull.waiting().add(want);
            want.is(new ImageState.Pulling(clock.instant()));
            return first ? Optional.of(pull) : Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    private void run(Pull pull) {
        String reference = pull.key().reference();
        try {
            if (!entered(pull)) {
                return;
            }
            parallel.acquire();
            try {
                Instant begun = begins(pull);
                String id = images.pullImage(ImageSpec.of(reference), null, null);
                Image image = images.imageStatus(ImageSpec.of(id));
                pulled(pull, id, Optional.ofNullable(image), begun);
            } finally {
                parallel.release();
            }
        } catch (CriException.Unavailable e) {
            ended(pull, want -> want.is(away(e))); // not the image's fault
        } catch (CriException.Cancelled _) {
            givenUp(pull);
        } catch (CriException e) {
            LOG.warn(
                    "image={} cannot be pulled: {}",
                    reference,
                    PullTrouble.of(reference, e).message());
            Instant now = clock.instant();
            ended(pull, want -> want.failed(PullTrouble.of(want.wish().image(), e), now));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            givenUp(pull);
        }
    }

    private boolean entered(Pull pull) {
        lock.lock();
        try {
            return pull.entered();
        } finally {
            lock.unlock();
        }
    }

    private Instant begins(Pull pull) {
        Instant now = clock.instant();
        lock.lock();
        try {
            pull.begins(now);
        } finally {
            lock.unlock();
        }
        return now;
    }

    private void pulled(Pull pull, String id, Optional<Image> image, Instant begun) {
        Instant now = clock.instant();
        Duration took = Duration.between(begun, now);
        long bytes = image.map(Image::size).orElse(0L);
        lock.lock();
        try {
            image.ifPresent(there -> note(there, pull.key().reference(), new ImageState.Present(id, now, true)));
        } finally {
            lock.unlock();
        }
        ended(pull, want -> {
            Duration waited =
                    want.state() instanceof ImageState.Pulling since ? Duration.between(since.since(), now) : took;
            Duration own = waited.compareTo(took) < 0 ? waited : took; // who came late has waited for less
            want.present(new ImageState.Present(id, now, true, new ImageState.Effort(own, waited, bytes)));
        });
    }

    /** Somebody may have begun to wait just now; who did asks again. */
    private void givenUp(Pull pull) {
        LOG.debug(
                "image={} is not pulled any more: nobody waits for it",
                pull.key().reference());
        ended(pull, want -> want.is(new ImageState.Unknown()));
    }

    private void ended(Pull pull, Consumer<Want> outcome) {
        Set<PodName> waiting = new TreeSet<>();
        lock.lock();
        try {
            pulls.remove(pull.key(), pull);
            for (Want want : pull.waiting()) {
                outcome.accept(want);
                waiting.add(want.pod().name());
            }
            pull.waiting().clear();
        } finally {
            lock.unlock();
        }
        waiting.forEach(wake);
    }
}
