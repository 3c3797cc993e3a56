/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.images;

import io.jubelet.cri.Image;
import io.jubelet.plan.ImageState;
import io.jubelet.plan.ImageStates;
import io.jubelet.plan.ImageStates.RequiredImage;
import io.jubelet.plan.PodAction.EnsureImage;
import io.jubelet.plan.PullProgress;
import io.jubelet.pod.ImagePullPolicy;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Tracks the states of images, the requests for them, and the running pulls.
 *
 * <p>Safe for use by many threads: one lock guards everything, including requests and pulls, and
 * no blocking call is made while it is held.
 */
final class ImageTracker {

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<PodName, Map<RequiredImage, ImageRequest>> requests = new HashMap<>();
    private final Map<Pull.Key, Pull> pulls = new HashMap<>();
    /** The latest results by complete reference, shared by pods that check at the same moment. */
    private final BoundedCache<String, ImageState.Present> foundImages = new BoundedCache<>();
    /** The digests of images by id. */
    private final BoundedCache<String, String> digests = new BoundedCache<>();

    /**
     * Returns the states of the images of some versions; forgets those of other versions of the
     * pod.
     */
    ImageStates states(PodName name, List<Pod> versions, Supplier<LocalConfig> config) {
        return locked(() -> {
            Map<RequiredImage, ImageRequest> known = requests.getOrDefault(name, Map.of());
            ImageStates states = ImageStates.of(versions, (_, required) -> {
                ImageRequest request = known.get(required);
                return request == null ? new ImageState.Unknown() : request.state(config);
            });
            if (!known.isEmpty()) {
                known.values()
                        .removeIf(request -> !states.states().containsKey(request.required()) && leavePulls(request));
                requests.remove(name, Map.of());
            }
            return states;
        });
    }

    /** Removes a request from all pulls; returns true. */
    private boolean leavePulls(ImageRequest request) {
        pulls.values().removeIf(pull -> {
            boolean last = pull.waiting().remove(request) && pull.waiting().isEmpty();
            if (last) {
                pull.cancel();
            }
            return last;
        });
        return true;
    }

    /** Returns the digest of an image; its id when that is unknown. */
    String digest(String id) {
        return locked(() -> Optional.ofNullable(digests.get(id)).orElse(id));
    }

    /**
     * Invalidates an image.
     *
     * @param reference its complete reference; empty when it is malformed
     */
    void invalidate(String image, Optional<String> reference) {
        locked(() -> {
            reference.ifPresent(foundImages::remove);
            for (Map<RequiredImage, ImageRequest> ofPod : requests.values()) {
                for (ImageRequest request : ofPod.values()) {
                    if (request.required().image().equals(image) && request.state() instanceof ImageState.Present) {
                        request.setState(new ImageState.Unknown());
                    }
                }
            }
            return true;
        });
    }

    /** Returns the pulls that a pod waits for. */
    List<PullProgress> pulls(PodName name) {
        return locked(() -> {
            List<PullProgress> waiting = new ArrayList<>();
            for (Pull pull : pulls.values()) {
                for (ImageRequest request : pull.waiting()) {
                    if (request.pod().name().equals(name) && request.state() instanceof ImageState.Pulling pulling) {
                        waiting.add(
                                new PullProgress(request.required().image(), pulling.since(), pull.startedAt(), 0, 0));
                    }
                }
            }
            return waiting;
        });
    }

    // --- requests

    /**
     * Registers a request.
     *
     * @param reference the complete reference; empty when it is malformed
     * @return the request, if the caller has to check for the image
     */
    Optional<ImageRequest> register(EnsureImage action, Optional<String> reference, Instant now) {
        return locked(() -> {
            RequiredImage required = new RequiredImage(action.pod().uid(), action.image(), action.policy());
            ImageRequest request = requests.computeIfAbsent(action.pod().name(), _ -> new HashMap<>())
                    .computeIfAbsent(required, _ -> new ImageRequest(action.pod(), required));
            if (!needsLookup(request, action, now)) {
                return Optional.empty();
            }
            // A request that only checks can use the result of others; with Always each pod
            // presents its own credentials.
            ImageState.Present other = reference.map(foundImages::get).orElse(null);
            if (other != null && action.policy() != ImagePullPolicy.Always && isFresh(other, action)) {
                request.present(other);
                return Optional.empty();
            }
            if (action.inBackground()) {
                request.setState(ImageState.CHECKING);
            }
            return Optional.of(request);
        });
    }

    private static boolean needsLookup(ImageRequest request, EnsureImage action, Instant now) {
        return switch (request.state()) {
            case ImageState.Present present -> !isFresh(present, action);
            case ImageState.Failed failed -> !now.isBefore(failed.retryAt());
            case ImageState.Pulling _ -> false;
            case ImageState.Unknown _ -> true;
        };
    }

    private static boolean isFresh(ImageState.Present present, EnsureImage action) {
        return !present.checkedAt().isBefore(action.notBefore())
                && (action.policy() != ImagePullPolicy.Always || present.pulled());
    }

    /** Sets the state of a request whose image is not present. */
    void setState(ImageRequest request, ImageState state) {
        locked(() -> {
            request.setState(state);
            return true;
        });
    }

    /**
     * Marks the image of a request as present.
     *
     * @param shared whether all pods may use it
     */
    void markPresent(ImageRequest request, String reference, Image image, boolean shared, Instant now) {
        locked(() -> {
            ImageState.Present state = new ImageState.Present(image.id(), now, false);
            recordPresent(reference, image, shared, state);
            request.present(state);
            return true;
        });
    }

    /**
     * Records that an image is present.
     *
     * @param shared whether all pods may use it
     */
    void recordPresent(String reference, Image image, boolean shared, ImageState.Present state) {
        locked(() -> {
            if (shared) {
                foundImages.put(reference, state);
            } else {
                foundImages.remove(reference);
            }
            if (!image.repoDigests().isEmpty()) {
                digests.put(image.id(), image.repoDigests().getFirst());
            }
            return true;
        });
    }

    // --- pulls

    /** Joins a pull; returns the pull if the caller has to run it. */
    Optional<Pull> join(ImageRequest request, Pull.Key key, Instant now) {
        return locked(() -> {
            Pull running = pulls.get(key);
            Pull pull = running == null ? new Pull(key) : running;
            if (running == null) {
                pulls.put(key, pull);
            }
            pull.waiting().add(request);
            request.setState(new ImageState.Pulling(now));
            return running == null ? Optional.of(pull) : Optional.empty();
        });
    }

    /**
     * Makes the calling thread the one that runs a pull; returns false when no request waits for it
     * any more.
     */
    boolean start(Pull pull) {
        return locked(pull::start);
    }

    /** Marks a pull as started, after it waited for its turn. */
    void pullStarted(Pull pull, Instant now) {
        locked(() -> {
            pull.started(now);
            return true;
        });
    }

    /** Returns when a pull started. */
    Optional<Instant> startedAt(Pull pull) {
        return locked(pull::startedAt);
    }

    /** Applies the outcome of a pull to all waiting requests; returns their pods. */
    Set<PodName> finish(Pull pull, Consumer<ImageRequest> outcome) {
        return locked(() -> {
            Set<PodName> waiting = new TreeSet<>();
            pulls.remove(pull.key(), pull);
            for (ImageRequest request : pull.waiting()) {
                outcome.accept(request);
                waiting.add(request.pod().name());
            }
            pull.waiting().clear();
            return waiting;
        });
    }

    private <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }
}
