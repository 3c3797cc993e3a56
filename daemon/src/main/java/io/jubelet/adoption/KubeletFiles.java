/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.adoption;

import io.jubelet.pod.Pod;
import io.jubelet.podfiles.PodDirectories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files of a kubelet's pods: their manifests and logs. Stateless; blocks for the file system. */
public final class KubeletFiles {

    private static final Logger LOG = LoggerFactory.getLogger(KubeletFiles.class);

    private final PodDirectories directories;

    public KubeletFiles(PodDirectories directories) {
        this.directories = Objects.requireNonNull(directories, "directories");
    }

    /** When the manifest of a pod was last changed, renamed or touched; empty if that cannot be read. */
    Optional<Instant> changed(Pod pod) {
        try {
            FileTime changed = (FileTime) Files.getAttribute(Path.of(pod.source()), "unix:ctime");
            return Optional.of(changed.toInstant());
        } catch (IOException e) {
            LOG.warn("cannot examine a manifest: file={} error=\"{}\"", pod.source(), e.toString());
            return Optional.empty();
        }
    }

    /**
     * Makes the directories of a version that runs already, with the logs that it has written for the kubelet. The old name
     * of their directory stays as a link, by which the runtime opens a log again when it is rotated.
     */
    void take(Pod pod, String kubeletUid) {
        Path ours = directories.logDirectory(pod);
        Path theirs = ours.resolveSibling(PodDirectories.logDirectoryName(pod.name(), pod.originalNode(), kubeletUid));
        try {
            if (Files.isDirectory(theirs, LinkOption.NOFOLLOW_LINKS)
                    && Files.notExists(ours, LinkOption.NOFOLLOW_LINKS)) {
                Files.move(theirs, ours);
                Files.createSymbolicLink(theirs, Objects.requireNonNull(ours.getFileName()));
            }
            directories.make(pod);
        } catch (IOException e) {
            LOG.warn("cannot take over the logs of a pod: pod={} error=\"{}\"", pod.name(), e.toString());
        }
    }

    /** Removes the link that {@link #take} left, when nothing writes by it any more. */
    void leave(AdoptedPod pod) {
        Path link =
                directories.logs().resolve(PodDirectories.logDirectoryName(pod.pod(), pod.node(), pod.kubeletUid()));
        try {
            if (Files.isSymbolicLink(link)) {
                Files.delete(link);
            }
        } catch (IOException e) {
            LOG.warn("cannot remove a link to logs: file={} error=\"{}\"", link, e.toString());
        }
    }
}
