/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cgroup;

import io.jubelet.concurrent.Backoff;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodResources;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.QosClass;
import io.jubelet.pod.Quantity;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cgroups of pods: {@code kubepods}, below it one for each QoS class except Guaranteed, and one
 * for each pod.
 *
 * <p>As with the kubelet, the weight of {@code burstable} is what its pods request together, and
 * that of {@code besteffort} is the smallest, so pods without requests get what the others leave.
 * If another kubelet has pods in this hierarchy, their cgroups and those above them stay as they
 * are.
 *
 * <p>Safe for use by many threads, provided that one thread at a time works on a pod.
 */
public final class PodCgroups {

    private static final Logger LOG = LoggerFactory.getLogger(PodCgroups.class);
    private static final String POD = "pod";
    private static final long RECENTLY = Duration.ofMinutes(10).toNanos();
    private static final int MAX_KILLS = 5;
    private static final Backoff KILL_PAUSES = new Backoff(Duration.ofMillis(20), Duration.ofMillis(320));

    private final CgroupSettings settings;
    private final Optional<CgroupTree> tree;
    private final Supplier<CgroupDriver> driverSupplier;
    private final Predicate<String> ours;

    /** Written, guarded by this, when the upper cgroups exist; null before. */
    private volatile @Nullable Hierarchy hierarchy;

    private final Set<String> made = ConcurrentHashMap.newKeySet();

    private volatile Runnable disappeared = () -> {};

    /** When a cgroup was last found to have been removed by another program, by {@link System#nanoTime}; null if never. */
    private volatile @Nullable Long removedByOthersAt;

    /** Thousandths of a processor that burstable pods request, by UID. Guarded by itself. */
    private final Map<String, Long> burstable = new HashMap<>();

    /**
     * The weight of {@code burstable} that was set last, 0 before. Guarded by {@link #burstable}.
     */
    private long burstableShares;

    /**
     * @param shared whether another kubelet has pods here, so that the cgroups above pods stay as
     *     they are
     */
    private record Hierarchy(CgroupDriver driver, CgroupWriter writer, boolean shared) {}

    /**
     * @param tree empty if no cgroups can be created
     * @param driver queried once, for the first pod; may throw what the runtime throws
     * @param ours whether a UID is that of a pod of this daemon
     */
    public PodCgroups(
            CgroupSettings settings, Optional<CgroupTree> tree, Supplier<CgroupDriver> driver, Predicate<String> ours) {
        this.settings = settings;
        this.tree = settings.perPod() ? tree : Optional.empty();
        this.driverSupplier = driver;
        this.ours = ours;
    }

    /** Creates no cgroups; the runtime chooses where to put containers. */
    public static PodCgroups none() {
        return new PodCgroups(CgroupSettings.NONE, Optional.empty(), () -> CgroupDriver.CGROUPFS, _ -> false);
    }

    /** Whether pods have cgroups here. */
    public boolean enabled() {
        return tree.isPresent();
    }

    /**
     * The parent of the cgroups of a pod's sandbox and containers, as the runtime expects it; empty
     * if the runtime chooses. The first call creates the cgroups above those of pods.
     *
     * @throws IOException if they cannot be created
     */
    public Optional<String> parent(Pod pod) throws IOException {
        if (tree.isEmpty()) {
            return settings.root().isEmpty() ? Optional.empty() : Optional.of("/" + String.join("/", settings.root()));
        }
        return Optional.of(hierarchy().driver().parent(name(pod)));
    }

    /** Creates the cgroup of a pod, or sets its limits if it exists. */
    public void make(Pod pod) throws IOException {
        if (tree.isEmpty()) {
            return;
        }
        Hierarchy now = hierarchy();
        CgroupLimits limits =
                CgroupLimits.of(pod.spec(), settings.cpuPeriod(), settings.pids(), settings.hugePageSizes());
        if (made.contains(pod.uid()) && !tree.orElseThrow().exists(now.driver().path(name(pod)))) {
            removedByOthersAt = System.nanoTime();
            disappeared.run();
        }
        now.writer().make(name(pod), limits);
        made.add(pod.uid());
        updateBurstableShares(now, List.of(pod));
    }

    /**
     * Creates the cgroup of a pod unless this daemon has done so; an earlier daemon may have
     * started the pod.
     */
    public void ensure(Pod pod) throws IOException {
        if (!made.contains(pod.uid())) {
            make(pod);
        }
    }

    /**
     * Reports pods that run or are about to: what they request counts towards the weight of
     * {@code burstable} from now on.
     */
    public void expect(Collection<Pod> pods) throws IOException {
        if (tree.isPresent()) {
            updateBurstableShares(hierarchy(), pods);
        }
    }

    /**
     * Removes the cgroup of a pod whose containers are gone, and kills the processes that are left
     * in it; done if there is none.
     *
     * @throws IOException if a process cannot be killed
     */
    public void remove(String uid) throws IOException, InterruptedException {
        if (tree.isEmpty()) {
            return;
        }
        Hierarchy now = hierarchy();
        for (List<String> name : names(uid)) {
            remove(now, name);
        }
        made.remove(uid);
        synchronized (burstable) {
            burstable.remove(uid);
        }
        updateBurstableShares(now, List.of());
    }

    private void remove(Hierarchy now, List<String> name) throws IOException, InterruptedException {
        String path = now.driver().path(name);
        for (int kills = 0; true; kills++) {
            try {
                now.writer().remove(name);
                return;
            } catch (IOException e) {
                Set<Long> left = tree.orElseThrow().processes(path);
                if (kills == MAX_KILLS) {
                    throw new IOException("processes " + left + " are left in cgroup " + path, e);
                }
                for (long process : left) {
                    LOG.warn(
                            "killing a process that is left in the cgroup of a pod: process={} cgroup={}",
                            process,
                            path);
                    ProcessHandle.of(process).ifPresent(ProcessHandle::destroyForcibly);
                }
                Thread.sleep(KILL_PAUSES.delay(kills + 1));
            }
        }
    }

    /** Removes the cgroup of a pod that is no longer known, unless there are processes in it. */
    public void removeEmpty(String uid) throws IOException {
        if (tree.isEmpty()) {
            return;
        }
        Hierarchy now = hierarchy();
        for (List<String> name : names(uid)) {
            Set<Long> processes = tree.orElseThrow().processes(now.driver().path(name));
            if (processes.isEmpty()) {
                now.writer().remove(name);
            } else {
                LOG.warn(
                        "processes are left in the cgroup of a pod version that is gone: uid={} processes={}",
                        uid,
                        processes);
            }
        }
    }

    /** How many processes of a pod the kernel killed for memory; empty if that is not known. */
    OptionalLong outOfMemoryKills(String uid) {
        boolean counted = tree.isPresent() && tree.get().countsBelow();
        return counted ? outOfMemoryKills(uid, List.of("")) : OptionalLong.empty();
    }

    /** How many processes of a container the kernel killed for memory; empty if that is not known. */
    OptionalLong outOfMemoryKills(String uid, String container) {
        return outOfMemoryKills(uid, containerNames(container));
    }

    private OptionalLong outOfMemoryKills(String uid, List<String> children) {
        Hierarchy now = hierarchy;
        if (now == null) {
            return OptionalLong.empty();
        }
        for (List<String> name : names(uid)) {
            for (String child : children) {
                OptionalLong count =
                        tree.orElseThrow().outOfMemoryKills(now.driver().path(name) + child);
                if (count.isPresent()) {
                    return count;
                }
            }
        }
        return OptionalLong.empty();
    }

    /** The path of the cgroup of a pod; empty if it has none. */
    public Optional<String> path(String uid) {
        Hierarchy now = hierarchy;
        if (now == null) {
            return Optional.empty();
        }
        return names(uid).stream()
                .map(now.driver()::path)
                .filter(tree.orElseThrow()::exists)
                .findFirst();
    }

    /** The names that runtimes choose with each of the two drivers. */
    static List<String> containerNames(String container) {
        return List.of("/" + container, "/cri-containerd-" + container + ".scope", "/crio-" + container + ".scope");
    }

    // --- names

    private List<String> name(Pod pod) {
        return below(tier(QosClass.of(pod.spec())), POD + pod.uid());
    }

    private List<String> tier(QosClass qos) {
        return switch (qos) {
            case Guaranteed -> settings.pods();
            case Burstable -> below(settings.pods(), "burstable");
            case BestEffort -> below(settings.pods(), "besteffort");
        };
    }

    private List<List<String>> names(String uid) {
        List<List<String>> names = new ArrayList<>();
        for (QosClass qos : QosClass.values()) {
            names.add(below(tier(qos), POD + uid));
        }
        return names;
    }

    private static List<String> below(List<String> name, String child) {
        List<String> longer = new ArrayList<>(name);
        longer.add(child);
        return longer;
    }

    // --- cgroups above those of pods

    private Hierarchy hierarchy() throws IOException {
        Hierarchy now = hierarchy;
        return now == null ? prepared() : now;
    }

    private synchronized Hierarchy prepared() throws IOException {
        if (hierarchy == null) {
            CgroupDriver driver = driverSupplier.get();
            CgroupTree files = tree.orElseThrow();
            CgroupWriter writer = driver == CgroupDriver.SYSTEMD ? new SystemdWriter(files) : new CgroupfsWriter(files);
            Hierarchy now = new Hierarchy(driver, writer, isShared(driver, files));
            make(now, settings.pods(), settings.all());
            make(now, tier(QosClass.BestEffort), CgroupLimits.shares(CpuTime.MIN_SHARES));
            make(now, tier(QosClass.Burstable), CgroupLimits.NONE);
            hierarchy = now;
        }
        return hierarchy;
    }

    private void make(Hierarchy now, List<String> name, CgroupLimits limits) throws IOException {
        if (!now.shared() || !tree.orElseThrow().exists(now.driver().path(name))) {
            now.writer().make(name, limits);
        }
    }

    // --- other programs that run pods in these cgroups

    /** @param listener called after the cgroup of a pod was found to have been removed by another program */
    void onDisappearance(Runnable listener) {
        disappeared = Objects.requireNonNull(listener, "listener");
    }

    /** Whether another program has removed the cgroup of a pod within the last ten minutes. */
    boolean recentlyRemovedByOthers() {
        Long at = removedByOthersAt;
        return at != null && System.nanoTime() - at < RECENTLY;
    }

    /** The path of the cgroup of all pods; an empty text if it was not made yet. */
    public String podsPath() {
        Hierarchy now = hierarchy;
        return now == null ? "" : now.driver().path(settings.pods());
    }

    /** The cgroups here with processes of pods that are not ours; none before ours were made. */
    Set<String> othersRunning() throws IOException {
        Set<String> running = new HashSet<>();
        Hierarchy now = hierarchy;
        if (now != null && tree.isPresent()) {
            for (String path : others(now.driver(), tree.get())) {
                if (!tree.get().processes(path).isEmpty()) {
                    running.add(path);
                }
            }
        }
        return running;
    }

    private Set<String> others(CgroupDriver driver, CgroupTree files) throws IOException {
        Set<String> others = new HashSet<>();
        for (QosClass qos : QosClass.values()) {
            String above = driver.path(tier(qos));
            for (String child : files.children(above)) {
                String name = driver.lastPart(tier(qos), child);
                if (name.startsWith(POD) && !ours.test(name.substring(POD.length()))) {
                    others.add(above + "/" + child);
                }
            }
        }
        return others;
    }

    private boolean isShared(CgroupDriver driver, CgroupTree files) throws IOException {
        Set<String> others = others(driver, files);
        if (!others.isEmpty()) {
            LOG.warn(
                    "{} holds cgroups of pods that are not ours, so the limits of all pods together stay as they are: others={}",
                    driver.path(settings.pods()),
                    others.size());
        }
        return !others.isEmpty();
    }

    private void updateBurstableShares(Hierarchy now, Collection<Pod> pods) throws IOException {
        synchronized (burstable) {
            for (Pod pod : pods) {
                if (QosClass.of(pod.spec()) == QosClass.Burstable) {
                    burstable.put(pod.uid(), milli(pod.spec()));
                }
            }
            long milli = 0;
            for (long each : burstable.values()) {
                milli += each;
            }
            long shares = CpuTime.shares(milli);
            if (shares != burstableShares && !now.shared()) {
                now.writer().set(tier(QosClass.Burstable), CgroupLimits.shares(shares));
                burstableShares = shares;
            }
        }
    }

    private static long milli(PodSpec pod) {
        return PodResources.request(pod, "cpu").map(Quantity::milli).orElse(0L);
    }
}
