/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import io.jubelet.cri.AuthConfig;
import io.jubelet.cri.FilesystemUsage;
import io.jubelet.cri.FilesystemUsage.FilesystemIdentifier;
import io.jubelet.cri.Image;
import io.jubelet.cri.ImageFsInfoResponse;
import io.jubelet.cri.ImageService;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.ImageStatusResponse;
import io.jubelet.cri.PodSandboxConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The image service of a simulated runtime. */
final class SimulatedImageService implements ImageService {
    private final SimulatedCalls calls;
    private final SimulatedImages images;

    SimulatedImageService(SimulatedCalls calls, SimulatedImages images) {
        this.calls = calls;
        this.images = images;
    }

    @Override
    public List<Image> listImages() {
        return calls.call("ListImages", "", images::all);
    }

    @Override
    public List<Image> listImages(ImageSpec image) {
        if (image.image().isEmpty()) {
            return listImages();
        }
        return calls.call("ListImages", image.image(), () -> {
            Image found = images.find(image);
            return found == null ? List.of() : List.of(found);
        });
    }

    @Override
    public void streamImages(Consumer<? super Image> each) {
        calls.call("StreamImages", "", images::all).forEach(each);
    }

    @Override
    public @Nullable Image imageStatus(ImageSpec image) {
        return calls.call("ImageStatus", image.image(), () -> images.find(image));
    }

    @Override
    public ImageStatusResponse imageStatusVerbose(ImageSpec image) {
        return new ImageStatusResponse(imageStatus(image), Map.of("info", "{}"));
    }

    @Override
    public String pullImage(ImageSpec image, @Nullable AuthConfig auth, @Nullable PodSandboxConfig sandboxConfig) {
        return calls.call("PullImage", image.image(), () -> {
            Duration time = images.pullTime(image);
            if (time.isPositive()) {
                calls.await("PullImage", image.image(), time, new CountDownLatch(1));
            }
            return images.pull(image, auth);
        });
    }

    @Override
    public void removeImage(ImageSpec image) {
        calls.run("RemoveImage", image.image(), () -> images.remove(image));
    }

    @Override
    public ImageFsInfoResponse imageFsInfo() {
        return calls.call("ImageFsInfo", "", () -> {
            long bytes = images.all().stream().mapToLong(Image::size).sum();
            FilesystemIdentifier where = new FilesystemIdentifier("/var/lib/simulated");
            FilesystemUsage usage = new FilesystemUsage(calls.clock.instant(), where, bytes, 0L);
            return new ImageFsInfoResponse(List.of(usage), List.of());
        });
    }
}
