/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.podfiles;

import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.plan.PodAction.StartContainer;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.MountSource;
import io.jubelet.pod.Pod;
import io.jubelet.volume.VolumeSetup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prepares the volumes and files that pods and their containers need before they are created. What
 * exists is left as it is.
 *
 * <p>Safe for use by many threads, provided that one thread at a time works on a pod version.
 */
public final class ContainerFiles {

    private static final Logger LOG = LoggerFactory.getLogger(ContainerFiles.class);

    private static final Path HOSTS_OF_NODE = Path.of("/etc/hosts");

    private final PodDirectories directories;
    private final VolumeSetup volumes;
    /** The UIDs of versions whose first container has its files already. */
    private final Set<String> ahead = ConcurrentHashMap.newKeySet();

    private final Optional<String> clusterDomain;

    /** @param clusterDomain such as {@code cluster.local}; empty if there is none */
    public ContainerFiles(PodDirectories directories, VolumeSetup volumes, Optional<String> clusterDomain) {
        this.directories = directories;
        this.volumes = volumes;
        this.clusterDomain = clusterDomain;
    }

    /**
     * What was prepared.
     *
     * @param volumes the volumes that the container mounts, by name
     * @param hosts the hosts file of the pod
     * @param terminationLog the file for the termination message
     */
    public record Prepared(Map<String, MountSource> volumes, Path hosts, Path terminationLog) {}

    /**
     * Prepares what is missing.
     *
     * @throws IOException if something cannot be prepared; the message is for the user
     */
    public Prepared make(StartContainer action, ContainerSpec spec, ObservedPod before)
            throws IOException, InterruptedException {
        Pod pod = action.pod();
        if (!directories.exists(pod.uid())) {
            directories.make(pod); // it was deleted while the pod runs
        }
        List<String> addresses = addresses(action, before);
        boolean first = action.attempt() == 0 && spec.equals(first(pod));
        if (first && ahead.remove(pod.uid()) && addresses.isEmpty()) {
            return new Prepared(
                    volumes.setUp(pod, spec, directories.podDirectory(pod.uid())),
                    directories.mountedFiles().hosts(pod.uid()),
                    directories.mountedFiles().terminationLog(pod.uid(), spec.name(), 0));
        }
        return make(pod, spec, action.attempt(), addresses);
    }

    /**
     * Makes the directories of a pod version and stores its manifest, before anything of it runs.
     */
    public void makeDirectories(Pod pod) throws IOException {
        directories.make(pod);
    }

    /**
     * The restart count of the next instance of a container: {@code planned}, or more if later instances have logs although the
     * runtime does not show them any more. Two instances never write to one log.
     *
     * @throws IOException if the logs cannot be listed
     */
    public int attempt(Pod pod, String container, int planned) throws IOException {
        return Math.max(planned, directories.nextAttempt(pod, container));
    }

    /** Links the log of a running instance to where log collectors look for it. */
    public void link(Pod pod, ObservedContainer container) {
        directories.link(pod, container.name(), container.attempt(), container.id());
    }

    /** Writes the hosts file of a pod that has a network of its own. */
    public void writeHosts(Pod pod, List<String> addresses) throws IOException {
        directories.mountedFiles().writeHosts(pod.uid(), HostsFile.of(pod, addresses, clusterDomain));
    }

    private static ContainerSpec first(Pod pod) {
        return pod.spec().allContainers().findFirst().orElseThrow();
    }

    /**
     * Prepares what the first container of a new pod needs while the runtime creates the sandbox,
     * which saves that time when the container is started. A failure is not reported here, because
     * the start of the container will fail as well.
     */
    public void prepareAhead(Pod pod) throws InterruptedException {
        ContainerSpec first = first(pod);
        try {
            make(pod, first, 0, List.of());
            ahead.add(pod.uid());
        } catch (IOException e) {
            LOG.debug(
                    "cannot prepare the files of a container ahead: pod={} container={}", pod.name(), first.name(), e);
        }
    }

    /**
     * Prepares what a container of a new version needs, as far as that can be known before the pod starts.
     *
     * @throws IOException if something cannot be prepared; the message is for the user
     */
    public void prepare(Pod pod, ContainerSpec spec) throws IOException, InterruptedException {
        volumes.prepare(pod, spec, directories.podDirectory(pod.uid()));
        makeFiles(pod, spec, 0, List.of());
    }

    /** Reports that the files of a version were removed. */
    public void removed(String uid) {
        ahead.remove(uid);
    }

    private Prepared make(Pod pod, ContainerSpec spec, int attempt, List<String> addresses)
            throws IOException, InterruptedException {
        Map<String, MountSource> sources = volumes.setUp(pod, spec, directories.podDirectory(pod.uid()));
        makeFiles(pod, spec, attempt, addresses);
        return new Prepared(
                sources,
                directories.mountedFiles().hosts(pod.uid()),
                directories.mountedFiles().terminationLog(pod.uid(), spec.name(), attempt));
    }

    private void makeFiles(Pod pod, ContainerSpec spec, int attempt, List<String> addresses) throws IOException {
        directories.makeLogDirectory(pod, spec.name(), attempt);
        hosts(pod, addresses);
        directories.mountedFiles().makeTerminationLog(pod.uid(), spec.name(), attempt);
    }

    /**
     * The source of each volume mount of the container, in their order.
     *
     * @param env the environment variables of the container, which a {@code subPathExpr} refers to
     * @throws IOException if a part of a volume cannot be mounted; the message is for the user
     */
    public List<MountSource> mountSources(Pod pod, ContainerSpec spec, Prepared prepared, Map<String, String> env)
            throws IOException, InterruptedException {
        return volumes.mountSources(pod, spec, prepared.volumes(), env, directories.podDirectory(pod.uid()));
    }

    private void hosts(Pod pod, List<String> addresses) throws IOException {
        if (pod.spec().hostNetwork()) {
            String ofNode = Files.exists(HOSTS_OF_NODE) ? Files.readString(HOSTS_OF_NODE) : "";
            directories.mountedFiles().writeHosts(pod.uid(), HostsFile.onHostNetwork(pod, ofNode));
            return;
        }
        directories.mountedFiles().writeHosts(pod.uid(), HostsFile.of(pod, addresses, clusterDomain));
    }

    /** The IP addresses of the action's sandbox; empty if they are unknown yet. */
    public static List<String> addresses(StartContainer action, ObservedPod before) {
        return before.sandboxes().stream()
                .filter(sandbox -> sandbox.id().equals(action.sandbox()))
                .map(ObservedSandbox::ips)
                .findFirst()
                .orElse(List.of());
    }
}
