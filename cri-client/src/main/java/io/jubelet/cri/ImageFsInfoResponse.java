/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.List;

/**
 * The usage of the filesystems of images and of writable layers.
 *
 * @param containerFilesystems empty if they are those of the images
 */
public record ImageFsInfoResponse(List<FilesystemUsage> imageFilesystems, List<FilesystemUsage> containerFilesystems) {
    public ImageFsInfoResponse {
        imageFilesystems = List.copyOf(imageFilesystems);
        containerFilesystems = List.copyOf(containerFilesystems);
    }
}
