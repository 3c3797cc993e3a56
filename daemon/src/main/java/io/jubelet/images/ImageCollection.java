/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.images;

import io.jubelet.concurrent.Loop;
import io.jubelet.cri.Image;
import io.jubelet.cri.ImageService;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Runs the garbage collector of images again and again, and removes pull records of images that are gone. */
public final class ImageCollection {

    /** The period of the kubelet. */
    private static final Duration PERIOD = Duration.ofMinutes(5);

    /** The first collection waits until the pods have started. */
    private static final Duration DELAY = Duration.ofSeconds(20);

    private final Supplier<ImageGarbageCollector> collectors;
    private final ImageService images;
    private final PullRecords records;
    private final InstantSource clock;

    /** Made after the delay, so that its classes are not loaded while pods start. Used by the thread of the loop alone. */
    private @Nullable ImageGarbageCollector collector;

    /** @param collectors makes the collector, once */
    public ImageCollection(
            Supplier<ImageGarbageCollector> collectors, ImageService images, PullRecords records, InstantSource clock) {
        this.collectors = Objects.requireNonNull(collectors, "collectors");
        this.images = Objects.requireNonNull(images, "images");
        this.records = Objects.requireNonNull(records, "records");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /** Starts the loop, on a thread of its own. */
    public Loop start() {
        return Loop.start("image-gc", DELAY, PERIOD, this::collect);
    }

    private Duration collect() {
        if (collector == null) {
            collector = collectors.get();
            return DELAY;
        }
        collector.collect();
        if (!records.isEmpty()) {
            Instant asked = clock.instant();
            Set<String> present = new HashSet<>();
            for (Image image : images.listImages()) {
                present.add(image.id());
            }
            records.retainAll(present, asked);
        }
        return PERIOD;
    }

    /** The size of the disk of a directory, and how much of it is free. */
    public static ImageGarbageCollector.DiskSpace diskSpace(Path directory) throws IOException {
        FileStore store = Files.getFileStore(directory);
        return new ImageGarbageCollector.DiskSpace(store.getTotalSpace(), store.getUsableSpace());
    }
}
