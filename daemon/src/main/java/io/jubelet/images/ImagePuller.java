package io.jubelet.images;

import io.jubelet.credentials.ImagePullSecrets;
import io.jubelet.cri.CriException;
import io.jubelet.cri.Image;
import io.jubelet.cri.ImageService;
import io.jubelet.cri.ImageSpec;
import io.jubelet.events.EventRecorder;
import io.jubelet.plan.ImageState;
import io.jubelet.plan.ImageStates;
import io.jubelet.plan.PodAction.EnsureImage;
import io.jubelet.plan.PullProgress;
import io.jubelet.pod.ImageError;
import io.jubelet.pod.ImagePullPolicy;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees that images are there, by the pull policy of who needs them.
 *
 * <p>Whether an image is there is asked at once, on the thread of the caller. A pull goes on in the background, one for each
 * image and what may be shown to its registry however many pods wait for it, and wakes them at its end. How often it failed,
 * and when it is tried again, each version of a pod has for itself, for each policy. Safe for use by many threads.
 */
public final class ImagePuller {

    private static final Logger LOG = LoggerFactory.getLogger(ImagePuller.class);

    private static final Duration RUNTIME_RETRY = Duration.ofSeconds(1);
    private static final Duration RECHECK_INTERVAL = Duration.ofSeconds(10);

    private final ImageService images;
    private final RegistryPuller registries;
    private final PullRecords records;
    private final Supplier<LocalConfig> config;
    private final EventRecorder events;
    private final BiConsumer<String, Runnable> startThread;
    private final Consumer<PodName> wake;
    private final InstantSource clock;
    private final ImageTracker tracker = new ImageTracker();

    /**
     * @param images those that are there
     * @param registries where the others are
     * @param records who may have those that are there
     * @param config where Secrets are that pods name; must not block
     * @param startThread runs a pull, given a name and the work, on a thread of its own
     * @param wake tells the worker of a pod that there is news to plan with
     */
    public ImagePuller(
            ImageService images,
            RegistryPuller registries,
            PullRecords records,
            Supplier<LocalConfig> config,
            EventRecorder events,
            BiConsumer<String, Runnable> startThread,
            Consumer<PodName> wake,
            InstantSource clock) {
        this.images = Objects.requireNonNull(images, "images");
        this.registries = Objects.requireNonNull(registries, "registries");
        this.records = Objects.requireNonNull(records, "records");
        this.config = Objects.requireNonNull(config, "config");
        this.events = Objects.requireNonNull(events, "events");
        this.startThread = Objects.requireNonNull(startThread, "startThread");
        this.wake = Objects.requireNonNull(wake, "wake");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * What is known of the images of some versions of a pod. What is known of others of its versions is forgotten, and a pull
     * is given up that nobody else waits for.
     */
    public ImageStates states(PodName name, List<Pod> versions) {
        return tracker.states(name, versions, config);
    }

    /** The pulls that a pod waits for; what only the runtime knows of them is left out. */
    public List<PullProgress> pulls(PodName name) {
        return tracker.pulls(name);
    }

    /** What the runtime will call an image in the status of a container: by digest where it can, else its id. */
    public String reference(String id) {
        return tracker.digest(id);
    }

    /** What was known of an image is in doubt: a container could not be made from it. */
    public void invalidate(String image) {
        tracker.invalidate(image, ImageReference.normalized(image));
    }

    /**
     * Looks whether the image is there and starts to pull it if its policy says so. Blocks for one short call.
     *
     * @throws CriException.Unavailable the runtime cannot tell
     */
    public void ensure(EnsureImage wanted) {
        Optional<String> complete = ImageReference.normalized(wanted.image());
        Optional<ImageRequest> open = tracker.register(wanted, complete, clock.instant());
        if (open.isEmpty()) {
            return;
        }
        ImageRequest request = open.get();
        String thread = "image/" + wanted.image();
        if (complete.isEmpty()) {
            String message = "couldn't parse image name \"" + wanted.image() + "\": invalid reference format";
            failed(request, ImageError.InvalidImageName, message, ImageRequest.BACKOFF.max());
        } else if (wanted.inBackground()) {
            startThread.accept(thread, () -> checkAndPull(request, complete.get()));
        } else if (!isDecidedLocally(request, complete.get())) {
            join(request, complete.get()).ifPresent(pull -> startThread.accept(thread, () -> run(pull)));
        }
    }

    private void checkAndPull(ImageRequest request, String reference) {
        try {
            if (!isDecidedLocally(request, reference)) {
                Optional<Pull> pull = join(request, reference);
                wake.accept(request.pod().name()); // who waits is told that it will take longer
                pull.ifPresent(this::run);
                return;
            }
        } catch (CriException.Unavailable e) {
            failed(request, ImageError.ErrImagePull, e.getMessage(), RUNTIME_RETRY);
        } catch (CriException.Cancelled _) {
            tracker.setState(request, new ImageState.Unknown());
        }
        wake.accept(request.pod().name());
    }

    /**
     * Whether the policy lets the runtime's own images decide, and then they have.
     *
     * @throws CriException.Unavailable the runtime cannot tell
     */
    private boolean isDecidedLocally(ImageRequest request, String reference) {
        ImagePullPolicy policy = request.required().policy();
        if (policy == ImagePullPolicy.Always) {
            return false;
        }
        String image = request.required().image();
        Instant now = clock.instant();
        Image present;
        try {
            present = images.imageStatus(ImageSpec.of(reference));
        } catch (CriException.Unavailable | CriException.Cancelled e) {
            throw e;
        } catch (CriException e) {
            String message = "Failed to inspect image \"" + image + "\": "
                    + PullFailure.of(image, e).message();
            failed(request, ImageError.ImageInspectError, message, RECHECK_INTERVAL);
            return true;
        }
        if (present != null) {
            ImagePullSecrets secrets = ImagePullSecrets.of(request.pod(), config.get());
            if (records.permits(reference, present.id(), secrets)) {
                tracker.markPresent(request, reference, present, !records.isRestricted(reference, present.id()), now);
                return true;
            }
            // Who may not have it is not told that it is there.
        }
        if (policy == ImagePullPolicy.Never) {
            String message = "Container image \"" + image + "\" is not present with pull policy of Never";
            failed(request, ImageError.ErrImageNeverPull, message, RECHECK_INTERVAL);
            return true;
        }
        return false;
    }

    private void failed(ImageRequest request, ImageError reason, String message, Duration wait) {
        tracker.setState(
                request, new ImageState.Failed(reason, message, clock.instant().plus(wait)));
    }

    // --- pulls

    /** Waits for the pull of an image; the pull is returned when it is for the caller to run. */
    private Optional<Pull> join(ImageRequest request, String reference) {
        ImagePullSecrets secrets = ImagePullSecrets.of(request.pod(), config.get());
        if (!secrets.missing().isEmpty()) {
            events.warning(
                    request.pod(),
                    "FailedToRetrieveImagePullSecret",
                    "Unable to retrieve some image pull secrets (" + String.join(", ", secrets.missing())
                            + "); attempting to pull the image may not succeed.");
        }
        return tracker.join(request, new Pull.Key(reference, secrets), clock.instant());
    }

    private void run(Pull pull) {
        try {
            if (!tracker.start(pull)) {
                return;
            }
            switch (pullAndRecord(pull)) {
                case RegistryPuller.Outcome.Pulled pulled -> pulled(pull, pulled);
                case RegistryPuller.Outcome.Failed failed -> {
                    Instant now = clock.instant();
                    finish(
                            pull,
                            request ->
                                    request.failed(failed.failure(), pull.key().secrets(), now));
                }
            }
        } catch (CriException.Unavailable e) { // not the image's fault
            Instant retryAt = clock.instant().plus(RUNTIME_RETRY);
            finish(
                    pull,
                    request ->
                            request.setState(new ImageState.Failed(ImageError.ErrImagePull, e.getMessage(), retryAt)));
        } catch (CriException.Cancelled _) {
            cancelled(pull);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            cancelled(pull);
        }
    }

    /** Pulls that show no Secret cannot lead to an image that only some may have. */
    private RegistryPuller.Outcome pullAndRecord(Pull pull) throws InterruptedException {
        String reference = pull.key().reference();
        boolean secret = !pull.key().secrets().found().isEmpty();
        boolean succeeded = false;
        if (secret) {
            try {
                records.recordIntent(reference);
            } catch (IOException e) {
                return new RegistryPuller.Outcome.Failed(
                        new PullFailure(ImageError.ErrImagePull, "it cannot be noted that it is pulled: " + e));
            }
        }
        try {
            RegistryPuller.Outcome outcome =
                    registries.pull(pull.key(), () -> tracker.pullStarted(pull, clock.instant()));
            if (outcome instanceof RegistryPuller.Outcome.Pulled pulled) {
                succeeded = true;
                records.recordPull(reference, pulled.id(), pull.key().secrets(), pulled.with(), clock.instant());
            }
            return outcome;
        } finally {
            if (secret && !succeeded) {
                records.recordFailure(reference);
            }
        }
    }

    private void pulled(Pull pull, RegistryPuller.Outcome.Pulled pulled) {
        Instant now = clock.instant();
        String id = pulled.id();
        String reference = pull.key().reference();
        boolean shared = !records.isRestricted(reference, id);
        long bytes = pulled.image().map(Image::size).orElse(0L);
        Duration took = Duration.between(tracker.startedAt(pull).orElse(now), now);
        pulled.image()
                .ifPresent(image ->
                        tracker.recordPresent(reference, image, shared, new ImageState.Present(id, now, true)));
        finish(pull, request -> {
            Duration waited =
                    request.state() instanceof ImageState.Pulling since ? Duration.between(since.since(), now) : took;
            Duration own = waited.compareTo(took) < 0 ? waited : took; // who came late has waited for less
            request.present(new ImageState.Present(id, now, true, new ImageState.PullStats(own, waited, bytes)));
        });
    }

    /** Somebody may have begun to wait just now; who did asks again. */
    private void cancelled(Pull pull) {
        LOG.debug(
                "image={} is not pulled any more: nobody waits for it",
                pull.key().reference());
        finish(pull, request -> request.setState(new ImageState.Unknown()));
    }

    private void finish(Pull pull, Consumer<ImageRequest> outcome) {
        tracker.finish(pull, outcome).forEach(wake);
    }
}
