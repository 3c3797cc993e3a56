package io.jubelet.podfiles;

import io.jubelet.node.SafeDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;

/**
 * The files that containers have mounted one by one: the hosts file of a pod, and one for the last words of each instance.
 *
 * <p>Containers write to them, and a pod that has the directories of pods mounted may have put links in their place or on
 * the way to them: nothing is followed here, and whatever is no file of ours any more is replaced by one. Safe for use by
 * many threads, as long as each pod version is in the hands of one of them at a time.
 */
public final class MountedFiles {

    private static final String HOSTS = "etc-hosts";
    private static final String CONTAINERS = "containers";
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwxr-x---");
    private static final Set<PosixFilePermission> READABLE = PosixFilePermissions.fromString("rw-r--r--");
    private static final Set<PosixFilePermission> WRITABLE = PosixFilePermissions.fromString("rw-rw-rw-");

    private final Path pods;

    /** @param pods the directory with one directory for each pod version, trusted */
    MountedFiles(Path pods) {
        this.pods = pods;
    }

    /** Makes the empty file for the last words of one instance, which does not run yet. */
    Path makeTerminationLog(String uid, String container, int attempt) throws IOException {
        try (SafeDirectory podDirectory = SafeDirectory.open(pods, uid);
                SafeDirectory containers = podDirectory.enterOrMake(CONTAINERS, PRIVATE);
                SafeDirectory ofContainer = containers.enterOrMake(container, PRIVATE)) {
            String name = Integer.toString(attempt);
            if (!isEmptyFile(ofContainer.resolve(name))) {
                ofContainer.replace(name, new byte[0], WRITABLE);
            }
        }
        return terminationLog(uid, container, attempt);
    }

    private static boolean isEmptyFile(Path file) throws IOException {
        try {
            PosixFileAttributes attributes =
                    Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return attributes.isRegularFile()
                    && attributes.size() == 0
                    && attributes.permissions().equals(WRITABLE);
        } catch (NoSuchFileException _) {
            return false;
        }
    }

    /** The file for the last words of one instance; it need not exist. */
    public Path terminationLog(String uid, String container, int attempt) {
        return pods.resolve(uid).resolve(CONTAINERS).resolve(container).resolve(Integer.toString(attempt));
    }

    /** Removes the file for the last words of one instance; done when there is none. */
    void removeTerminationLog(String uid, String container, int attempt) throws IOException {
        try (SafeDirectory ofContainer = SafeDirectory.open(pods, uid, CONTAINERS, container)) {
            ofContainer.delete(Integer.toString(attempt));
        } catch (NoSuchFileException | NotDirectoryException | DirectoryNotEmptyException _) {
            // never made, removed before, or in the way until everything of the version is removed
        }
    }

    /** Writes the hosts file in place, for running containers have it mounted. */
    public Path writeHosts(String uid, String content) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        try (SafeDirectory podDirectory = SafeDirectory.open(pods, uid)) {
            try (SafeDirectory.Opened file =
                    podDirectory.open(HOSTS, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                rewrite(file.channel(), bytes);
            } catch (FileSystemException _) { // none, or no file
                podDirectory.replace(HOSTS, bytes, READABLE);
            }
        }
        return hosts(uid);
    }

    /** The hosts file of a pod version; it need not exist. */
    public Path hosts(String uid) {
        return pods.resolve(uid).resolve(HOSTS);
    }

    /** A container may have made the file as large as it likes: no more is read than there should be. */
    private static void rewrite(SeekableByteChannel file, byte[] bytes) throws IOException {
        if (file.size() == bytes.length) {
            ByteBuffer there = ByteBuffer.allocate(bytes.length);
            while (there.hasRemaining() && file.read(there) >= 0) {
                // until all is read
            }
            if (Arrays.equals(there.array(), bytes)) {
                return;
            }
        }
        SafeDirectory.write(file.position(0), bytes);
        file.truncate(bytes.length);
    }
}
