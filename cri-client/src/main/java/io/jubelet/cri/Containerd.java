/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The services of containerd beyond the CRI, on the same socket and in the namespace of its CRI
 * service. Threads, deadlines and errors are those of {@link RuntimeService}; with another runtime,
 * all methods throw {@link CriException.Unimplemented}.
 */
public interface Containerd {

    /**
     * A blob that containerd is downloading.
     *
     * @param digest the expected digest; empty if unknown
     * @param done the number of bytes downloaded
     * @param total the size in bytes; 0 if unknown
     */
    record Download(String digest, long done, long total) {
        public Download {
            Objects.requireNonNull(digest, "digest");
        }
    }

    /**
     * A blob in the content store: a manifest, a layer or an image configuration.
     *
     * @param size in bytes
     * @param labels the labels that containerd has set on it
     */
    record Blob(String digest, long size, Map<String, String> labels) {
        public Blob {
            Objects.requireNonNull(digest, "digest");
            labels = Map.copyOf(labels);
        }
    }

    /** Returns the downloads in progress, in no particular order. */
    List<Download> downloads();

    /**
     * Returns the blobs that have a label.
     *
     * @param label the key of the label
     * @throws CriException.Rejected if they have tens of thousands of labels
     */
    List<Blob> blobs(String label);

    /**
     * Reads the beginning of a blob.
     *
     * @param maxBytes the maximum number of bytes
     * @throws CriException.NotFound if there is no such blob
     */
    byte[] readContent(String digest, int maxBytes);

    /**
     * Returns the names of the images of all containers, with those of sandboxes and those that
     * other clients created. A name can occur more than once.
     */
    List<String> containerImages();
}
