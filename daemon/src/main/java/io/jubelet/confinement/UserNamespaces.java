package io.jubelet.confinement;

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
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Gives each pod that has a user namespace ids of the node for it: 65536, which no other pod has and none of which belongs
 * to the node itself. What a pod was given stands in its directory, in the kubelet's form, and is free again when the
 * directory is gone. Nothing is kept in memory, so there is nothing to lose. Safe for use by many threads.
 */
final class UserNamespaces {

    static final int IDS = 65536;

    /** Below 2^31: there are programs that take ids for signed numbers. The first range is that of the node. */
    private static final int RANGES = Integer.MAX_VALUE / IDS;

    private static final String FILE = "userns";
    private static final Pattern HOST_ID = Pattern.compile("\"hostId\":\\s*(\\d+)");

    private final Path pods;
    private final ReentrantLock lock = new ReentrantLock();

    /** @param pods with the directories of pods in it, which are named by their UIDs */
    UserNamespaces(Path pods) {
        this.pods = Objects.requireNonNull(pods, "pods");
    }

    /** The ids of a pod whose directory exists: those it has, or new ones. */
    IDMapping of(String uid) throws IOException {
        lock.lock();
        try {
            Path directory = pods.resolve(uid);
            Optional<Integer> given = read(directory);
            return mapping(given.isPresent() ? given.get() : give(uid, directory));
        } finally {
            lock.unlock();
        }
    }

    private int give(String uid, Path directory) throws IOException {
        Set<Integer> taken = new HashSet<>();
        try (DirectoryStream<Path> others = Files.newDirectoryStream(pods)) {
            for (Path other : others) {
                read(other).ifPresent(taken::add);
            }
        }
        // Not the first that is free: what a removed pod left on the node would belong to the next one.
        int start = Math.floorMod(uid.hashCode(), RANGES);
        for (int i = 0; i < RANGES; i++) {
            int range = 1 + (start + i) % (RANGES - 1);
            if (!taken.contains(range * IDS)) {
                write(directory, range * IDS);
                return range * IDS;
            }
        }
        throw new IOException("all " + (RANGES - 1) + " ranges of user ids are taken by pods");
    }

    private static IDMapping mapping(int hostId) {
        return new IDMapping(hostId, 0, IDS);
    }

    private static Optional<Integer> read(Path directory) throws IOException {
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
        Matcher match = HOST_ID.matcher(text);
        if (!match.find() || !text.equals(json(match.group(1)))) {
            throw new IOException(
                    file + " does not say which user ids the pod has; remove the pod's manifest and put it" + " back");
        }
        return Optional.of(Integer.parseInt(match.group(1)));
    }

    private static String json(String hostId) {
        String mapping = "[{\"hostId\":" + hostId + ",\"containerId\":0,\"length\":" + IDS + "}]";
        return "{\"uidMappings\":" + mapping + ",\"gidMappings\":" + mapping + "}";
    }

    /** Durable, for files of the pod belong to these ids for as long as it lives. */
    private static void write(Path directory, int hostId) throws IOException {
        Path fresh = directory.resolve(FILE + ".tmp");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")));
        Files.write(
                fresh,
                json(Integer.toString(hostId)).getBytes(StandardCharsets.UTF_8),
                StandardOpenOption.WRITE,
                StandardOpenOption.DSYNC);
        Files.move(fresh, directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
