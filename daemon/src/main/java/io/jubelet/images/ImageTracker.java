package io.jubelet.images;

import io.jubelet.cri.Image;
import io.jubelet.plan.ImageState;
import io.jubelet.plan.ImageStates;
import io.jubelet.plan.ImageStates.Wish;
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
 * What is known of images, who wants them, and which are pulled.
 *
 * <p>Safe for use by many threads: one lock guards everything, wants and pulls included, and nothing is called under it that
 * blocks.
 */
final class ImageTracker {

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<PodName, Map<Wish, ImageRequest>> wants = new HashMap<>();
    private final Map<Pull.Key, Pull> pulls = new HashMap<>();
    /** What was found last of images, by complete reference: for pods that ask at the same moment. */
    private final BoundedCache<String, ImageState.Present> found = new BoundedCache<>();
    /** What the runtime calls images in the status of containers, by id. */
    private final BoundedCache<String, String> digests = new BoundedCache<>();

    /** What is known of the images of some versions; what is known of other versions of the pod is forgotten. */
    ImageStates states(PodName name, List<Pod> versions, Supplier<LocalConfig> config) {
        return locked(() -> {
            Map<Wish, ImageRequest> known = wants.getOrDefault(name, Map.of());
            ImageStates states = ImageStates.of(versions, (_, wish) -> {
                ImageRequest want = known.get(wish);
                return want == null ? new ImageState.Unknown() : want.state(config);
            });
            if (!known.isEmpty()) {
                known.values().removeIf(want -> !states.states().containsKey(want.wish()) && leaves(want));
                wants.remove(name, Map.of());
            }
            return states;
        });
    }

    /** It waits for no pull any more; true. */
    private boolean leaves(ImageRequest want) {
        pulls.values().removeIf(pull -> {
            boolean last = pull.waiting().remove(want) && pull.waiting().isEmpty();
            if (last) {
                pull.abandon();
            }
            return last;
        });
        return true;
    }

    /** What the runtime calls an image in the status of a container; its id when that is not known. */
    String digest(String id) {
        return locked(() -> Optional.ofNullable(digests.get(id)).orElse(id));
    }

    /** Nothing is known of an image any more; {@code reference} is its complete name, if it has one. */
    void doubt(String image, Optional<String> reference) {
        locked(() -> {
            reference.ifPresent(found::remove);
            for (Map<Wish, ImageRequest> ofPod : wants.values()) {
                for (ImageRequest want : ofPod.values()) {
                    if (want.wish().image().equals(image) && want.state() instanceof ImageState.Present) {
                        want.is(new ImageState.Unknown());
                    }
                }
            }
            return true;
        });
    }

    /** The pulls that a pod waits for. */
    List<PullProgress> pulls(PodName name) {
        return locked(() -> {
            List<PullProgress> waiting = new ArrayList<>();
            for (Pull pull : pulls.values()) {
                for (ImageRequest want : pull.waiting()) {
                    if (want.pod().name().equals(name) && want.state() instanceof ImageState.Pulling pulling) {
                        waiting.add(new PullProgress(want.wish().image(), pulling.since(), pull.begun(), 0, 0));
                    }
                }
            }
            return waiting;
        });
    }

    // --- wants

    /**
     * Somebody wants an image.
     *
     * @param reference its complete name, if it has one
     * @return the want, when something has to be done for it
     */
    Optional<ImageRequest> wanted(EnsureImage wanted, Optional<String> reference, Instant now) {
        return locked(() -> {
            Wish wish = new Wish(wanted.pod().uid(), wanted.image(), wanted.policy());
            ImageRequest want = wants.computeIfAbsent(wanted.pod().name(), _ -> new HashMap<>())
                    .computeIfAbsent(wish, _ -> new ImageRequest(wanted.pod(), wish));
            if (!asks(want, wanted, now)) {
                return Optional.empty();
            }
            // A pull of others counts for those who only have to look: with Always, each shows its own credentials.
            ImageState.Present other = reference.map(found::get).orElse(null);
            if (other != null && wanted.policy() != ImagePullPolicy.Always && fresh(other, wanted)) {
                want.present(other);
                return Optional.empty();
            }
            if (wanted.meanwhile()) {
                want.is(ImageState.LOOKING);
            }
            return Optional.of(want);
        });
    }

    private static boolean asks(ImageRequest want, EnsureImage wanted, Instant now) {
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

    /** Something was learnt of an image that is not there. */
    void is(ImageRequest want, ImageState state) {
        locked(() -> {
            want.is(state);
            return true;
        });
    }

    /**
     * The image is there.
     *
     * @param shared whether everybody may have it
     */
    void found(ImageRequest want, String reference, Image image, boolean shared, Instant now) {
        locked(() -> {
            ImageState.Present state = new ImageState.Present(image.id(), now, false);
            note(reference, image, shared, state);
            want.present(state);
            return true;
        });
    }

    /** An image is there since a pull; {@code shared} says whether everybody may have it. */
    void note(String reference, Image image, boolean shared, ImageState.Present state) {
        locked(() -> {
            if (shared) {
                found.put(reference, state);
            } else {
                found.remove(reference);
            }
            if (!image.repoDigests().isEmpty()) {
                digests.put(image.id(), image.repoDigests().getFirst());
            }
            return true;
        });
    }

    // --- pulls

    /** Waits for a pull; it is returned when it is for the caller to run. */
    Optional<Pull> join(ImageRequest want, Pull.Key key, Instant now) {
        return locked(() -> {
            Pull pull = pulls.get(key);
            boolean first = pull == null;
            if (first) {
                pull = new Pull(key);
                pulls.put(key, pull);
            }
            pull.waiting().add(want);
            want.is(new ImageState.Pulling(now));
            return first ? Optional.of(pull) : Optional.empty();
        });
    }

    /** The calling thread runs a pull from now on; false when nobody waits for it any more. */
    boolean entered(Pull pull) {
        return locked(pull::entered);
    }

    /** It is the pull's turn. */
    void begins(Pull pull, Instant now) {
        locked(() -> {
            pull.begins(now);
            return true;
        });
    }

    /** When its turn came. */
    Optional<Instant> begun(Pull pull) {
        return locked(pull::begun);
    }

    /** A pull has ended so for each who waited; returns who did. */
    Set<PodName> ended(Pull pull, Consumer<ImageRequest> outcome) {
        return locked(() -> {
            Set<PodName> waiting = new TreeSet<>();
            pulls.remove(pull.key(), pull);
            for (ImageRequest want : pull.waiting()) {
                outcome.accept(want);
                waiting.add(want.pod().name());
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
