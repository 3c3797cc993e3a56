/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.rollout;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Puts a file into the manifest directory so that the daemon sees the old content or the new, and never a part: it is written
 * beside, under a name that the daemon ignores, and renamed when it is on the disk.
 */
public final class ManifestInstaller {

    /** What only the owner of a manifest needs, because it can contain Secrets. */
    private static final Set<PosixFilePermission> MODE =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private static final String UID = "unix:uid";

    private ManifestInstaller() {}

    /**
     * Installs a file with mode 0600.
     *
     * @param target where it belongs; if it is a symbolic link, the file that it leads to is replaced
     * @param uid the user that the file shall belong to, which is that of the daemon
     * @return false if the file was there already with this content, owner and mode
     */
    public static boolean install(Path target, byte[] content, int uid) throws IOException {
        Path file = Files.isSymbolicLink(target) ? target.toRealPath() : target;
        if (isInstalled(file, content, uid)) {
            return false;
        }
        Path directory = file.toAbsolutePath().getParent();
        // With mode 0600 from the start.
        Path fresh = Files.createTempFile(directory, ".jubelet-", ".tmp");
        try {
            write(fresh, content);
            if ((Integer) Files.getAttribute(fresh, UID) != uid) {
                Files.setAttribute(fresh, UID, uid);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
        try (FileChannel entries = FileChannel.open(directory)) {
            entries.force(true);
        }
        return true;
    }

    /** Replaces the content of a file at once; its mode, owner and group stay. */
    public static void rewrite(Path file, byte[] content) throws IOException {
        Path real = file.toRealPath();
        Map<String, Object> before = Files.readAttributes(real, "unix:uid,gid,permissions");
        Path fresh = Files.createTempFile(real.getParent(), ".jubelet-", ".tmp");
        try {
            write(fresh, content);
            Map<String, Object> now = Files.readAttributes(fresh, "unix:uid,gid");
            for (String owner : List.of("uid", "gid")) {
                if (!Objects.equals(now.get(owner), before.get(owner))) {
                    Files.setAttribute(fresh, "unix:" + owner, before.get(owner));
                }
            }
            Files.setAttribute(fresh, "posix:permissions", before.get("permissions"));
            Files.move(fresh, real, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private static void write(Path file, byte[] content) throws IOException {
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
    }

    private static boolean isInstalled(Path file, byte[] content, int uid) throws IOException {
        try {
            return Files.size(file) == content.length
                    && (Integer) Files.getAttribute(file, UID) == uid
                    && Files.getPosixFilePermissions(file).equals(MODE)
                    && Arrays.equals(Files.readAllBytes(file), content);
        } catch (NoSuchFileException _) {
            return false;
        }
    }
}
