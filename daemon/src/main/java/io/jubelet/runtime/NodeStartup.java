/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import io.jubelet.cgroup.PodCgroups;
import io.jubelet.cri.CriException;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.RuntimeService;
import io.jubelet.document.FileProblem;
import io.jubelet.observed.Labels;
import io.jubelet.pod.Pod;
import io.jubelet.podfiles.PodDirectories;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prepares the node for pods when the daemon starts, and removes what earlier pods left behind.
 * Stateless.
 */
public final class NodeStartup {

    private static final Logger LOG = LoggerFactory.getLogger(NodeStartup.class);

    private final RuntimeService runtime;
    private final String node;
    private final PodDirectories directories;
    private final PodCgroups cgroups;

    /** @param node the name of the node */
    public NodeStartup(RuntimeService runtime, String node, PodDirectories directories, PodCgroups cgroups) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.node = Objects.requireNonNull(node, "node");
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
     * Removes the directories and cgroups of pod versions that neither have a sandbox nor are
     * desired.
     *
     * @throws CriException when the runtime does not answer; then nothing is removed
     */
    public void removeLeftovers(Collection<Pod> desired) throws IOException, InterruptedException {
        Set<String> known = new HashSet<>();
        for (PodSandbox sandbox : runtime.listPodSandboxes(PodSandboxFilter.labels(Labels.ofNode(node)))) {
            known.add(sandbox.metadata().uid());
        }
        for (Pod pod : desired) {
            known.add(pod.uid());
        }
        for (String uid : directories.orphans(known)) {
            cgroups.removeEmpty(uid);
        }
        for (String uid : directories.removeOrphans(known)) {
            LOG.info("removed the files of an earlier pod version uid={}", uid);
        }
    }
}
