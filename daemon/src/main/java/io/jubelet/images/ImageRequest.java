package io.jubelet.images;

import io.jubelet.concurrent.Backoff;
import io.jubelet.credentials.ImagePullSecrets;
import io.jubelet.plan.ImageState;
import io.jubelet.plan.ImageStates.RequiredImage;
import io.jubelet.pod.ImageError;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;

/** What became so far of the wish of a version of a pod. Guarded by the lock of its {@link ImagePuller}. */
final class ImageRequest {

    /** The kubelet's. */
    static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(10), Duration.ofSeconds(300));

    private final Pod pod;
    private final RequiredImage required;
    private ImageState state = new ImageState.Unknown();
    private int failures;
    /** With which Secrets a pull failed last. */
    private ImagePullSecrets triedSecrets = ImagePullSecrets.NONE;

    ImageRequest(Pod pod, RequiredImage required) {
        this.pod = pod;
        this.required = required;
    }

    Pod pod() {
        return pod;
    }

    RequiredImage required() {
        return required;
    }

    ImageState state() {
        return state;
    }

    /** As it is known; unknown when a pull has failed with other Secrets than the pod has by now, and is worth another try. */
    ImageState state(Supplier<LocalConfig> config) {
        if (failures > 0
                && state instanceof ImageState.Failed
                && !pod.spec().podContainers().imagePullSecrets().isEmpty()
                && !ImagePullSecrets.of(pod, config.get()).equals(triedSecrets)) {
            state = new ImageState.Unknown();
        }
        return state;
    }

    /** Something was learnt that says nothing of pulls. */
    void setState(ImageState found) {
        state = found;
    }

    /** The image is there. */
    void present(ImageState.Present found) {
        failures = 0;
        state = found;
    }

    /**
     * A pull has failed. The first failure is told as it is; the wait doubles with each, as the kubelet's does.
     *
     * @param secrets of the pod, with which it did
     * @param now when it did
     */
    void failed(PullFailure failure, ImagePullSecrets secrets, Instant now) {
        failures++;
        triedSecrets = secrets;
        Instant retryAt = now.plus(BACKOFF.delay(failures));
        state = failures == 1
                ? new ImageState.Failed(failure.reason(), failure.message(), retryAt)
                : new ImageState.Failed(
                        ImageError.ImagePullBackOff,
                        "Back-off pulling image \"" + required.image() + "\": " + failure.reason() + ": "
                                + failure.message(),
                        retryAt);
    }
}
