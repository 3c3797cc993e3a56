package io.jubelet.plan;

import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.plan.ImageStates.Wish;
import io.jubelet.plan.PodAction.EnsureImage;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ContainerState.Waiting;
import io.jubelet.pod.ImagePullPolicy;
import io.jubelet.pod.Pod;
import io.jubelet.pod.WaitingCause;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Plans what containers need of images. Made for one planning, used by one thread; pure. */
final class ImagePlanner {

    private final PlannerInput situation;
    private final Pod pod;
    private final PlanBuilder draft;

    /** Whether the pod has more to do first, which takes longer than to look for an image. */
    private boolean meanwhile;

    ImagePlanner(PlannerInput situation, Pod pod, PlanBuilder draft) {
        this.situation = situation;
        this.pod = pod;
        this.draft = draft;
    }

    /** From now on, images are for later, and are looked for beside what is planned next. */
    void forLater() {
        meanwhile = true;
    }

    /**
     * What the runtime calls the images that a container starts from and mounts.
     *
     * @param mounted by what the manifest calls them
     */
    record Ids(String own, Map<String, String> mounted) {}

    /**
     * The images of a container if it may start from its own and all that it mounts are there; else plans what is needed and
     * tells why it waits.
     *
     * @param previous the instance before, if there was one
     */
    Optional<Ids> ids(ContainerSpec container, Optional<ObservedContainer> previous) {
        Optional<String> own = id(container, ImageStates.wish(pod, container), "needs", previous);
        Map<String, String> mounted = Map.of();
        boolean complete = own.isPresent();
        for (Wish wish : ImageStates.mounted(pod, container)) {
            mounted = mounted.isEmpty() ? new HashMap<>() : mounted;
            Optional<String> id = id(container, wish, "mounts", previous);
            if (id.isPresent()) {
                mounted.put(wish.image(), id.get());
            }
            complete &= id.isPresent();
        }
        return complete ? Optional.of(new Ids(own.get(), mounted)) : Optional.empty();
    }

    private Optional<String> id(ContainerSpec container, Wish wish, String verb, Optional<ObservedContainer> previous) {
        Instant notBefore = notBefore(previous);
        return switch (situation.images().of(wish)) {
            case ImageState.Present present when fresh(present, wish.policy(), notBefore) -> Optional.of(present.id());
            case ImageState.Present _, ImageState.Unknown _ -> ensure(container, wish, verb, notBefore);
            case ImageState.Pulling _ -> {
                if (!failed(container)) { // which is told
                    draft.waits(
                            container,
                            new Waiting(
                                    new WaitingCause.Pulling(wish.image()),
                                    "ContainerCreating",
                                    "pulling image " + wish.image()));
                }
                yield Optional.empty();
            }
            case ImageState.Failed failed
            when situation.now().isBefore(failed.retryAt()) -> {
                draft.waits(
                        container, new Waiting(failed.reason(), failed.reason().name(), failed.message()));
                draft.lookAgain(failed.retryAt());
                yield Optional.empty();
            }
            case ImageState.Failed _ -> ensure(container, wish, verb, notBefore);
        };
    }

    /** Whether an image of a container cannot be had for now. */
    boolean failed(ContainerSpec container) {
        return any(container, ImageState.Failed.class);
    }

    /** Whether an image of a container is being pulled. */
    boolean pulling(ContainerSpec container) {
        return any(container, ImageState.Pulling.class);
    }

    private boolean any(ContainerSpec container, Class<? extends ImageState> state) {
        return state.isInstance(situation.images().of(pod, container))
                || ImageStates.mounted(pod, container).stream()
                        .anyMatch(wish -> state.isInstance(situation.images().of(wish)));
    }

    /** A start needs an image looked up after the need arose: whoever ran before may have been removed since. */
    private Instant notBefore(Optional<ObservedContainer> previous) {
        Instant accepted = plausible(situation.acceptedAt());
        if (previous.isPresent() && previous.get().state() instanceof State.Exited exited) {
            Instant finished = plausible(exited.finishedAt());
            return finished.isAfter(accepted) ? finished : accepted;
        }
        return accepted;
    }

    /** A moment that lies in the future tells only that the clock was set back, and nothing may wait for it. */
    private Instant plausible(Instant moment) {
        return moment.isAfter(situation.now()) ? Instant.MIN : moment;
    }

    private static boolean fresh(ImageState.Present present, ImagePullPolicy policy, Instant notBefore) {
        boolean recent = !present.checkedAt().isBefore(notBefore);
        return switch (policy) {
            case Always -> recent && present.pulled();
            case IfNotPresent, Never -> recent;
        };
    }

    private Optional<String> ensure(ContainerSpec container, Wish wish, String verb, Instant notBefore) {
        boolean planned = draft.actions().stream()
                .anyMatch(a -> a instanceof EnsureImage other
                        && other.image().equals(wish.image())
                        && other.policy() == wish.policy());
        if (!planned) {
            draft.add(new EnsureImage(
                    pod,
                    wish.image(),
                    wish.policy(),
                    notBefore,
                    meanwhile,
                    "container " + container.name() + " " + verb + " it"));
        }
        return Optional.empty();
    }
}
