/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import io.jubelet.cri.AuthConfig;
import io.jubelet.cri.Image;
import io.jubelet.cri.ImageFsInfoResponse;
import io.jubelet.cri.ImageService;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.ImageStatusResponse;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.proto.Cri;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The image service over gRPC; each method makes one call. */
final class GrpcImageService implements ImageService {
    private final GrpcStub stub;
    private final CallTimeouts timeouts;

    GrpcImageService(GrpcStub stub, CallTimeouts timeouts) {
        this.stub = stub;
        this.timeouts = timeouts;
    }

    @Override
    public List<Image> listImages() {
        return list(Cri.ListImagesRequest.getDefaultInstance());
    }

    @Override
    public List<Image> listImages(ImageSpec image) {
        return list(Cri.ListImagesRequest.newBuilder()
                .setFilter(Cri.ImageFilter.newBuilder().setImage(ImageMapping.toWire(image)))
                .build());
    }

    private List<Image> list(Cri.ListImagesRequest request) {
        return stub.list("ListImages", request, Cri.Image.getDefaultInstance(), ImageMapping::fromWire);
    }

    @Override
    public void streamImages(Consumer<? super Image> each) {
        stub.forEach(
                "StreamImages",
                Cri.StreamImagesRequest.getDefaultInstance(),
                Cri.StreamImagesResponse.getDefaultInstance(),
                part -> ValueMapping.map(part.getImagesList(), ImageMapping::fromWire),
                each);
    }

    @Override
    public @Nullable Image imageStatus(ImageSpec image) {
        return imageStatus(image, false, answer -> answer.hasImage() ? ImageMapping.fromWire(answer.getImage()) : null);
    }

    @Override
    public ImageStatusResponse imageStatusVerbose(ImageSpec image) {
        return imageStatus(image, true, ImageMapping::fromWire);
    }

    private <R extends @Nullable Object> R imageStatus(
            ImageSpec image, boolean verbose, Function<Cri.ImageStatusResponse, R> fromWire) {
        var request = Cri.ImageStatusRequest.newBuilder()
                .setImage(ImageMapping.toWire(image))
                .setVerbose(verbose)
                .build();
        return stub.call("ImageStatus", request, Cri.ImageStatusResponse.getDefaultInstance(), fromWire);
    }

    @Override
    public String pullImage(ImageSpec image, @Nullable AuthConfig auth, @Nullable PodSandboxConfig sandboxConfig) {
        var request = Cri.PullImageRequest.newBuilder().setImage(ImageMapping.toWire(image));
        if (auth != null) {
            request.setAuth(ImageMapping.toWire(auth));
        }
        if (sandboxConfig != null) {
            request.setSandboxConfig(SandboxMapping.toWire(sandboxConfig));
        }
        return stub.call("PullImage", request.build(), Cri.PullImageResponse.getDefaultInstance(), timeouts.pullImage())
                .getImageRef();
    }

    @Override
    public void removeImage(ImageSpec image) {
        var request = Cri.RemoveImageRequest.newBuilder()
                .setImage(ImageMapping.toWire(image))
                .build();
        stub.call("RemoveImage", request, Cri.RemoveImageResponse.getDefaultInstance());
    }

    @Override
    public ImageFsInfoResponse imageFsInfo() {
        var request = Cri.ImageFsInfoRequest.getDefaultInstance();
        return stub.call("ImageFsInfo", request, Cri.ImageFsInfoResponse.getDefaultInstance(), ImageMapping::fromWire);
    }
}
