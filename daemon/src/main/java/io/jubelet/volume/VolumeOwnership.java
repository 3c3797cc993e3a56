/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import io.jubelet.pod.PodGroups.FsGroupChangePolicy;
import io.jubelet.pod.PodSecurity;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Makes the {@code fsGroup} of a pod the group of everything in a volume, with permission to read
 * and, unless the volume is read-only, to write. Files that are created in its directories later
 * inherit the group.
 *
 * <p>Source: the Kubernetes page on security contexts, "Configure volume permission and ownership
 * change policy". Call it before a container has the volume, or for a volume that containers cannot
 * write to, because it trusts the names in it.
 */
final class VolumeOwnership {

    private static final int SETGID = 02000;
    private static final int SEARCHABLE = 0110;

    private VolumeOwnership() {}

    /**
     * Applies the fsGroup of a pod; does nothing if the pod has none.
     *
     * @param readOnly whether containers cannot write to the volume
     */
    static void apply(Path volume, PodSecurity security, boolean readOnly) throws IOException {
        if (security.groups().fsGroup().isEmpty()) {
            return;
        }
        int group = Math.toIntExact(security.groups().fsGroup().get());
        int rights = readOnly ? 0440 : 0660;
        if (security.groups().fsGroupChangePolicy() == FsGroupChangePolicy.OnRootMismatch
                && isOwned(volume, group, rights)) {
            return;
        }
        Files.walkFileTree(volume, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                apply(directory, group, rights | SETGID | SEARCHABLE);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                apply(file, group, attributes.isSymbolicLink() ? 0 : rights);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static boolean isOwned(Path root, int group, int rights) throws IOException {
        int needed = rights | SETGID | SEARCHABLE;
        return (int) Files.getAttribute(root, "unix:gid") == group
                && ((int) Files.getAttribute(root, "unix:mode") & needed) == needed;
    }

    /** Sets the group before the mode, because a change of the group clears the setgid bit. */
    private static void apply(Path path, int group, int rights) throws IOException {
        Files.setAttribute(path, "unix:gid", group, LinkOption.NOFOLLOW_LINKS);
        if (rights != 0) {
            int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 07777;
            Files.setAttribute(path, "unix:mode", mode | rights);
        }
    }
}
