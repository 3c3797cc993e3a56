/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cluster;

import io.jubelet.concurrent.Loop;
import io.jubelet.cri.CriException;
import io.jubelet.cri.FilesystemUsage;
import io.jubelet.cri.Image;
import io.jubelet.cri.ImageService;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The images that the Node's status lists, and the disk that they are on. They are refreshed
 * rarely, not during the start, and on a separate thread, so that a runtime that hangs does not
 * delay a report. Safe for use by many threads.
 *
 * <p>Source: {@code nodeStatusMaxImages} of KubeletConfiguration; order and names as in the
 * kubelet.
 */
public final class NodeImages implements AutoCloseable {

    /**
     * As in the kubelet, whose list is at most half a minute old with a report every ten seconds.
     */
    private static final int REPORTS_PER_REFRESH = 3;

    /** As in the kubelet. */
    private static final int MAX_NAMES = 5;

    private static final Comparator<Image> LARGEST_FIRST =
            Comparator.comparingLong(Image::size).thenComparing(Image::id).reversed();

    private final ImageService runtime;
    private final int maxImages;
    private final Duration reportInterval;
    private final Loop loop;
    private volatile List<NodeReport.Image> images = List.of();
    private volatile Optional<Path> directory = Optional.empty();
    /** Touched by the loop alone. */
    private boolean started;

    /**
     * @param maxImages the maximum number of images; -1 for all
     * @param reportInterval how often the node is reported
     */
    public NodeImages(ImageService runtime, int maxImages, Duration reportInterval) {
        this.runtime = runtime;
        this.maxImages = maxImages;
        this.reportInterval = reportInterval;
        this.loop = Loop.unstarted("node-images", reportInterval, reportInterval, this::turn);
    }

    /** Starts the loop; the first refresh follows after one interval. */
    public void start() {
        loop.begin();
    }

    /**
     * Returns the images, the largest first; the last known ones while the runtime is unavailable.
     */
    public List<NodeReport.Image> all() {
        return images;
    }

    /** Returns a directory of the runtime on the disk of the images; empty while it is unknown. */
    public Optional<Path> directory() {
        return directory;
    }

    private Duration turn() {
        if (!started) {
            started = true;
            return reportInterval;
        }
        return refresh();
    }

    /** Refreshes the images once, on the calling thread; returns when to do so again. */
    public Duration refresh() {
        try {
            if (directory.isEmpty()) {
                directory = runtime.imageFsInfo().imageFilesystems().stream()
                        .findFirst()
                        .map(FilesystemUsage::fsId)
                        .map(filesystem -> Path.of(filesystem.mountpoint()));
            }
            if (maxImages != 0) {
                images = report(runtime.listImages(), maxImages);
            }
            return reportInterval.multipliedBy(REPORTS_PER_REFRESH);
        } catch (CriException.Cancelled e) {
            throw e;
        } catch (CriException _) {
            // The runtime's status reports the failure. A runtime that returns may store images
            // elsewhere.
            directory = Optional.empty();
            return reportInterval;
        }
    }

    /** Returns what the status lists of all images of the runtime. */
    static List<NodeReport.Image> report(List<Image> all, int maxImages) {
        return all.stream()
                .sorted(LARGEST_FIRST)
                .limit(maxImages < 0 ? all.size() : maxImages)
                .map(image -> new NodeReport.Image(names(image), image.size()))
                .toList();
    }

    private static List<String> names(Image image) {
        List<String> names = new ArrayList<>(image.repoDigests());
        names.addAll(image.repoTags());
        return names.subList(0, Math.min(MAX_NAMES, names.size()));
    }

    @Override
    public void close() {
        loop.close();
    }
}
