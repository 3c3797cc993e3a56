/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.podfiles;

import io.jubelet.cri.ContainerId;
import io.jubelet.document.FileProblem;
import io.jubelet.node.SafeDirectory;
import io.jubelet.pod.PodName;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Links the log of each container into {@code /var/log/containers}, where log collectors look:
 * beside the default {@code /var/log/pods} or another directory named {@code pods}. If
 * {@code containers} is itself a symbolic link, which a pod that mounts the logs of the node may
 * have made, nothing is created or removed behind it. A container runs even if its link cannot be
 * created.
 *
 * <p>Safe for use by many threads.
 */
final class LogLinks {

    private static final Logger LOG = LoggerFactory.getLogger(LogLinks.class);
    private static final String SUFFIX = ".log";
    private static final int LONGEST_NAME = 255;
    private static final Set<PosixFilePermission> READABLE = PosixFilePermissions.fromString("rwxr-xr-x");

    private final Optional<Path> directory;

    /** @param podLogs the directory with the log directories of pods */
    LogLinks(Path podLogs) {
        this.directory =
                podLogs.endsWith("pods") ? Optional.of(podLogs.resolveSibling("containers")) : Optional.empty();
    }

    /** Creates the link of one instance; done if it exists. */
    void add(PodName pod, String node, String container, ContainerId id, Path log) {
        if (directory.isEmpty()) {
            return;
        }
        try (SafeDirectory links = opened(directory.get())) {
            String link = link(pod, node, container, id);
            try {
                links.link(link, log);
            } catch (FileAlreadyExistsException _) {
                LOG.debug("the link to a log exists already: link={}", link);
            }
        } catch (IOException e) {
            LOG.warn(
                    "log collectors will not find a log, because it cannot be linked: log={} error=\"{}\"",
                    log,
                    FileProblem.of(e));
        }
    }

    private static SafeDirectory opened(Path directory) throws IOException {
        String name = directory.getFileName().toString();
        Path above = Objects.requireNonNull(directory.getParent(), "a log directory has a parent");
        try {
            return SafeDirectory.open(above, name);
        } catch (NoSuchFileException _) {
            try (SafeDirectory parent = SafeDirectory.open(above)) {
                return parent.enterOrCreate(name, READABLE);
            }
        }
    }

    /** Removes the link of one instance; done if there is none. */
    void remove(PodName pod, String node, String container, ContainerId id) throws IOException {
        Optional<SafeDirectory> opened = openIfPresent();
        if (opened.isPresent()) {
            try (SafeDirectory links = opened.get()) {
                links.delete(link(pod, node, container, id));
            }
        }
    }

    /** Removes the links into the log directory of a pod version, which is about to be removed. */
    void removeAll(Path podLogs) throws IOException {
        Optional<SafeDirectory> opened = openIfPresent();
        if (opened.isPresent()) {
            try (SafeDirectory links = opened.get()) {
                for (String name : links.names()) {
                    Optional<Path> target = links.linkTarget(name);
                    if (target.isPresent() && target.get().startsWith(podLogs)) {
                        links.delete(name);
                    }
                }
            }
        }
    }

    private Optional<SafeDirectory> openIfPresent() throws IOException {
        if (directory.isEmpty()) {
            return Optional.empty();
        }
        Path above = Objects.requireNonNull(directory.get().getParent(), "a log directory has a parent");
        try (SafeDirectory parent = SafeDirectory.open(above)) {
            return parent.enterIfDirectory(directory.get().getFileName().toString());
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    private static String link(PodName pod, String node, String container, ContainerId id) {
        String name = pod.onNode(node) + "_" + pod.namespace() + "_" + container + "-" + id.value();
        int most = LONGEST_NAME - SUFFIX.length();
        return (name.length() > most ? name.substring(0, most) : name) + SUFFIX;
    }
}
