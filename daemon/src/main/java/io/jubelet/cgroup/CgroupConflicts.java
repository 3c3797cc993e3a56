/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cgroup;

import io.jubelet.node.RunningKubelets;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that another program runs pods in the cgroups of ours. A reference kubelet there kills
 * every process in a cgroup of a pod that it does not know. Nothing is read unless the
 * problem is asked for, or a cgroup has disappeared. Safe for use by many threads.
 */
public final class CgroupConflicts {

    private static final Logger LOG = LoggerFactory.getLogger(CgroupConflicts.class);
    private static final long MAX_AGE = Duration.ofSeconds(5).toNanos();

    private final PodCgroups cgroups;
    private final Supplier<Optional<RunningKubelets.Found>> kubelets;
    private final LongSupplier nanoTime;

    /** The last result. Guarded by this, as is its time. */
    private Optional<String> last = Optional.empty();

    private long lastAt;
    private boolean asked;

    /**
     * @param kubelets finds another program on this machine that runs pods
     * @param nanoTime a clock such as {@link System#nanoTime}
     */
    public CgroupConflicts(
            PodCgroups cgroups, Supplier<Optional<RunningKubelets.Found>> kubelets, LongSupplier nanoTime) {
        this.cgroups = Objects.requireNonNull(cgroups, "cgroups");
        this.kubelets = Objects.requireNonNull(kubelets, "kubelets");
        this.nanoTime = Objects.requireNonNull(nanoTime, "nanoTime");
        cgroups.onDisappearance(this::disappeared);
    }

    /** Who else runs pods in these cgroups, and what to do about it; empty if no program does. At most five seconds old. */
    public synchronized Optional<String> problem() {
        if (asked && nanoTime.getAsLong() - lastAt < MAX_AGE) {
            return last;
        }
        Optional<String> now = find();
        now.filter(problem -> !last.equals(now)).ifPresent(LOG::warn);
        last = now;
        lastAt = nanoTime.getAsLong();
        asked = true;
        return now;
    }

    private synchronized void disappeared() {
        asked = false;
        problem();
    }

    private Optional<String> find() {
        int others;
        try {
            others = cgroups.othersRunning().size();
        } catch (IOException e) {
            LOG.debug("cannot look for pods of others: {}", e.toString());
            return last;
        }
        if (others == 0 && !cgroups.recentlyRemovedByOthers()) {
            return Optional.empty();
        }
        String path = cgroups.podsPath();
        Optional<RunningKubelets.Found> found = kubelets.get();
        if (found.isPresent() && found.get().reference()) {
            return Optional.of("a kubelet (process " + found.get().pid() + ") uses the cgroup " + path
                    + ", too, and kills pods there that are not its own; stop it, or start jubelet with a cgroup of its"
                    + " own, such as --cgroup-root=/jubelet (and a container runtime of its own if they share one)");
        }
        if (others == 0) {
            return Optional.empty();
        }
        String pods = others == 1 ? "1 pod that is not ours runs" : others + " pods that are not ours run";
        return Optional.of(pods + " in the cgroup " + path
                + found.map(other -> " (another jubelet is process " + other.pid() + ")")
                        .orElse("")
                + ", so the limits of all pods together are not set; stop them, or start jubelet with a cgroup of its"
                + " own, such as --cgroup-root=/jubelet");
    }
}
