/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import io.jubelet.cri.AuthConfig;
import io.jubelet.cri.FilesystemUsage;
import io.jubelet.cri.Image;
import io.jubelet.cri.ImageFsInfoResponse;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.ImageStatusResponse;
import io.jubelet.cri.proto.Cri;

/** Images and their filesystems: records to wire messages and back. */
final class ImageMapping {
    private ImageMapping() {}

    static Cri.ImageSpec toWire(ImageSpec spec) {
        return Cri.ImageSpec.newBuilder()
                .setImage(spec.image())
                .putAllAnnotations(spec.annotations())
                .setUserSpecifiedImage(spec.userSpecifiedImage())
                .setRuntimeHandler(spec.runtimeHandler())
                .setImageRef(spec.imageRef())
                .build();
    }

    static ImageSpec fromWire(Cri.ImageSpec wire) {
        return new ImageSpec(
                wire.getImage(),
                wire.getAnnotationsMap(),
                wire.getUserSpecifiedImage(),
                wire.getRuntimeHandler(),
                wire.getImageRef());
    }

    static Image fromWire(Cri.Image wire) {
        return new Image(
                wire.getId(),
                wire.getRepoTagsList(),
                wire.getRepoDigestsList(),
                wire.getSize(),
                wire.hasUid() ? wire.getUid().getValue() : null,
                wire.getUsername(),
                wire.hasSpec() ? fromWire(wire.getSpec()) : null,
                wire.getPinned());
    }

    static ImageStatusResponse fromWire(Cri.ImageStatusResponse wire) {
        return new ImageStatusResponse(wire.hasImage() ? fromWire(wire.getImage()) : null, wire.getInfoMap());
    }

    static Cri.AuthConfig toWire(AuthConfig config) {
        return Cri.AuthConfig.newBuilder()
                .setUsername(config.username())
                .setPassword(config.password())
                .setAuth(config.auth())
                .setServerAddress(config.serverAddress())
                .setIdentityToken(config.identityToken())
                .setRegistryToken(config.registryToken())
                .build();
    }

    static FilesystemUsage fromWire(Cri.FilesystemUsage wire) {
        return new FilesystemUsage(
                ValueMapping.instant(wire.getTimestamp()),
                wire.hasFsId() ? fromWire(wire.getFsId()) : null,
                wire.hasUsedBytes() ? wire.getUsedBytes().getValue() : null,
                wire.hasInodesUsed() ? wire.getInodesUsed().getValue() : null);
    }

    static FilesystemUsage.FilesystemIdentifier fromWire(Cri.FilesystemIdentifier wire) {
        return new FilesystemUsage.FilesystemIdentifier(wire.getMountpoint());
    }

    static ImageFsInfoResponse fromWire(Cri.ImageFsInfoResponse wire) {
        return new ImageFsInfoResponse(
                ValueMapping.map(wire.getImageFilesystemsList(), ImageMapping::fromWire),
                ValueMapping.map(wire.getContainerFilesystemsList(), ImageMapping::fromWire));
    }
}
