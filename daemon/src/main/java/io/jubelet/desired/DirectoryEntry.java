/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import io.jubelet.document.Documents;
import io.jubelet.document.FileProblem;
import io.jubelet.manifest.FileAccess;
import io.jubelet.manifest.ManifestFile;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A directory entry as {@code stat} shows it, without opening it.
 *
 * @param path absolute
 * @param ignoredReason why it is not read as a manifest; empty if it is
 * @param refused whether it has the name of a manifest and is not read because of what the file is: too
 *     large, or not readable
 * @param stamp of the file that it leads to; null if its attributes were not read or it leads
 *     nowhere
 * @param link whether it is a symbolic link
 * @param access mode and owner of the file that it leads to; null if they were not read or it leads
 *     nowhere
 */
record DirectoryEntry(
        Path path,
        Optional<String> ignoredReason,
        boolean refused,
        @Nullable Stamp stamp,
        boolean link,
        @Nullable FileAccess access) {

    /**
     * Identifies a version of a file: inode and device, size, and the times of the last change of
     * content and inode.
     */
    record Stamp(Object inode, Object device, long size, Object modified, Object changed) {

        // Written out, as in ObjectKey: what the JDK generates for a record costs ten milliseconds
        // of the start at its first use.
        @Override
        public boolean equals(Object other) {
            return other instanceof Stamp that
                    && sameFile(that)
                    && size == that.size
                    && modified.equals(that.modified)
                    && changed.equals(that.changed);
        }

        @Override
        public int hashCode() {
            return inode.hashCode();
        }

        /** In one line. */
        String version() {
            return size + " " + modified + " " + changed;
        }

        boolean sameFile(@Nullable Stamp other) {
            return other != null && inode.equals(other.inode) && device.equals(other.device);
        }
    }

    /** The user that this process runs as. */
    private static final class DaemonUser {
        private static final int UID = uid();

        private static int uid() {
            try {
                return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
            } catch (IOException e) {
                throw new IllegalStateException("cannot read the user of this process from /proc/self", e);
            }
        }
    }

    private static final String ATTRIBUTES = "unix:mode,uid,gid,ino,dev,size,lastModifiedTime,ctime";
    private static final int TYPE_MASK = 0170000;
    private static final int REGULAR = 0100000;
    private static final int LINK = 0120000;
    private static final int DIRECTORY = 0040000;
    private static final int FIFO = 0010000;
    private static final int SOCKET = 0140000;

    /** Reads the attributes of an entry; null if it is gone. */
    static @Nullable DirectoryEntry stat(Path path, ManifestNames names) {
        return stat(path, names.ignoredReason(path.getFileName().toString()));
    }

    /** Reads the attributes of an entry that is a manifest whatever its name; null if it is gone. */
    static @Nullable DirectoryEntry statNamed(Path path) {
        return stat(path, Optional.empty());
    }

    /** @param byName why its name is not that of a manifest; empty if it is */
    private static @Nullable DirectoryEntry stat(Path path, Optional<String> byName) {
        boolean link = false;
        try {
            Map<String, Object> attributes = Files.readAttributes(path, ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
            link = (number(attributes, "mode").intValue() & TYPE_MASK) == LINK;
            if (link) {
                attributes = Files.readAttributes(path, ATTRIBUTES);
            }
            Stamp stamp = new Stamp(
                    attribute(attributes, "ino"),
                    attribute(attributes, "dev"),
                    number(attributes, "size").longValue(),
                    attribute(attributes, "lastModifiedTime"),
                    attribute(attributes, "ctime"));
            int mode = number(attributes, "mode").intValue();
            Optional<String> byKind = ignoredByType(mode, stamp.size());
            FileAccess access = access(attributes);
            boolean nameSaysMore = byKind.isEmpty()
                    || ManifestNames.isHidden(path.getFileName().toString());
            boolean refused = byName.isEmpty()
                    && byKind.filter(ManifestFile.TOO_LARGE::equals).isPresent();
            return new DirectoryEntry(
                    path, nameSaysMore && byName.isPresent() ? byName : byKind, refused, stamp, link, access);
        } catch (NoSuchFileException e) {
            return isGone(path)
                    ? null
                    : new DirectoryEntry(path, Optional.of("is a symbolic link to nothing"), false, null, true, null);
        } catch (AccessDeniedException e) {
            return unreadable(path, byName, "cannot be read: permission denied", link);
        } catch (FileSystemException e) {
            boolean loop = link && String.valueOf(e.getReason()).contains("levels of symbolic links");
            String why = loop ? "is a symbolic link that leads to itself" : "cannot be read: " + FileProblem.reason(e);
            return loop
                    ? new DirectoryEntry(path, Optional.of(why), false, null, true, null)
                    : unreadable(path, byName, why, link);
        } catch (IOException e) {
            return unreadable(path, byName, "cannot be read: " + FileProblem.reason(e), link);
        }
    }

    private static DirectoryEntry unreadable(Path path, Optional<String> byName, String why, boolean link) {
        return new DirectoryEntry(path, Optional.of(why), byName.isEmpty(), null, link, null);
    }

    /** Which users have access to the directory of manifests. */
    static FileAccess ofDirectory(Path directory) throws IOException {
        return access(Files.readAttributes(directory, "unix:mode,uid,gid"));
    }

    private static FileAccess access(Map<String, Object> attributes) {
        return new FileAccess(
                number(attributes, "mode").intValue(),
                number(attributes, "uid").intValue(),
                number(attributes, "gid").intValue(),
                DaemonUser.UID);
    }

    /** The JDK returns all attributes that were requested. */
    private static Object attribute(Map<String, Object> attributes, String name) {
        return Objects.requireNonNull(attributes.get(name), name);
    }

    private static Number number(Map<String, Object> attributes, String name) {
        return (Number) attribute(attributes, name);
    }

    /** The stamp of an entry that is read as a manifest; such an entry has one. */
    Stamp manifestStamp() {
        return Objects.requireNonNull(stamp, "the stamp of a manifest");
    }

    /** The access of an entry that is read as a manifest; such an entry has one. */
    FileAccess manifestAccess() {
        return Objects.requireNonNull(access, "the access of a manifest");
    }

    /** Whether it is a regular file that is ignored for the suffix of its name alone. */
    boolean isReadByKubeletOnly() {
        return ignoredReason.equals(ManifestNames.WRONG_SUFFIX);
    }

    private static boolean isGone(Path path) {
        try {
            Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return false;
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static Optional<String> ignoredByType(int mode, long size) {
        return switch (mode & TYPE_MASK) {
            case REGULAR -> size <= Documents.MAX_SIZE ? Optional.empty() : Optional.of(ManifestFile.TOO_LARGE);
            case DIRECTORY -> Optional.of("is a directory; subdirectories are not read");
            case FIFO -> Optional.of("is a FIFO, which is not opened because that could block forever");
            case SOCKET -> Optional.of("is a socket");
            default -> Optional.of("is a device");
        };
    }
}
