/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import io.jubelet.node.SafeDirectory;
import io.jubelet.node.SafeEntry;
import io.jubelet.pod.PodGroups.FsGroupChangePolicy;
import io.jubelet.pod.PodSecurity;
import java.io.IOException;
import java.util.Optional;

/**
 * Makes the {@code fsGroup} of a pod the group of everything in a volume, with permission to read
 * and, unless the volume is read-only, to write. Files that are created in its directories later
 * inherit the group.
 *
 * <p>Source: the Kubernetes page on security contexts, "Configure volume permission and ownership
 * change policy". Each name is opened from the directory before it, so a link that takes the place
 * of a file meanwhile changes nothing outside of the volume.
 */
final class VolumeOwnership {

    private static final int SETGID = 02000;
    private static final int SEARCHABLE = 0110;
    /** Each level holds a file descriptor. A volume that Jubelet has made is empty or as deep as its manifest says. */
    private static final int MAX_DEPTH = 100;

    private VolumeOwnership() {}

    /**
     * Applies the fsGroup of a pod; does nothing if the pod has none.
     *
     * @param readOnly whether containers cannot write to the volume
     * @throws IOException if that is impossible, or directories are nested more than {@value
     *     #MAX_DEPTH} deep
     */
    static void apply(SafeDirectory volume, PodSecurity security, boolean readOnly) throws IOException {
        if (security.groups().fsGroup().isEmpty()) {
            return;
        }
        int group = Math.toIntExact(security.groups().fsGroup().get());
        int rights = readOnly ? 0440 : 0660;
        if (security.groups().fsGroupChangePolicy() == FsGroupChangePolicy.OnRootMismatch
                && isOwned(volume, group, rights)) {
            return;
        }
        apply(volume, group, rights, 0);
    }

    private static void apply(SafeDirectory directory, int group, int rights, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new IOException("directories of the volume are nested more than " + MAX_DEPTH
                    + " deep, so its files cannot be given to the fsGroup; remove some");
        }
        try (SafeEntry self = directory.self()) {
            self.giveToGroup(group, rights | SETGID | SEARCHABLE);
        }
        for (String name : directory.names()) {
            Optional<SafeDirectory> inner = directory.enterIfDirectory(name);
            if (inner.isPresent()) {
                try (SafeDirectory entered = inner.get()) {
                    apply(entered, group, rights, depth + 1);
                }
            } else {
                try (SafeEntry file = directory.entry(name)) {
                    file.giveToGroup(group, rights);
                }
            }
        }
    }

    private static boolean isOwned(SafeDirectory root, int group, int rights) throws IOException {
        int needed = rights | SETGID | SEARCHABLE;
        try (SafeEntry self = root.self()) {
            return self.group() == group && (self.mode() & needed) == needed;
        }
    }
}
