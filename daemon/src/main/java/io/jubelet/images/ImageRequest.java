/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
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

/**
 * The request of a version of a pod for an image, and its state. Guarded by the lock of {@link
 * ImageTracker}.
 */
final class ImageRequest {

    /** The kubelet's. */
    static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(10), Duration.ofSeconds(300));

    private final Pod pod;
    private final RequiredImage required;
    private ImageState state = new ImageState.Unknown();
    private int failures;
    /** The Secrets of the last failed pull. */
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

    /**
     * Returns the state; resets it to unknown when a pull failed and the pod's Secrets have changed
     * since.
     */
    ImageState state(Supplier<LocalConfig> config) {
        if (failures > 0
                && state instanceof ImageState.Failed
                && !pod.spec().podContainers().imagePullSecrets().isEmpty()
                && !ImagePullSecrets.of(pod, config.get()).equals(triedSecrets)) {
            state = new ImageState.Unknown();
        }
        return state;
    }

    /** Sets a state that is not the result of a pull. */
    void setState(ImageState found) {
        state = found;
    }

    /** The image is present. */
    void present(ImageState.Present found) {
        failures = 0;
        state = found;
    }

    /**
     * A pull has failed. The first failure shows its own reason; the delay doubles with each
     * failure, as in the kubelet.
     *
     * @param secrets the Secrets of the pull
     * @param now the time of the failure
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
