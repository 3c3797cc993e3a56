/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import io.jubelet.cgroup.PodCgroups;
import io.jubelet.cri.CriException;
import io.jubelet.document.FileProblem;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.plan.Eviction;
import io.jubelet.plan.PodAction.RemoveContainer;
import io.jubelet.plan.PodEnd;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.podfiles.ContainerFiles;
import io.jubelet.podfiles.EmptyDirLimits;
import io.jubelet.podfiles.EndStore;
import io.jubelet.podfiles.PodDirectories;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the node stores for pod versions: their manifests, volumes, logs and cgroups. Loads and
 * removes it.
 *
 * <p>Safe for use by many threads, provided that one thread at a time works on a pod version.
 */
public final class PodStorage {

    private static final Logger LOG = LoggerFactory.getLogger(PodStorage.class);
    private static final String REMOVAL_FAILED = "FailedRemovePodDirectories";

    private final NodeNames nodes;
    private final PodDirectories directories;
    private final ContainerFiles files;
    private final EmptyDirLimits limits;
    private final PodCgroups cgroups;
    private final EndStore ends;
    private final BiFunction<String, PodDirectories.StoredManifest, Pod> parser;
    /** The versions whose manifest could not be read when it was last tried. */
    private final Set<String> unreadable = ConcurrentHashMap.newKeySet();

    /**
     * @param nodes the names of the node
     * @param limits notified when volumes were emptied
     * @param parser parses the stored manifest of a version, given with its UID; throws
     *     {@link IllegalArgumentException} if it is no longer accepted
     */
    public PodStorage(
            NodeNames nodes,
            PodDirectories directories,
            ContainerFiles files,
            EmptyDirLimits limits,
            PodCgroups cgroups,
            BiFunction<String, PodDirectories.StoredManifest, Pod> parser) {
        this.nodes = Objects.requireNonNull(nodes, "nodes");
        this.directories = Objects.requireNonNull(directories, "directories");
        this.files = Objects.requireNonNull(files, "files");
        this.limits = Objects.requireNonNull(limits, "limits");
        this.cgroups = Objects.requireNonNull(cgroups, "cgroups");
        this.ends = new EndStore(directories);
        this.parser = Objects.requireNonNull(parser, "parser");
    }

    /** The pod version that was started earlier; empty if its manifest is missing or unusable. */
    Optional<Pod> load(String uid) {
        try {
            Optional<Pod> pod = directories.storedManifest(uid).map(stored -> parser.apply(uid, stored));
            if (pod.isPresent() && !pod.get().uid().equals(uid)) {
                return unreadable(uid, "it is that of another version");
            }
            unreadable.remove(uid);
            return pod;
        } catch (IOException | IllegalArgumentException e) {
            return unreadable(uid, e.toString());
        }
    }

    private Optional<Pod> unreadable(String uid, String problem) {
        if (unreadable.add(uid)) {
            LOG.warn("cannot read the stored manifest of a pod version: uid={} error=\"{}\"", uid, problem);
        }
        return Optional.empty();
    }

    /** Whether the version has exceeded the limit of a volume, and when it may start again. */
    Optional<Eviction> eviction(String uid) {
        return limits.of(uid);
    }

    /** How the version has ended for good, as recorded. */
    Optional<PodEnd> end(String uid) {
        return ends.read(uid);
    }

    /** Records durably how the version has ended for good. */
    void recordEnd(String uid, PodEnd end) {
        ends.write(uid, end);
    }

    /** Removes the logs and the termination message of one instance. */
    void removeInstance(PodName pod, RemoveContainer action) {
        try {
            for (String node : nodes.all()) {
                directories.unlink(pod, node, action.container(), action.id());
                directories.removeInstance(pod, node, action.uid(), action.container(), action.attempt(), action.ran());
            }
        } catch (IOException e) {
            throw new ActionFailedException(REMOVAL_FAILED, "cannot remove logs: " + FileProblem.of(e), e);
        }
    }

    /** Removes the content of all volumes of the version. */
    void emptyVolumes(String uid) {
        try {
            directories.removeVolumes(uid);
            limits.emptied(uid);
        } catch (IOException e) {
            throw new ActionFailedException(
                    REMOVAL_FAILED, "cannot empty the volumes of the pod: " + FileProblem.of(e), e);
        }
    }

    /** Removes everything of the version. */
    void remove(PodName pod, String uid) {
        try {
            // The cgroup first, because the directory is the evidence that the cgroup is ours.
            cgroups.remove(uid);
            files.removed(uid);
            for (String former : nodes.former()) {
                directories.removeLogs(pod, former, uid);
            }
            directories.remove(pod, nodes.current(), uid);
            ends.forget(uid);
            unreadable.remove(uid);
        } catch (IOException e) {
            throw new ActionFailedException(
                    REMOVAL_FAILED, "cannot remove the directories of the pod: " + FileProblem.of(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled("RemoveDirectories", "interrupted", e);
        }
    }
}
