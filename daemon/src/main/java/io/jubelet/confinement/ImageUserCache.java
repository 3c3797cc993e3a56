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

/**
 * The image service of the runtime, which remembers of the images that pass by who their containers run as: to know it at
 * each start would else cost a call. An image's id stands for its content, so what is remembered stays true. Safe for use
 * by many threads.
 */
public final class ImageUserCache implements ImageService {

    private static final int MOST = 256;

    private final ImageService images;
    private final ReentrantLock lock = new ReentrantLock();

    /** Guarded by the lock; the one that passed by last comes last. */
    private final LinkedHashMap<String, ContainerUser> users = new LinkedHashMap<>();

    public ImageUserCache(ImageService images) {
        this.images = Objects.requireNonNull(images, "images");
    }

    /** Whom an image names; empty when there is no such image any more. May ask the runtime. */
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

    private void note(Image image) {
        if (image == null) {
            return;
        }
        lock.lock();
        try {
            users.putLast(image.id(), ContainerUser.of(image));
            if (users.size() > MOST) {
                users.pollFirstEntry();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Image imageStatus(ImageSpec image) {
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
    public String pullImage(ImageSpec image, AuthConfig auth, PodSandboxConfig sandboxConfig) {
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
