package io.jubelet.cri;

import java.util.List;

/**
 * Usage of the filesystems which hold images and writable layers.
 *
 * @param containerFilesystems empty when the same as those of images
 */
public record ImageFsInfoResponse(List<FilesystemUsage> imageFilesystems, List<FilesystemUsage> containerFilesystems) {
    public ImageFsInfoResponse {
        imageFilesystems = List.copyOf(imageFilesystems);
        containerFilesystems = List.copyOf(containerFilesystems);
    }
}
