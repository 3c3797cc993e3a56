/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The image service of a CRI v1 runtime. Threads, nulls, deadlines and errors are those of
 * {@link RuntimeService}.
 */
public interface ImageService {
    /** Returns all images, in no particular order. */
    List<Image> listImages();

    /**
     * Returns the image that the specification names, if it exists; all images if the specification
     * is empty.
     */
    List<Image> listImages(ImageSpec image);

    /**
     * Like {@link #listImages()}, in several messages, for lists that exceed the size of one. Since
     * CRI 1.36.
     */
    void streamImages(Consumer<? super Image> each);

    /** Returns the image, or null if the runtime does not have it. */
    @Nullable
    Image imageStatus(ImageSpec image);

    /** Returns the image with diagnostic text, which is more expensive for the runtime. */
    ImageStatusResponse imageStatusVerbose(ImageSpec image);

    /**
     * Pulls an image, even if the runtime has one with this name. Idempotent. Its deadline is much
     * longer than that of other calls.
     *
     * @param auth null for an anonymous pull
     * @param sandboxConfig the sandbox for which the image is pulled; null for none
     * @return the image as the runtime names it: an id, or a reference with a digest
     * @throws CriException.NotFound if the registry has no such image; most runtimes report this as
     *     Failed
     */
    String pullImage(ImageSpec image, @Nullable AuthConfig auth, @Nullable PodSandboxConfig sandboxConfig);

    /**
     * Removes an image. Idempotent: does nothing if it does not exist. Running containers are not
     * affected.
     */
    void removeImage(ImageSpec image);

    /** Returns the usage of the filesystems of images. */
    ImageFsInfoResponse imageFsInfo();
}
