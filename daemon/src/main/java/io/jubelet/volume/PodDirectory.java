/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import io.jubelet.node.Mounts;
import io.jubelet.node.SafeDirectory;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;

/**
 * The directory of one pod version, with the kubelet's layout. The paths that it returns need not
 * exist, and are for the runtime and for messages: containers that have the directories of pods
 * mounted can replace names in them, so this daemon opens what it needs through no link.
 *
 * @param path without symbolic links, such as {@code /var/lib/jubelet/pods/UID}
 */
public record PodDirectory(Path path) {

    /** The volume plugin of emptyDirs. */
    public static final String EMPTY_DIR = "kubernetes.io/empty-dir";

    private static final String VOLUMES = "volumes";
    private static final String PLUGINS = "plugins";
    private static final String SUB_PATHS = "volume-subpaths";
    /** The file that exists once a volume is completely set up. */
    private static final String READY = "ready";

    private static final Set<PosixFilePermission> READABLE = PosixFilePermissions.fromString("rwxr-xr-x");
    private static final Set<PosixFilePermission> MARKER = PosixFilePermissions.fromString("rw-r--r--");

    public PodDirectory {
        Objects.requireNonNull(path, "path");
    }

    /**
     * Opens a directory below it, through no link.
     *
     * @param names the names below it, each of one entry
     * @throws java.nio.file.NoSuchFileException if there is no such directory
     */
    public SafeDirectory open(String... names) throws IOException {
        String[] all = new String[names.length + 1];
        all[0] = path.getFileName().toString();
        System.arraycopy(names, 0, all, 1, names.length);
        return SafeDirectory.open(parent(), all);
    }

    /** Opens a directory below it by its path, such as {@link #volume} returns. */
    SafeDirectory openBelow(Path below) throws IOException {
        Path relative = path.relativize(below);
        String[] names = new String[relative.getNameCount()];
        for (int i = 0; i < names.length; i++) {
            names[i] = relative.getName(i).toString();
        }
        return open(names);
    }

    private Path parent() {
        return Objects.requireNonNull(path.getParent(), "the directory of pods");
    }

    /** Makes it a shared mount. */
    void share(Mounts mounts) throws IOException {
        try (SafeDirectory pods = SafeDirectory.open(parent())) {
            mounts.share(pods, path.getFileName().toString(), path);
        }
    }

    /**
     * Opens a directory below it, and creates what is missing. A symbolic link in the way is
     * replaced, because only a container that has this directory mounted can have made it.
     */
    SafeDirectory make(String... names) throws IOException {
        SafeDirectory reached = open();
        for (String name : names) {
            try (SafeDirectory before = reached) {
                reached = before.enterOrReplaceLink(name, READABLE);
            }
        }
        return reached;
    }

    /** Opens the directory of the volumes of a plugin, and creates it if it is missing. */
    SafeDirectory makeVolumes(String plugin) throws IOException {
        return make(VOLUMES, escaped(plugin));
    }

    /** Opens the directory of a volume. */
    public SafeDirectory openVolume(String plugin, String name) throws IOException {
        return open(VOLUMES, escaped(plugin), name);
    }

    /**
     * The directory of a volume.
     *
     * @param plugin the name of the volume plugin in Kubernetes, such as {@link #EMPTY_DIR}
     */
    public Path volume(String plugin, String name) {
        return path.resolve(VOLUMES).resolve(escaped(plugin)).resolve(name);
    }

    /** Whether a volume is completely set up. */
    boolean isReady(String plugin, String name) throws IOException {
        try (SafeDirectory directory = open(PLUGINS, escaped(plugin), name)) {
            return directory.has(READY);
        } catch (NoSuchFileException | NotDirectoryException _) {
            return false;
        }
    }

    /** Marks a volume as completely set up. */
    void setReady(String plugin, String name) throws IOException {
        try (SafeDirectory directory = make(PLUGINS, escaped(plugin), name)) {
            directory.replace(READY, new byte[0], MARKER);
        }
    }

    /**
     * The mount point for the {@code subPath} of a volume mount.
     *
     * @param index of the mount among those of the container, from 0
     */
    Path subPath(String volume, String container, int index) {
        return path.resolve(SUB_PATHS).resolve(volume).resolve(container).resolve(Integer.toString(index));
    }

    /** Opens the directory with the mount points for a volume in a container, and creates it if it is missing. */
    SafeDirectory makeSubPaths(String volume, String container) throws IOException {
        return make(SUB_PATHS, volume, container);
    }

    private static String escaped(String plugin) {
        return plugin.replace('/', '~');
    }
}
