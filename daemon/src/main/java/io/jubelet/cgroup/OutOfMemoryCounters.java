/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cgroup;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which containers the kernel killed for memory, from the counters of their cgroups.
 *
 * <p>Cgroup v2 counts a kill also in the cgroup of the pod, which outlives the container. Cgroup v1
 * counts it in that of the container alone, which the runtime removes soon after the end, so it is
 * known there only if the report of the end, or of the kill itself, came before. Safe for use by
 * many threads.
 */
public final class OutOfMemoryCounters {

    private static final int MAX_REMEMBERED = 256;

    private final PodCgroups cgroups;

    /** The counters of pods when they were last read, by UID. */
    private final Map<String, Long> counted = new ConcurrentHashMap<>();

    /** The ids of the containers that were killed last. */
    private final Set<String> killed = Collections.synchronizedSet(Collections.newSetFromMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MAX_REMEMBERED;
        }
    }));

    /** @param cgroups names the cgroups of pods */
    public OutOfMemoryCounters(PodCgroups cgroups) {
        this.cgroups = cgroups;
    }

    /** Reads the counter of a pod, unless that was done before. */
    public void running(String uid) {
        if (!counted.containsKey(uid)) {
            cgroups.outOfMemoryKills(uid).ifPresent(count -> counted.putIfAbsent(uid, count));
        }
    }

    /** Reads the counter of a container that has just ended. */
    public void ended(String uid, String container) {
        if (cgroups.outOfMemoryKills(uid, container).orElse(0) > 0) {
            killed.add(container);
        }
    }

    /** Records that the runtime reported a kill. */
    public void reported(String container) {
        killed.add(container);
    }

    /** Whether a container that ended by SIGKILL was killed for memory. */
    public boolean killed(String uid, String container) {
        ended(uid, container);
        OptionalLong now = cgroups.outOfMemoryKills(uid);
        Long before = now.isEmpty() ? null : counted.put(uid, now.getAsLong());
        if (before != null && now.getAsLong() > before) {
            killed.add(container);
        }
        return killed.contains(container);
    }

    /** Forgets a pod. */
    public void gone(String uid) {
        counted.remove(uid);
    }
}
