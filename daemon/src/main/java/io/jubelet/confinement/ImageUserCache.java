/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.confinement;

import io.jubelet.cri.AuthConfig;
import io.jubelet.cri.Image;
import io.jubelet.cri.ImageFsInfoResponse;
import io.jubelet.cri.ImageService;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.ImageStatusResponse;
import io.jubelet.cri.PodSandboxConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The image service of the runtime with a cache of the users of images, because the start of each
 * container would otherwise cost a call. The id of an image identifies its content, so entries
 * never become stale.
 *
 * <p>Safe for use by many threads.
 */
public final class ImageUserCache implements ImageService {

    private static final int CAPACITY = 256;

    private final ImageService images;
    private final ReentrantLock lock = new ReentrantLock();

    /** By image id, the one that was queried last at the end. Guarded by the lock. */
    private final LinkedHashMap<String, ContainerUser> users = new LinkedHashMap<>();

    public ImageUserCache(ImageService images) {
        this.images = Objects.requireNonNull(images, "images");
    }

    /**
     * The user of an image; empty if the image no longer exists. Calls the runtime if the user is
     * not cached.
     */
    Optional<ContainerUser> of(String id) {
        lock.lock();
        try {
            ContainerUser known = users.get(id);
            if (known != null) {
                return Optional.of(known);
            }
        } finally {
            lock.unlock();
        }
        return Optional.ofNullable(imageStatus(ImageSpec.of(id))).map(ContainerUser::of);
    }

    private void note(@Nullable Image image) {
        if (image == null) {
            return;
        }
        lock.lock();
        try {
            users.putLast(image.id(), ContainerUser.of(image));
            if (users.size() > CAPACITY) {
                users.pollFirstEntry();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public @Nullable Image imageStatus(ImageSpec image) {
        Image found = images.imageStatus(image);
        note(found);
        return found;
    }

    @Override
    public List<Image> listImages() {
        return images.listImages();
    }

    @Override
    public List<Image> listImages(ImageSpec image) {
        return images.listImages(image);
    }

    @Override
    public void streamImages(Consumer<? super Image> each) {
        images.streamImages(each);
    }

    @Override
    public ImageStatusResponse imageStatusVerbose(ImageSpec image) {
        return images.imageStatusVerbose(image);
    }

    @Override
    public String pullImage(ImageSpec image, @Nullable AuthConfig auth, @Nullable PodSandboxConfig sandboxConfig) {
        return images.pullImage(image, auth, sandboxConfig);
    }

    @Override
    public void removeImage(ImageSpec image) {
        images.removeImage(image);
    }

    @Override
    public ImageFsInfoResponse imageFsInfo() {
        return images.imageFsInfo();
    }
}
