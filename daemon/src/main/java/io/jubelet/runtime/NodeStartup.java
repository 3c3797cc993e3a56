/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import io.jubelet.cgroup.PodCgroups;
import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.CriException;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.RuntimeService;
import io.jubelet.document.FileProblem;
import io.jubelet.observed.Labels;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.Pod;
import io.jubelet.podfiles.NodeNameStore;
import io.jubelet.podfiles.PodDirectories;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prepares the node for pods when the daemon starts, and removes what earlier pods left behind.
 * Stateless.
 */
public final class NodeStartup {

    private static final Logger LOG = LoggerFactory.getLogger(NodeStartup.class);

    private final RuntimeService runtime;
    private final NodeNames nodes;
    private final NodeNameStore names;
    private final PodDirectories directories;
    private final PodCgroups cgroups;

    /**
     * @param nodes the names of the node
     * @param names stores those that are in use
     */
    public NodeStartup(
            RuntimeService runtime,
            NodeNames nodes,
            NodeNameStore names,
            PodDirectories directories,
            PodCgroups cgroups) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.nodes = Objects.requireNonNull(nodes, "nodes");
        this.names = Objects.requireNonNull(names, "names");
        this.directories = Objects.requireNonNull(directories, "directories");
        this.cgroups = Objects.requireNonNull(cgroups, "cgroups");
    }

    /** Creates the parent cgroups of pods before the first pod needs them. Failures are logged. */
    public void prepareCgroups(Collection<Pod> desired) {
        try {
            cgroups.expect(desired);
        } catch (CriException e) {
            LOG.debug("the runtime does not tell its cgroup driver yet: {}", e.getMessage());
        } catch (IOException e) {
            LOG.warn("cannot create cgroups for pods: {}", FileProblem.of(e));
        }
    }

    /**
     * The names of the node under which the runtime shows pod versions.
     *
     * @param made whether the version with a UID was made by this daemon
     */
    public static Set<String> nodeNames(RuntimeService runtime, Predicate<String> made) {
        return nodeNames(runtime.listPodSandboxes(PodSandboxFilter.all()), made);
    }

    private static Set<String> nodeNames(Collection<PodSandbox> sandboxes, Predicate<String> made) {
        Set<String> names = new TreeSet<>();
        for (PodSandbox sandbox : sandboxes) {
            String name = sandbox.labels().getOrDefault(Labels.NODE, "");
            if (!name.isEmpty() && made.test(sandbox.metadata().uid())) {
                names.add(name);
            }
        }
        return names;
    }

    /**
     * Removes the directories and cgroups of pod versions that are not desired, and of which the
     * runtime shows neither a sandbox nor a container, whatever their labels.
     *
     * @throws CriException when the runtime does not answer; then nothing is removed
     */
    public void removeLeftovers(Collection<Pod> desired) throws IOException, InterruptedException {
        List<PodSandbox> sandboxes = runtime.listPodSandboxes(PodSandboxFilter.all());
        Set<String> former = rememberNames(sandboxes);
        Set<String> known = new HashSet<>();
        for (PodSandbox sandbox : sandboxes) {
            known.add(sandbox.metadata().uid());
        }
        for (Pod pod : desired) {
            known.add(pod.uid());
        }
        if (!directories.orphans(known).isEmpty()) {
            for (Container container : runtime.listContainers(ContainerFilter.all())) {
                known.add(container.labels().getOrDefault(Labels.POD_UID, ""));
            }
        }
        for (String uid : directories.orphans(known)) {
            cgroups.removeEmpty(uid);
        }
        for (String uid : directories.removeOrphans(known)) {
            LOG.info("removed the files of an earlier pod version uid={}", uid);
        }
        // Not before: a version that is wanted again while its directory is there is made under the name of its birth.
        forgetNames(former, sandboxes, desired);
    }

    /** Returns the former names of the node with those that pods of this daemon have on the runtime; stores new ones. */
    private Set<String> rememberNames(Collection<PodSandbox> sandboxes) {
        Set<String> former = new LinkedHashSet<>(nodes.former());
        for (String name : nodeNames(sandboxes, directories::exists)) {
            if (!nodes.all().contains(name)) {
                LOG.warn(
                        "pods that this daemon made run under the node name {}, which it does not remember; restart it to take"
                                + " them over",
                        name);
                former.add(name);
            }
        }
        if (former.size() > nodes.former().size()) {
            names.store(nodes.current(), former);
        }
        return former;
    }

    /** Stores the names of the node that are in use, so that those of long ago cost nothing. */
    private void forgetNames(Set<String> former, Collection<PodSandbox> sandboxes, Collection<Pod> desired) {
        Set<String> used = nodeNames(sandboxes, directories::exists);
        for (PodSandbox sandbox : sandboxes) {
            if (Labels.owned(sandbox.labels(), sandbox.annotations(), nodes)) {
                used.add(sandbox.labels().getOrDefault(Labels.NODE, ""));
            }
        }
        for (Pod pod : desired) {
            used.add(pod.originalNode());
        }
        if (former.retainAll(used)) {
            names.store(nodes.current(), former);
        }
    }
}
