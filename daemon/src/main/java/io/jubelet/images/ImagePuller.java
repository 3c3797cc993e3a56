/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.images;

import io.jubelet.concurrent.NodeClock;
import io.jubelet.credentials.ImagePullSecrets;
import io.jubelet.cri.CriException;
import io.jubelet.cri.Image;
import io.jubelet.cri.ImageService;
import io.jubelet.cri.ImageSpec;
import io.jubelet.document.FileProblem;
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
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ensures that images are present, according to their pull policy. Safe for use by many threads.
 *
 * <p>Checks for an image on the caller's thread. A pull runs in the background, one for each
 * image and set of credentials, and wakes all waiting pods at its end. Each version of a pod has
 * its own back-off, for each image and policy.
 */
public final class ImagePuller {

    private static final Logger LOG = LoggerFactory.getLogger(ImagePuller.class);

    private static final Duration RUNTIME_RETRY = Duration.ofSeconds(1);
    private static final Duration RECHECK_INTERVAL = Duration.ofSeconds(10);
    private static final String PRESENT =
            "; the image is present on this node: with imagePullPolicy: IfNotPresent it would be used";

    private final ImageService images;
    private final RegistryPuller registries;
    private final PullRecords records;
    private final Supplier<LocalConfig> config;
    private final EventRecorder events;
    private final BiConsumer<String, Runnable> startThread;
    private final Consumer<PodName> wake;
    private final NodeClock clock;
    private final ImageTracker tracker = new ImageTracker();
    private final PullStatistics statistics = new PullStatistics();

    /**
     * @param images the images of the runtime
     * @param registries pulls images
     * @param records which pods may use which images
     * @param config the ConfigMaps and Secrets of this node; must not block
     * @param startThread starts a thread with a name for a pull
     * @param wake wakes the worker of a pod
     * @param clock its steady one is that of the workers, whose plans compare the times of images with their own
     */
    public ImagePuller(
            ImageService images,
            RegistryPuller registries,
            PullRecords records,
            Supplier<LocalConfig> config,
            EventRecorder events,
            BiConsumer<String, Runnable> startThread,
            Consumer<PodName> wake,
            NodeClock clock) {
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
     * Returns the states of the images of some versions of a pod. Forgets those of its other
     * versions, and cancels a pull that no other pod waits for.
     */
    public ImageStates states(PodName name, List<Pod> versions) {
        return tracker.states(name, versions, config);
    }

    /** Returns the pulls that a pod waits for, without their progress and with times of the wall clock. */
    public List<PullProgress> pulls(PodName name) {
        return tracker.pulls(name).stream()
                .map(pull -> new PullProgress(
                        pull.image(),
                        clock.wallTime(pull.since()),
                        pull.begun().map(clock::wallTime),
                        pull.doneBytes(),
                        pull.totalBytes()))
                .toList();
    }

    /** How pulls ended so far. */
    public PullStatistics statistics() {
        return statistics;
    }

    /** Returns how container statuses name an image: by digest if it has one, else by id. */
    public String reference(String id) {
        return tracker.digest(id);
    }

    /**
     * Invalidates the cached state of an image, because a container could not be created from it.
     */
    public void invalidate(String image) {
        tracker.invalidate(image, ImageReference.normalized(image));
    }

    /**
     * Checks whether the image is present, and starts a pull if the policy requires it. Blocks for
     * one short call.
     *
     * @throws CriException.Unavailable when the runtime is unavailable
     */
    public void ensure(EnsureImage wanted) {
        Optional<String> complete = ImageReference.normalized(wanted.image());
        Optional<ImageRequest> open = tracker.register(wanted, complete, clock.steady());
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
                wake.accept(request.pod().name()); // the pod's status now shows the pull
                pull.ifPresent(this::run);
                return;
            }
        } catch (CriException.Unavailable e) {
            failed(request, ImageError.ErrImagePull, String.valueOf(e.getMessage()), RUNTIME_RETRY);
        } catch (CriException.Cancelled _) {
            tracker.setState(request, new ImageState.Unknown());
        }
        wake.accept(request.pod().name());
    }

    /**
     * Returns whether the policy needs no pull: the image is present and permitted, or must not be
     * pulled.
     *
     * @throws CriException.Unavailable when the runtime is unavailable
     */
    private boolean isDecidedLocally(ImageRequest request, String reference) {
        ImagePullPolicy policy = request.required().policy();
        if (policy == ImagePullPolicy.Always) {
            return false;
        }
        String image = request.required().image();
        Instant now = clock.steady();
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
            // A pod without permission must not learn that the image is present.
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
                request, new ImageState.Failed(reason, message, clock.steady().plus(wait)));
    }

    // --- pulls

    /** Joins the pull of an image; returns the pull if the caller has to run it. */
    private Optional<Pull> join(ImageRequest request, String reference) {
        ImagePullSecrets secrets = ImagePullSecrets.of(request.pod(), config.get());
        if (!secrets.missing().isEmpty()) {
            events.warning(
                    request.pod(),
                    "FailedToRetrieveImagePullSecret",
                    "Unable to retrieve some image pull secrets (" + String.join(", ", secrets.missing())
                            + "); attempting to pull the image may not succeed. Write a missing one to a file in the"
                            + " manifest directory with mode 0600, such as {apiVersion: v1, kind: Secret, metadata: {name:"
                            + " NAME, namespace: " + request.pod().name().namespace()
                            + "}, type: kubernetes.io/dockerconfigjson, stringData: {.dockerconfigjson: '...'}}");
        }
        return tracker.join(request, new Pull.Key(reference, secrets), clock.steady());
    }

    private void run(Pull pull) {
        try {
            if (!tracker.start(pull)) {
                return;
            }
            switch (pullAndRecord(pull)) {
                case RegistryPuller.Outcome.Pulled pulled -> pulled(pull, pulled);
                case RegistryPuller.Outcome.Failed failed -> {
                    statistics.failed();
                    Instant now = clock.steady();
                    PullFailure always = isPresent(pull) ? failed.failure().withDetail(PRESENT) : failed.failure();
                    finish(
                            pull,
                            request -> request.failed(
                                    request.required().policy() == ImagePullPolicy.Always ? always : failed.failure(),
                                    pull.key().secrets(),
                                    now));
                }
            }
        } catch (CriException.Unavailable e) { // no fault of the image
            statistics.failed();
            Instant retryAt = clock.steady().plus(RUNTIME_RETRY);
            finish(
                    pull,
                    request -> request.setState(
                            new ImageState.Failed(ImageError.ErrImagePull, String.valueOf(e.getMessage()), retryAt)));
        } catch (CriException.Cancelled _) {
            cancelled(pull);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            cancelled(pull);
        }
    }

    /** Whether the image is on the node, and pods with these Secrets may use it. */
    private boolean isPresent(Pull pull) {
        try {
            Image present = images.imageStatus(ImageSpec.of(pull.key().reference()));
            return present != null
                    && records.permits(
                            pull.key().reference(), present.id(), pull.key().secrets());
        } catch (CriException.Cancelled e) {
            throw e;
        } catch (CriException e) {
            LOG.debug(
                    "image={} cannot look for it after a pull that failed: {}",
                    pull.key().reference(),
                    e.getMessage());
            return false;
        }
    }

    /** A pull without Secrets needs no intent, because it cannot produce a restricted image. */
    private RegistryPuller.Outcome pullAndRecord(Pull pull) throws InterruptedException {
        String reference = pull.key().reference();
        boolean secret = !pull.key().secrets().found().isEmpty();
        boolean succeeded = false;
        if (secret) {
            try {
                records.recordIntent(reference);
            } catch (IOException e) {
                return new RegistryPuller.Outcome.Failed(
                        new PullFailure(ImageError.ErrImagePull, "cannot record the pull: " + FileProblem.of(e)));
            }
        }
        try {
            RegistryPuller.Outcome outcome =
                    registries.pull(pull.key(), () -> tracker.pullStarted(pull, clock.steady()));
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
        Instant now = clock.steady();
        String id = pulled.id();
        String reference = pull.key().reference();
        boolean shared = !records.isRestricted(reference, id);
        long bytes = pulled.image().map(Image::size).orElse(0L);
        Duration took = Duration.between(tracker.startedAt(pull).orElse(now), now);
        statistics.succeeded(took);
        pulled.image()
                .ifPresent(image ->
                        tracker.recordPresent(reference, image, shared, new ImageState.Present(id, now, true)));
        finish(pull, request -> {
            Duration waited =
                    request.state() instanceof ImageState.Pulling since ? Duration.between(since.since(), now) : took;
            Duration own = waited.compareTo(took) < 0 ? waited : took; // a request that joined late has waited for less
            request.present(new ImageState.Present(id, now, true, new ImageState.PullStats(own, waited, bytes)));
        });
    }

    /** A request can have joined just now; it asks again. */
    private void cancelled(Pull pull) {
        LOG.debug("image={} pull cancelled: no pod waits for it", pull.key().reference());
        finish(pull, request -> request.setState(new ImageState.Unknown()));
    }

    private void finish(Pull pull, Consumer<ImageRequest> outcome) {
        tracker.finish(pull, outcome).forEach(wake);
    }
}
