package io.jubelet.cri;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What containerd tells on the socket of its CRI service beyond the CRI, in the namespace where that keeps its images. Threads,
 * deadlines and errors are as in {@link RuntimeService}; another runtime answers {@link CriException.Unimplemented}.
 */
public interface Containerd {

    /**
     * Something that is being downloaded.
     *
     * @param digest what it will be; empty when that is not known
     * @param done bytes that are there
     * @param total bytes there will be; zero when that is not known
     */
    record Download(String digest, long done, long total) {
        public Download {
            Objects.requireNonNull(digest, "digest");
        }
    }

    /**
     * Something that is there: a manifest, a layer, a configuration.
     *
     * @param size bytes
     * @param labels what containerd noted about it
     */
    record Blob(String digest, long size, Map<String, String> labels) {
        public Blob {
            Objects.requireNonNull(digest, "digest");
            labels = Map.copyOf(labels);
        }
    }

    /** All downloads of this moment, in no order. */
    List<Download> downloads();

    /**
     * What is there that has a label.
     *
     * @param label its key
     */
    List<Blob> blobs(String label);

    /**
     * The beginning of something that is there.
     *
     * @param maxBytes so many bytes at most
     * @throws CriException.NotFound it is not there, or not any more
     */
    byte[] readContent(String digest, int maxBytes);

    /** The images, by name, of all containers: also of sandboxes, and of those that other clients made. May repeat. */
    List<String> containerImages();
}
