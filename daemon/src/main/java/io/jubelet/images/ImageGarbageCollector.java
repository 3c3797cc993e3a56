/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.images;

import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.Containerd;
import io.jubelet.cri.CriException;
import io.jubelet.cri.FilesystemUsage;
import io.jubelet.cri.Image;
import io.jubelet.cri.ImageService;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.RuntimeService;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes unused images that are too old, or when the disk is too full.
 *
 * <p>Source: the kubelet's image garbage collection, with its thresholds and order. It keeps
 * more images: those that any manifest names, and those that any container of the runtime uses,
 * even if other clients created it. Confined to the thread of its loop. Ages are counted anew after
 * a restart, as in the kubelet.
 */
public final class ImageGarbageCollector {

    private static final Logger LOG = LoggerFactory.getLogger(ImageGarbageCollector.class);

    /** The sandbox image in the status of containerd; newer versions pin that image. */
    private static final Pattern SANDBOX_IMAGE = Pattern.compile("\"sandbox(?:Image|_image)\"\\s*:\\s*\"([^\"]+)\"");

    /**
     * When images are removed.
     *
     * @param highPercent the disk usage that starts a collection; 100 for never
     * @param lowPercent the disk usage down to which images are removed
     * @param minimumAge how long an image stays after it was first seen
     * @param maximumAge how long an image stays after it was last used; zero for ever
     */
    public record Policy(int highPercent, int lowPercent, Duration minimumAge, Duration maximumAge) {

        /** Returns whether a collection can ever remove an image. */
        public boolean active() {
            return highPercent < 100 || maximumAge.isPositive();
        }
    }

    /** The size of a disk in bytes. */
    public record DiskSpace(long capacity, long available) {}

    /** Reads the size of the disk of a directory. */
    @FunctionalInterface
    public interface DiskSpaceReader {
        DiskSpace read(Path directory) throws IOException;
    }

    /** Records a warning event of the node. */
    @FunctionalInterface
    public interface WarningRecorder {
        void warning(String reason, String message);
    }

    /** The history of an image. */
    private record ImageRecord(Instant firstSeen, Instant lastUsed) {}

    /** An unused image. */
    private record Candidate(Image image, ImageRecord past) {}

    private final ImageService images;
    private final RuntimeService runtime;
    private final Optional<Containerd> containerd;
    private final Supplier<Set<String>> wanted;
    private final Policy policy;
    private final DiskSpaceReader disk;
    private final WarningRecorder events;
    private final InstantSource clock;
    private final Instant startedAt;
    private final Map<String, ImageRecord> records = new HashMap<>();
    private boolean listedBefore;
    private boolean failedBefore;

    /**
     * @param containerd for the containers of other clients; empty when the runtime is not
     *     containerd
     * @param wanted the image references of all manifests, whose images stay
     */
    public ImageGarbageCollector(
            ImageService images,
            RuntimeService runtime,
            Optional<Containerd> containerd,
            Supplier<Set<String>> wanted,
            Policy policy,
            DiskSpaceReader disk,
            WarningRecorder events,
            InstantSource clock) {
        this.images = Objects.requireNonNull(images, "images");
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.containerd = Objects.requireNonNull(containerd, "containerd");
        this.wanted = Objects.requireNonNull(wanted, "wanted");
        this.policy = Objects.requireNonNull(policy, "policy");
        this.disk = Objects.requireNonNull(disk, "disk");
        this.events = Objects.requireNonNull(events, "events");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.startedAt = clock.instant();
    }

    /** Collects once. A failure is logged; the second in a row is also recorded as an event. */
    public void collect() {
        try {
            pass();
            failedBefore = false;
        } catch (CriException.Cancelled e) {
            throw e;
        } catch (CriException | IOException e) {
            failed(String.valueOf(e.getMessage()));
        }
    }

    private void failed(String message) {
        LOG.warn("image garbage collection failed: {}", message);
        if (failedBefore) {
            events.warning("ImageGCFailed", message);
        }
        failedBefore = true;
    }

    private void pass() throws IOException {
        Instant now = clock.instant();
        List<Candidate> unused = unused(now);
        unused = removeOld(unused, now);
        if (policy.highPercent() == 100) {
            return;
        }
        Path imageDirectory = imageDirectory();
        DiskSpace space = disk.read(imageDirectory);
        if (space.capacity() == 0) {
            String message = "invalid capacity 0 on image filesystem";
            events.warning("InvalidDiskCapacity", message);
            throw new IOException(message);
        }
        long available = Math.min(space.available(), space.capacity());
        long usage = 100 - available * 100 / space.capacity();
        if (usage >= policy.highPercent()) {
            long need = space.capacity() * (100 - policy.lowPercent()) / 100 - available;
            LOG.info(
                    "the disk of {} is {} % full: removing unused images to free {} bytes",
                    imageDirectory, usage, need);
            freeSpace(unused, need, now);
        }
    }

    /** Returns the directory where the runtime stores images. */
    private Path imageDirectory() throws IOException {
        return images.imageFsInfo().imageFilesystems().stream()
                .map(FilesystemUsage::fsId)
                .filter(Objects::nonNull)
                .map(id -> Path.of(id.mountpoint()))
                .findFirst()
                .orElseThrow(() -> new IOException("the runtime does not report where it stores images"));
    }

    // --- unused images

    /** Returns the unused images, the least recently used first. */
    private List<Candidate> unused(Instant now) {
        List<Image> all = images.listImages();
        Set<String> used = inUse();
        Instant firstSeen = listedBefore ? now : Instant.EPOCH; // images from before the start may be old
        listedBefore = true;
        List<Candidate> unused = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (Image image : all) {
            ids.add(image.id());
            ImageRecord past = records.getOrDefault(image.id(), new ImageRecord(firstSeen, Instant.EPOCH));
            boolean inUse = isIn(used, image);
            records.put(image.id(), inUse ? new ImageRecord(past.firstSeen(), now) : past);
            if (!inUse && !image.pinned()) {
                unused.add(new Candidate(image, past));
            }
        }
        records.keySet().retainAll(ids);
        unused.sort(
                Comparator.comparing((Candidate candidate) -> candidate.past().lastUsed())
                        .thenComparing(candidate -> candidate.past().firstSeen()));
        return unused;
    }

    /** Returns ids and references, with tag or digest, of all images in use. */
    private Set<String> inUse() {
        Set<String> used = new HashSet<>();
        runtime.listContainers(ContainerFilter.all()).forEach(container -> {
            used.add(container.image().image());
            used.add(container.imageRef());
            used.add(container.imageId());
        });
        for (String image : wanted.get()) {
            ImageReference.complete(image).ifPresent(used::add);
        }
        Matcher sandbox = SANDBOX_IMAGE.matcher(runtime.status(true).info().toString());
        while (sandbox.find()) {
            ImageReference.complete(sandbox.group(1)).ifPresent(used::add);
        }
        imagesOfOtherClients().forEach(image -> {
            used.add(image);
            ImageReference.complete(image).ifPresent(used::add);
        });
        return used;
    }

    private List<String> imagesOfOtherClients() {
        try {
            return containerd.isEmpty() ? List.of() : containerd.get().containerImages();
        } catch (CriException.Unimplemented _) {
            return List.of(); // the runtime is not containerd
        }
    }

    private static boolean isIn(Set<String> used, Image image) {
        return used.contains(image.id())
                || image.repoTags().stream().anyMatch(used::contains)
                || image.repoDigests().stream().anyMatch(used::contains);
    }

    // --- removal

    /**
     * Removes images that were unused for the maximum age, once this has run for as long; returns
     * the rest.
     */
    private List<Candidate> removeOld(List<Candidate> unused, Instant now) {
        if (!policy.maximumAge().isPositive() || now.isBefore(startedAt.plus(policy.maximumAge()))) {
            return unused;
        }
        List<Candidate> rest = new ArrayList<>();
        for (Candidate candidate : unused) {
            Instant since =
                    later(candidate.past().lastUsed(), later(candidate.past().firstSeen(), startedAt));
            if (since.plus(policy.maximumAge()).isAfter(now)) {
                rest.add(candidate);
            } else {
                remove(
                        candidate.image(),
                        "unused for " + Duration.between(since, now).toHours() + " h");
            }
        }
        return rest;
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private void freeSpace(List<Candidate> unused, long need, Instant now) throws IOException {
        long freed = 0;
        for (Candidate candidate : unused) {
            if (freed >= need) {
                return;
            }
            if (!candidate.past().firstSeen().plus(policy.minimumAge()).isAfter(now)) {
                remove(candidate.image(), "the disk is full");
                freed += candidate.image().size();
            }
        }
        if (freed < need) {
            String message = "Failed to garbage collect required amount of images. Attempted to free " + need
                    + " bytes, but only found " + freed + " bytes eligible to free.";
            events.warning("FreeDiskSpaceFailed", message);
            throw new IOException(message);
        }
    }

    private void remove(Image image, String reason) {
        LOG.info(
                "removing image={} names={} bytes={} reason=\"{}\"",
                image.id(),
                image.repoTags(),
                image.size(),
                reason);
        images.removeImage(ImageSpec.of(image.id()));
        records.remove(image.id());
    }
}
