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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The volumes and files that a container needs before it is made. What is there already is left as it is. */
public final class ContainerFiles {

    private static final Logger LOG = LoggerFactory.getLogger(ContainerFiles.class);

    private static final Path HOSTS_OF_NODE = Path.of("/etc/hosts");

    private final PodDirectories directories;
    private final VolumeSetup volumes;
    /** The versions whose first container has just been given its files. */
    private final Set<String> ahead = ConcurrentHashMap.newKeySet();

    private final String clusterDomain;

    /** @param clusterDomain such as {@code cluster.local}; empty for none */
    public ContainerFiles(PodDirectories directories, VolumeSetup volumes, String clusterDomain) {
        this.directories = directories;
        this.volumes = volumes;
        this.clusterDomain = clusterDomain;
    }

    /**
     * What was made.
     *
     * @param volumes where each volume is that the container mounts, by the volume's name
     */
    public record Prepared(Map<String, MountSource> volumes, Path hosts, Path terminationLog) {}

    /**
     * Makes what is missing.
     *
     * @throws IOException when something cannot be had; its message is for the user
     */
    public Prepared make(StartContainer action, ContainerSpec spec, ObservedPod before)
            throws IOException, InterruptedException {
        Pod pod = action.pod();
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

    /** Makes the directories of a pod version and stores its manifest, before anything of it runs. */
    public void makeDirectories(Pod pod) throws IOException {
        directories.make(pod);
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
     * Makes what the first container of a new pod needs, while the runtime is busy with its sandbox: its own turn then
     * finds everything there. What fails now fails again then, and is told by then.
     */
    public void prepareAhead(Pod pod) throws InterruptedException {
        ContainerSpec first = first(pod);
        try {
            make(pod, first, 0, List.of());
            ahead.add(pod.uid());
        } catch (IOException e) {
            LOG.debug("pod={} the files of {} cannot be made ahead", pod.name(), first.name(), e);
        }
    }

    /** What was made of a version ahead is gone. */
    public void removed(String uid) {
        ahead.remove(uid);
    }

    private Prepared make(Pod pod, ContainerSpec spec, int attempt, List<String> addresses)
            throws IOException, InterruptedException {
        Map<String, MountSource> sources = volumes.setUp(pod, spec, directories.podDirectory(pod.uid()));
        directories.makeLogDirectory(pod, spec.name(), attempt);
        return new Prepared(
                sources,
                hosts(pod, addresses),
                directories.mountedFiles().makeTerminationLog(pod.uid(), spec.name(), attempt));
    }

    /**
     * Where each mount of the container finds its volume, or its part of one, which may be named after a variable.
     *
     * @throws IOException when a part cannot be had; its message is for the user
     */
    public List<MountSource> mountSources(Pod pod, ContainerSpec spec, Prepared prepared, Map<String, String> env)
            throws IOException {
        return volumes.mountSources(spec, prepared.volumes(), env, directories.podDirectory(pod.uid()));
    }

    private Path hosts(Pod pod, List<String> addresses) throws IOException {
        if (pod.spec().hostNetwork()) {
            String ofNode = Files.exists(HOSTS_OF_NODE) ? Files.readString(HOSTS_OF_NODE) : "";
            return directories.mountedFiles().writeHosts(pod.uid(), HostsFile.onHostNetwork(pod, ofNode));
        }
        return directories.mountedFiles().writeHosts(pod.uid(), HostsFile.of(pod, addresses, clusterDomain));
    }

    /** What an error says, for a user. */
    public static String words(IOException e) {
        boolean onlyAPath = e instanceof java.nio.file.FileSystemException;
        return onlyAPath || e.getMessage() == null ? e.toString() : e.getMessage();
    }

    /** The addresses of the action's sandbox, as far as they are known. */
    public static List<String> addresses(StartContainer action, ObservedPod before) {
        return before.sandboxes().stream()
                .filter(sandbox -> sandbox.id().equals(action.sandbox()))
                .map(ObservedSandbox::ips)
                .findFirst()
                .orElse(List.of());
    }
}
