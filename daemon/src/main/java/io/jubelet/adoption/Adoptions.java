/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.adoption;

import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.CriException;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxState;
import io.jubelet.cri.RuntimeService;
import io.jubelet.observed.Labels;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.RestartPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over the static pods of a kubelet that was stopped.
 *
 * <p>A pod that runs what its manifest says runs on as ours. The others are replaced one after the other: until the turn of
 * one comes, it counts as what its manifest says. What the kubelet left without a manifest runs on and is only logged.
 *
 * <p>Safe for use by many threads.
 */
public final class Adoptions {

    /** The file in the root directory that says which pods were adopted; it goes away with the last of them. */
    public static final String FILE = "adopted-pods.json";

    private static final Logger LOG = LoggerFactory.getLogger(Adoptions.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final String FROM_FILE = "file";

    private final RuntimeService runtime;
    private final AdoptionStore store;
    private final ReentrantLock lock = new ReentrantLock();

    /** What each sandbox counts as now. */
    private final Map<PodSandboxId, AdoptedPod> adopted = new ConcurrentHashMap<>();

    /** Those of them that run something else than their manifests say, and wait for their replacement. Guarded by the lock. */
    private final Map<PodName, AdoptedPod> waiting = new TreeMap<>();

    /** Those of them whose turn has come. Their workers begin to see what they run with their next list of sandboxes. */
    private final Map<PodName, AdoptedPod> due = new ConcurrentHashMap<>();

    /** Sandboxes of a kubelet whose pods have no accepted manifest yet, by namespace and full name. */
    private final Map<String, PodSandbox> unclaimed = new ConcurrentHashMap<>();

    /** What was begun; null before. */
    private volatile @Nullable Start start;

    private volatile boolean complete = true;

    /**
     * What the first list of the runtime begins with.
     *
     * @param takeOver whether to adopt more than what was adopted earlier
     */
    private record Start(KubeletFiles files, Supplier<Collection<Pod>> desired, boolean takeOver) {}

    private Adoptions(RuntimeService runtime, AdoptionStore store) {
        this.runtime = runtime;
        this.store = store;
    }

    /**
     * Loads what was adopted earlier.
     *
     * @param rootDir the root directory of the daemon
     * @throws IOException if it cannot be read; its pods would be started a second time
     */
    public static Adoptions open(Path rootDir, RuntimeService runtime) throws IOException {
        AdoptionStore store = new AdoptionStore(rootDir.resolve(FILE));
        Adoptions adoptions = new Adoptions(Objects.requireNonNull(runtime, "runtime"), store);
        for (AdoptedPod pod : store.load()) {
            adoptions.adopted.put(pod.sandbox(), pod);
        }
        return adoptions;
    }

    /** The runtime with the adopted pods as ours. */
    public RuntimeService runtime() {
        return new AdoptedRuntime(runtime, this);
    }

    /**
     * From now on, the next list of the runtime takes over what a kubelet left.
     *
     * @param desired the pods of the manifests
     * @param takeOver whether to adopt more than what was adopted earlier
     */
    public void begin(KubeletFiles files, Supplier<Collection<Pod>> desired, boolean takeOver) {
        start = new Start(Objects.requireNonNull(files, "files"), Objects.requireNonNull(desired, "desired"), takeOver);
        complete = false;
    }

    boolean isEmpty() {
        return adopted.isEmpty();
    }

    Optional<AdoptedPod> of(PodSandboxId sandbox) {
        return Optional.ofNullable(adopted.get(sandbox));
    }

    /** Takes over what there is, if that was begun and not done yet. */
    void complete() {
        if (complete) {
            return;
        }
        lock.lock();
        try {
            Start begun = start;
            if (!complete && begun != null) {
                adopt(begun);
                complete = true;
            }
        } finally {
            lock.unlock();
        }
    }

    private void adopt(Start begun) {
        Map<String, Pod> desired = new TreeMap<>();
        begun.desired().get().forEach(pod -> desired.put(pod.name().namespace() + "/" + pod.fullName(), pod));
        List<PodSandbox> sandboxes = runtime.listPodSandboxes(PodSandboxFilter.all());
        Set<PodSandboxId> present =
                sandboxes.stream().map(PodSandbox::id).collect(Collectors.toCollection(HashSet::new));
        adopted.keySet().retainAll(present);
        for (PodSandbox sandbox : sandboxes) {
            String name = name(sandbox.labels());
            Pod pod = desired.get(name);
            AdoptedPod before = adopted.get(sandbox.id());
            if (before != null) {
                if (pod != null && !before.current()) {
                    hold(pod, before);
                }
            } else if (begun.takeOver() && isKubelets(sandbox)) {
                if (pod == null) {
                    unclaimed.put(name, sandbox);
                    LOG.warn(
                            "{} was started by a kubelet and has no accepted manifest here; it runs on, and Jubelet leaves it"
                                    + " alone until there is one",
                            name);
                } else {
                    adopt(pod, sandbox, begun.files());
                }
            }
        }
        save();
    }

    /** Takes over a pod whose manifest was accepted only now. It is replaced at once if it runs something else. */
    private void claim(Map<String, String> labels) {
        PodSandbox sandbox = unclaimed.get(name(labels));
        Start begun = start;
        if (sandbox == null || begun == null) {
            return;
        }
        lock.lock();
        try {
            for (Pod pod : begun.desired().get()) {
                if (name(labels).equals(pod.name().namespace() + "/" + pod.fullName())
                        && unclaimed.remove(name(labels), sandbox)
                        && !runtime.listPodSandboxes(PodSandboxFilter.id(sandbox.id()))
                                .isEmpty()) {
                    adopt(pod, sandbox, begun.files());
                    AdoptedPod outdated = waiting.remove(pod.name());
                    if (outdated != null) {
                        adopted.put(outdated.sandbox(), outdated);
                    }
                    save();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** The namespace and full name of a pod by the labels of its sandboxes. */
    private static String name(Map<String, String> labels) {
        return labels.getOrDefault(Labels.POD_NAMESPACE, "") + "/" + labels.getOrDefault(Labels.POD_NAME, "");
    }

    private static boolean isKubelets(PodSandbox sandbox) {
        return sandbox.state() == PodSandboxState.READY
                && sandbox.annotations().getOrDefault(Labels.CONFIG_SOURCE, "").equals(FROM_FILE)
                && !sandbox.labels().containsKey(Labels.NODE);
    }

    private void adopt(Pod pod, PodSandbox sandbox, KubeletFiles files) {
        AdoptedPod mine = new AdoptedPod(
                sandbox.id(),
                sandbox.metadata().uid(),
                pod.name(),
                pod.originalNode(),
                pod.uid(),
                Optional.of(pod.hash()),
                pod.source(),
                pod.spec().terminationGracePeriod().toSeconds(),
                pod.spec().restartPolicy() == RestartPolicy.Always,
                pod.spec().initContainers().stream()
                        .filter(container -> !pod.spec().isSidecar(container))
                        .map(ContainerSpec::name)
                        .collect(Collectors.toSet()));
        Optional<String> difference = files.changed(pod)
                .map(changed -> KubeletMatch.difference(
                        pod, changed, sandbox, runtime.listContainers(ContainerFilter.sandbox(sandbox.id()))))
                .orElse(Optional.of("the manifest cannot be examined"));
        if (difference.isEmpty() && !isNewest(mine)) {
            difference = Optional.of("it has another sandbox, too");
        }
        if (difference.isEmpty()) {
            files.take(pod, mine.kubeletUid());
            adopted.put(mine.sandbox(), mine);
            LOG.info(
                    "adopted a pod of the kubelet: pod={} sandbox={}",
                    pod.name(),
                    sandbox.id().value());
        } else {
            LOG.info(
                    "a pod of the kubelet is not what its manifest says and will be replaced: pod={} reason=\"{}\"",
                    pod.name(),
                    difference.get());
            hold(pod, mine.outdated());
        }
    }

    /** Whether no other sandbox of the pod was adopted. */
    private boolean isNewest(AdoptedPod pod) {
        return adopted.values().stream().noneMatch(other -> other.pod().equals(pod.pod()));
    }

    /** Lets a pod count as what its manifest says until its turn comes. */
    private void hold(Pod pod, AdoptedPod outdated) {
        AdoptedPod held = new AdoptedPod(
                outdated.sandbox(),
                outdated.kubeletUid(),
                outdated.pod(),
                outdated.node(),
                pod.uid(),
                Optional.of(pod.hash()),
                outdated.manifest(),
                outdated.graceSeconds(),
                outdated.restarts(),
                outdated.initContainers());
        boolean first = waiting.putIfAbsent(pod.name(), outdated) == null;
        adopted.put(outdated.sandbox(), first ? held : outdated);
    }

    /**
     * Replaces the pods that run something else than their manifests say, one after the other. Blocks until the last has
     * been replaced.
     *
     * @param running whether the wanted version of a pod runs
     * @param replace asks the pod's worker to observe the pod again
     * @param patience how long one pod may keep the next waiting
     */
    public void replaceOutdated(Predicate<PodName> running, Consumer<PodName> replace, Duration patience)
            throws InterruptedException {
        Optional<AdoptedPod> next = next();
        while (next.isPresent()) {
            PodName name = next.get().pod();
            LOG.info("replacing a pod of the kubelet: pod={}", name);
            replace.accept(name);
            long begun = System.nanoTime();
            boolean done = false;
            while (!done && System.nanoTime() - begun < patience.toNanos()) {
                Thread.sleep(POLL);
                done = of(next.get().sandbox()).isEmpty() && running.test(name);
            }
            next = next();
        }
    }

    /** The pod whose turn comes now; empty when there is none. */
    private Optional<AdoptedPod> next() {
        lock.lock();
        try {
            waiting.values().removeIf(pod -> !adopted.containsKey(pod.sandbox()));
            for (AdoptedPod pod : waiting.values()) {
                if (due.putIfAbsent(pod.pod(), pod) == null) {
                    return Optional.of(pod);
                }
            }
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes over a pod whose manifest was accepted meanwhile, and shows what a pod runs if its turn has come. The list of sandboxes begins an observation of the pod, so the lists of one
     * observation agree.
     *
     * @param selector the labels that sandboxes are listed by
     */
    void beginList(Map<String, String> selector) {
        if (!unclaimed.isEmpty() && selector.containsKey(Labels.POD_NAME)) {
            claim(selector);
        }
        if (due.isEmpty() || !selector.containsKey(Labels.POD_NAME)) {
            return;
        }
        lock.lock();
        try {
            for (AdoptedPod pod : List.copyOf(due.values())) {
                if (pod.pod().onNode(pod.node()).equals(selector.get(Labels.POD_NAME))
                        && pod.pod().namespace().equals(selector.get(Labels.POD_NAMESPACE))) {
                    due.remove(pod.pod());
                    waiting.remove(pod.pod());
                    adopted.put(pod.sandbox(), pod);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Forgets a sandbox that was removed. */
    void removed(PodSandboxId sandbox) {
        lock.lock();
        try {
            AdoptedPod pod = adopted.remove(sandbox);
            if (pod != null) {
                save();
                if (start != null) {
                    start.files().leave(pod);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Stores what the sandboxes really are, so that a restart of the daemon replaces those that still wait. */
    private void save() {
        List<AdoptedPod> pods = new ArrayList<>();
        for (AdoptedPod pod : adopted.values()) {
            AdoptedPod outdated = waiting.get(pod.pod());
            pods.add(outdated != null && outdated.sandbox().equals(pod.sandbox()) ? outdated : pod);
        }
        try {
            store.store(pods);
        } catch (IOException e) {
            throw new CriException.Failed(
                    "ListPodSandbox", "cannot store which pods of the kubelet are adopted: " + e.getMessage(), e);
        }
    }
}
