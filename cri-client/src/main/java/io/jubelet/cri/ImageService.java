package io.jubelet.cri;

import java.util.List;
import java.util.function.Consumer;

/** Images of a CRI v1 runtime. Threads, nulls, deadlines and errors are as in {@link RuntimeService}. */
public interface ImageService {
    /** All images, in no order. */
    List<Image> listImages();

    /** The images which the specification names: none or one, or all when it is empty. */
    List<Image> listImages(ImageSpec image);

    /** As {@link #listImages()}, in several messages, for lists larger than one message may be. CRI 1.36. */
    void streamImages(Consumer<? super Image> each);

    /** The image, or null when the runtime does not have it. */
    Image imageStatus(ImageSpec image);

    /** The image with free text about it, which costs the runtime more. */
    ImageStatusResponse imageStatusVerbose(ImageSpec image);

    /**
     * Pulls an image, also when there is one of this name already. Idempotent. It has a deadline of its own, much longer
     * than that of other calls.
     *
     * @param auth null for none
     * @param sandboxConfig the sandbox it is pulled for; null for none
     * @return what the runtime calls the image: an id, or a reference by digest
     * @throws CriException.NotFound the registry has no such image; most runtimes report it as Failed
     */
    String pullImage(ImageSpec image, AuthConfig auth, PodSandboxConfig sandboxConfig);

    /** Removes an image. Idempotent, also when there is none. Running containers are not affected. */
    void removeImage(ImageSpec image);

    /** Usage of the filesystems which hold images. */
    ImageFsInfoResponse imageFsInfo();
}
