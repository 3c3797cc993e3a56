package io.jubelet.reconcile;

import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ContainerState.Waiting;
import io.jubelet.pod.ImagePullPolicy;
import io.jubelet.pod.Pod;
import io.jubelet.reconcile.PodAction.EnsureImage;
import java.time.Instant;
import java.util.Optional;

/** Plans what containers need of images. Made for one planning, used by one thread; pure. */
final class ImagePlanner {

    private final Situation situation;
    private final Pod pod;
    private final Draft draft;

    /** Whether the pod has more to do first, which takes longer than to look for an image. */
    private boolean meanwhile;

    ImagePlanner(Situation situation, Pod pod, Draft draft) {
        this.situation = situation;
        this.pod = pod;
        this.draft = draft;
    }

    /** From now on, images are for later, and are looked for beside what is planned next. */
    void forLater() {
        meanwhile = true;
    }

    /**
     * The image's id if a container may start from it; else plans what is needed and tells why it waits.
     *
     * @param previous the instance before, if there was one
     */
    Optional<String> imageId(ContainerSpec container, Optional<ObservedContainer> previous) {
        Instant notBefore = notBefore(previous);
        return switch (situation.images().of(pod, container)) {
            case ImageState.Present present
            when fresh(present, container.imagePullPolicy(), notBefore) -> Optional.of(present.id());
            case ImageState.Present _, ImageState.Unknown _ -> ensure(container, notBefore);
            case ImageState.Pulling _ -> {
                draft.waits(container, new Waiting("ContainerCreating", "pulling image " + container.image()));
                yield Optional.empty();
            }
            case ImageState.Failed failed
            when situation.now().isBefore(failed.retryAt()) -> {
                draft.waits(container, new Waiting(failed.reason(), failed.message()));
                draft.lookAgain(failed.retryAt());
                yield Optional.empty();
            }
            case ImageState.Failed _ -> ensure(container, notBefore);
        };
    }

    /** Whether the image of a container cannot be had for now. */
    boolean failed(ContainerSpec container) {
        return situation.images().of(pod, container) instanceof ImageState.Failed;
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

    private Optional<String> ensure(ContainerSpec container, Instant notBefore) {
        boolean planned = draft.actions().stream()
                .anyMatch(a -> a instanceof EnsureImage other
                        && other.image().equals(container.image())
                        && other.policy() == container.imagePullPolicy());
        if (!planned) {
            draft.add(new EnsureImage(
                    pod,
                    container.image(),
                    container.imagePullPolicy(),
                    notBefore,
                    meanwhile,
                    "container " + container.name() + " needs it"));
        }
        return Optional.empty();
    }
}
