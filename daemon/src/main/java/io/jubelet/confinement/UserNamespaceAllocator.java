/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.confinement;

import io.jubelet.confinement.SubordinateIds.Range;
import io.jubelet.cri.IDMapping;
import io.jubelet.document.JsonText;
import io.jubelet.node.SafeDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Allocates ranges of the node's user and group ids to pods with user namespaces. No other pod and
 * no user of the node has any of these ids. The range of a pod is stored in its directory, in the
 * kubelet's format, and is free again when the directory is gone. No allocation is held in memory,
 * so a restart loses none, and a pod keeps its range when the settings change.
 *
 * <p>Safe for use by many threads.
 */
final class UserNamespaceAllocator {

    /** The default length of a range, and the unit of all lengths. */
    static final int UNIT = 65536;

    /** Higher ids are not allocated, because some programs treat ids as signed 32-bit numbers. */
    private static final long END = 1L << 31;

    private static final String FILE = "userns";
    private static final Set<PosixFilePermission> READABLE = PosixFilePermissions.fromString("rw-r--r--");
    /** Several times as long as the file. */
    private static final int MAX_BYTES = 4096;

    private static final List<String> IDS = List.of("uidMappings", "gidMappings");
    private static final Pattern MAPPING = Pattern.compile("\"hostId\":\\s*(\\d+).*?\"length\":\\s*(\\d+)");

    private final Path pods;
    private final int idsPerPod;
    private final int maxPods;
    private final SubordinateIds subordinate;
    private final ReentrantLock lock = new ReentrantLock();
    /** The ids that can be allocated; null before the first pod. Guarded by the lock. */
    private @Nullable Range all;

    /**
     * @param pods the directory with the directories of pods, which are named by their UIDs
     * @param idsPerPod a multiple of {@link #UNIT}
     * @param maxPods for how many pods reserved ids must suffice
     * @param subordinate finds ids that the administrator has reserved
     */
    UserNamespaceAllocator(Path pods, int idsPerPod, int maxPods, SubordinateIds subordinate) {
        this.pods = Objects.requireNonNull(pods, "pods");
        this.idsPerPod = idsPerPod;
        this.maxPods = maxPods;
        this.subordinate = Objects.requireNonNull(subordinate, "subordinate");
    }

    /**
     * The ids of a pod whose directory exists: those it has already, or new ones.
     *
     * @throws IOException if none are free; the message is for the user
     */
    IDMapping of(String uid) throws IOException {
        lock.lock();
        try {
            try (SafeDirectory directory = SafeDirectory.open(pods, uid)) {
                Optional<Range> allocated = read(directory, uid);
                return mapping(allocated.isPresent() ? allocated.get() : allocate(uid, directory));
            }
        } finally {
            lock.unlock();
        }
    }

    private Range allocate(String uid, SafeDirectory directory) throws IOException {
        Range ids = all;
        if (ids == null) {
            ids = all();
            all = ids;
        }
        List<Range> inUse = new ArrayList<>();
        try (SafeDirectory all = SafeDirectory.open(pods)) {
            for (String name : all.names()) {
                Optional<SafeDirectory> other = all.enterIfDirectory(name);
                if (other.isPresent()) {
                    try (SafeDirectory opened = other.get()) {
                        read(opened, name).ifPresent(inUse::add);
                    }
                }
            }
        }
        int ranges = (int) ((ids.end() - ids.first()) / idsPerPod);
        // Not the first free range, because files that a removed pod has left on the node would
        // belong to the next pod.
        int start = Math.floorMod(uid.hashCode(), ranges);
        for (int i = 0; i < ranges; i++) {
            long first = ids.first() + (long) ((start + i) % ranges) * idsPerPod;
            Range range = new Range(first, first + idsPerPod);
            if (inUse.stream().noneMatch(range::overlaps)) {
                write(directory, range);
                return range;
            }
        }
        throw new IOException("all " + ranges + " ranges of user ids are allocated to pods");
    }

    /** The reserved ids; if there are none, all except the first ones, which belong to the node. */
    private Range all() throws IOException {
        Optional<Range> found = subordinate.find();
        if (found.isEmpty()) {
            return new Range(idsPerPod, END / idsPerPod * idsPerPod);
        }
        Range reserved = found.get();
        long length = reserved.end() - reserved.first();
        String problem = "";
        if (reserved.first() % idsPerPod != 0 || reserved.first() < idsPerPod) {
            problem = "must start at a multiple of " + idsPerPod + ", the number of ids of a pod, and not at 0";
        } else if (length % idsPerPod != 0) {
            problem = "must be a multiple of " + idsPerPod + ", the number of ids of a pod";
        } else if (length / idsPerPod < maxPods) {
            problem = "must be enough for " + maxPods + " pods, which takes " + (long) maxPods * idsPerPod;
        } else if (reserved.end() > END) {
            problem = "must be below " + END;
        }
        if (!problem.isEmpty()) {
            throw new IOException("the subordinate ids of the user " + SubordinateIds.USER + " " + problem
                    + ", but /etc/subuid and /etc/subgid contain " + length + " ids from " + reserved.first());
        }
        return reserved;
    }

    private static IDMapping mapping(Range range) {
        return new IDMapping((int) range.first(), 0, (int) (range.end() - range.first()));
    }

    private Optional<Range> read(SafeDirectory directory, String uid) throws IOException {
        String text;
        try (SafeDirectory.Opened file = directory.open(FILE, StandardOpenOption.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate(MAX_BYTES);
            while (bytes.hasRemaining() && file.channel().read(bytes) >= 0) {
                // until all is read
            }
            text = StandardCharsets.UTF_8.decode(bytes.flip()).toString();
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
        Matcher match = MAPPING.matcher(text);
        if (match.find() && match.group(1).length() <= 10 && match.group(2).length() <= 10) {
            long first = Long.parseLong(match.group(1));
            Range range = new Range(first, first + Long.parseLong(match.group(2)));
            if (range.end() <= END && text.equals(json(range))) {
                return Optional.of(range);
            }
        }
        throw new IOException(pods.resolve(uid).resolve(FILE)
                + " is malformed, so the user ids of the pod are unknown; remove the pod's manifest and put it back");
    }

    private static String json(Range range) {
        return JsonText.write(out -> {
            out.writeStartObject();
            for (String ids : IDS) {
                out.writeArrayFieldStart(ids);
                out.writeStartObject();
                out.writeNumberField("hostId", range.first());
                out.writeNumberField("containerId", 0);
                out.writeNumberField("length", range.end() - range.first());
                out.writeEndObject();
                out.writeEndArray();
            }
            out.writeEndObject();
        });
    }

    /**
     * Writes the range durably, because files of the pod belong to these ids as long as it exists.
     */
    private static void write(SafeDirectory directory, Range range) throws IOException {
        String fresh = FILE + ".tmp";
        directory.replace(fresh, json(range).getBytes(StandardCharsets.UTF_8), READABLE);
        directory.sync(fresh);
        directory.rename(fresh, FILE);
        directory.sync();
    }
}
