package io.jubelet.confinement;

import io.jubelet.confinement.SubordinateIds.Range;
import io.jubelet.cri.IDMapping;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Gives each pod that has a user namespace ids of the node for it, which no other pod has and none of which belongs to the
 * node itself. What a pod was given stands in its directory, in the kubelet's form, and is free again when the directory is
 * gone. Nothing of it is kept in memory, so there is nothing to lose, and a pod keeps its ids when the settings change. Safe
 * for use by many threads.
 */
final class UserNamespaceAllocator {

    /** As many as a pod gets where nothing else is said, and the unit in which they are given. */
    static final int UNIT = 65536;

    /** There are programs that take ids for signed numbers. */
    private static final long END = 1L << 31;

    private static final String FILE = "userns";
    private static final Pattern MAPPING = Pattern.compile("\"hostId\":\\s*(\\d+).*?\"length\":\\s*(\\d+)");

    private final Path pods;
    private final int idsPerPod;
    private final int maxPods;
    private final SubordinateIds subordinate;
    private final ReentrantLock lock = new ReentrantLock();
    /** What there is to give; null before the first pod. Guarded by the lock. */
    private Range all;

    /**
     * @param pods with the directories of pods in it, which are named by their UIDs
     * @param idsPerPod a multiple of {@link #UNIT}
     * @param maxPods for how many pods ids that are set aside must suffice
     * @param subordinate ids that are set aside, if there are
     */
    UserNamespaceAllocator(Path pods, int idsPerPod, int maxPods, SubordinateIds subordinate) {
        this.pods = Objects.requireNonNull(pods, "pods");
        this.idsPerPod = idsPerPod;
        this.maxPods = maxPods;
        this.subordinate = Objects.requireNonNull(subordinate, "subordinate");
    }

    /**
     * The ids of a pod whose directory exists: those it has, or new ones.
     *
     * @throws IOException when there are none; the message is for the user
     */
    IDMapping of(String uid) throws IOException {
        lock.lock();
        try {
            Path directory = pods.resolve(uid);
            Optional<Range> allocated = read(directory);
            return mapping(allocated.isPresent() ? allocated.get() : allocate(uid, directory));
        } finally {
            lock.unlock();
        }
    }

    private Range allocate(String uid, Path directory) throws IOException {
        if (all == null) {
            all = all();
        }
        List<Range> inUse = new ArrayList<>();
        try (DirectoryStream<Path> others = Files.newDirectoryStream(pods)) {
            for (Path other : others) {
                read(other).ifPresent(inUse::add);
            }
        }
        int ranges = (int) ((all.end() - all.first()) / idsPerPod);
        // Not the first that is free: what a removed pod left on the node would belong to the next one.
        int start = Math.floorMod(uid.hashCode(), ranges);
        for (int i = 0; i < ranges; i++) {
            long first = all.first() + (long) ((start + i) % ranges) * idsPerPod;
            Range range = new Range(first, first + idsPerPod);
            if (inUse.stream().noneMatch(range::overlaps)) {
                write(directory, range);
                return range;
            }
        }
        throw new IOException("all " + ranges + " ranges of user ids are taken by pods");
    }

    /** The first ids are those of the node. */
    private Range all() throws IOException {
        Optional<Range> found = subordinate.find();
        if (found.isEmpty()) {
            return new Range(idsPerPod, END / idsPerPod * idsPerPod);
        }
        Range set = found.get();
        long length = set.end() - set.first();
        String wrong = null;
        if (set.first() % idsPerPod != 0 || set.first() < idsPerPod) {
            wrong = "must begin at a multiple of " + idsPerPod + ", the number of ids of a pod, and not at 0";
        } else if (length % idsPerPod != 0) {
            wrong = "must be a multiple of " + idsPerPod + ", the number of ids of a pod";
        } else if (length / idsPerPod < maxPods) {
            wrong = "must be enough for " + maxPods + " pods, which takes " + (long) maxPods * idsPerPod;
        } else if (set.end() > END) {
            wrong = "must be below " + END;
        }
        if (wrong != null) {
            throw new IOException("the subordinate ids of the user " + SubordinateIds.USER + " " + wrong
                    + ", and they are " + length + " from " + set.first() + " on: /etc/subuid and /etc/subgid");
        }
        return set;
    }

    private static IDMapping mapping(Range range) {
        return new IDMapping((int) range.first(), 0, (int) (range.end() - range.first()));
    }

    private static Optional<Range> read(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        String text;
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (FileSystemException e) {
            if (!Files.isDirectory(directory)) {
                return Optional.empty();
            }
            throw e;
        }
        Matcher match = MAPPING.matcher(text);
        if (match.find() && match.group(1).length() <= 10 && match.group(2).length() <= 10) {
            long first = Long.parseLong(match.group(1));
            Range range = new Range(first, first + Long.parseLong(match.group(2)));
            if (range.end() <= END && text.equals(json(range))) {
                return Optional.of(range);
            }
        }
        throw new IOException(
                file + " does not say which user ids the pod has; remove the pod's manifest and put it back");
    }

    private static String json(Range range) {
        String mapping = "[{\"hostId\":" + range.first() + ",\"containerId\":0,\"length\":"
                + (range.end() - range.first()) + "}]";
        return "{\"uidMappings\":" + mapping + ",\"gidMappings\":" + mapping + "}";
    }

    /** Durable, for files of the pod belong to these ids for as long as it lives. */
    private static void write(Path directory, Range range) throws IOException {
        Path fresh = directory.resolve(FILE + ".tmp");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")));
        Files.write(
                fresh,
                json(range).getBytes(StandardCharsets.UTF_8),
                StandardOpenOption.WRITE,
                StandardOpenOption.DSYNC);
        Files.move(fresh, directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
