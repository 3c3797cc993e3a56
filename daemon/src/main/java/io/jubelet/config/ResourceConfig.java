/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import static io.jubelet.config.Settings.ALLOWED_UNSAFE_SYSCTLS;
import static io.jubelet.config.Settings.CGROUPS_PER_QOS;
import static io.jubelet.config.Settings.CGROUP_DRIVER;
import static io.jubelet.config.Settings.CGROUP_ROOT;
import static io.jubelet.config.Settings.CPU_CFS_QUOTA;
import static io.jubelet.config.Settings.CPU_CFS_QUOTA_PERIOD;
import static io.jubelet.config.Settings.ENFORCE_NODE_ALLOCATABLE;
import static io.jubelet.config.Settings.KUBE_RESERVED;
import static io.jubelet.config.Settings.MAX_PODS;
import static io.jubelet.config.Settings.POD_MAX_PIDS;
import static io.jubelet.config.Settings.ROOT_DIR;
import static io.jubelet.config.Settings.SECCOMP_DEFAULT;
import static io.jubelet.config.Settings.SINGLE_PROCESS_OOM_KILL;
import static io.jubelet.config.Settings.SYSTEM_RESERVED;
import static io.jubelet.config.Settings.USER_NAMESPACES_IDS_PER_POD;

import io.jubelet.pod.Quantity;
import io.jubelet.pod.SysctlAllowlist;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What pods may take of the node, and how they are confined.
 *
 * @param maxPods how many pods may run
 * @param cgroups the cgroups of pods
 * @param reserved what is kept from pods for the system and this daemon, by resource
 * @param enforceAllocatable whether all pods together may take only what is not reserved
 * @param evictionHard what must stay free
 * @param confinement what pods may do
 */
public record ResourceConfig(
        int maxPods,
        Cgroups cgroups,
        Map<String, Quantity> reserved,
        boolean enforceAllocatable,
        EvictionThresholds evictionHard,
        ConfinementSettings confinement) {

    /**
     * The cgroups of pods.
     *
     * @param root the names on the way to the cgroup below which pods have theirs
     * @param perQos whether pods have cgroups of their own
     * @param driver {@code cgroupfs} or {@code systemd}, where the runtime does not tell; empty: not given
     * @param podPidsLimit processes and threads of a pod; 0 and less: no limit
     * @param singleProcessOomKill whether a container that runs out of memory loses one process and not all
     * @param cfsQuotaPeriod the period in which CPU limits are enforced; empty: they are not
     */
    public record Cgroups(
            List<String> root,
            boolean perQos,
            Optional<String> driver,
            long podPidsLimit,
            boolean singleProcessOomKill,
            Optional<Duration> cfsQuotaPeriod) {
        public Cgroups {
            root = List.copyOf(root);
        }
    }

    private static final List<String> DRIVERS = List.of("cgroupfs", "systemd");
    private static final List<String> RESERVABLE = List.of("cpu", "memory", "ephemeral-storage", "pid");
    private static final int IDS = ConfinementSettings.DEFAULT_IDS_PER_POD;

    public ResourceConfig {
        reserved = Map.copyOf(reserved);
    }

    /** Bytes of memory that no pod may request, because pods are evicted when less than that is free. */
    public long memoryToStayFree(long nodeMemory) {
        return evictionHard.floor("memory.available", nodeMemory);
    }

    static ResourceConfig read(SettingReader settings) {
        Map<String, Quantity> reserved = new HashMap<>();
        addReserved(settings, KUBE_RESERVED, reserved);
        addReserved(settings, SYSTEM_RESERVED, reserved);
        int maxPods = settings.integerOrDefault(MAX_PODS);
        return new ResourceConfig(
                maxPods,
                cgroups(settings),
                reserved,
                settings.texts(ENFORCE_NODE_ALLOCATABLE).contains("pods"),
                EvictionThresholds.read(settings),
                new ConfinementSettings(
                        Path.of(settings.text(ROOT_DIR).orElseThrow()),
                        settings.flag(SECCOMP_DEFAULT),
                        sysctls(settings),
                        idsPerPod(settings),
                        maxPods));
    }

    private static Cgroups cgroups(SettingReader settings) {
        String root = settings.text(CGROUP_ROOT).orElse("/");
        if (!root.startsWith("/")) {
            settings.error(CGROUP_ROOT, "must be an absolute path such as /jubelet, but is \"" + root + "\"");
        }
        Optional<String> driver = settings.text(CGROUP_DRIVER);
        if (driver.isPresent() && !DRIVERS.contains(driver.get())) {
            settings.error(CGROUP_DRIVER, "must be cgroupfs or systemd, but is \"" + driver.get() + "\"");
        }
        Duration period = settings.duration(CPU_CFS_QUOTA_PERIOD, Duration.ofMillis(1), Duration.ofSeconds(1));
        return new Cgroups(
                names(root),
                settings.flag(CGROUPS_PER_QOS),
                driver,
                settings.inEffect(
                        POD_MAX_PIDS, Math.max(-1, settings.number(POD_MAX_PIDS, Long.MIN_VALUE, Long.MAX_VALUE))),
                settings.flag(SINGLE_PROCESS_OOM_KILL),
                settings.flag(CPU_CFS_QUOTA) ? Optional.of(period) : Optional.empty());
    }

    private static List<String> names(String path) {
        List<String> names = new ArrayList<>();
        for (String name : path.split("/")) {
            if (!name.isEmpty()) {
                names.add(name);
            }
        }
        return names;
    }

    private static SysctlAllowlist sysctls(SettingReader settings) {
        List<String> allowed = new ArrayList<>();
        for (String pattern : settings.texts(ALLOWED_UNSAFE_SYSCTLS)) {
            String problem = SysctlAllowlist.check(pattern);
            if (problem == null) {
                allowed.add(pattern);
            } else {
                settings.error(ALLOWED_UNSAFE_SYSCTLS, problem);
            }
        }
        return new SysctlAllowlist(allowed);
    }

    private static int idsPerPod(SettingReader settings) {
        int ids = settings.integer(USER_NAMESPACES_IDS_PER_POD, IDS, Integer.MAX_VALUE);
        if (ids % IDS != 0) {
            settings.error(USER_NAMESPACES_IDS_PER_POD, "must be a multiple of " + IDS);
        }
        return ids;
    }

    private static void addReserved(SettingReader settings, Setting setting, Map<String, Quantity> reserved) {
        for (Map.Entry<String, String> entry : settings.textMap(setting).entrySet()) {
            if (!RESERVABLE.contains(entry.getKey())) {
                settings.error(
                        setting,
                        "cannot reserve \"" + entry.getKey() + "\"; " + String.join(", ", RESERVABLE) + " can be");
                continue;
            }
            try {
                Quantity quantity = Quantity.parse(entry.getValue());
                Quantity before = reserved.get(entry.getKey());
                reserved.put(
                        entry.getKey(),
                        before == null
                                ? quantity
                                : new Quantity(
                                        before + " + " + quantity,
                                        before.number().add(quantity.number())));
            } catch (IllegalArgumentException e) {
                settings.error(setting, String.valueOf(e.getMessage()));
            }
        }
    }
}
