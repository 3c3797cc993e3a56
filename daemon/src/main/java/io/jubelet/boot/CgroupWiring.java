/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.boot;

import io.jubelet.admission.NodeCapacities;
import io.jubelet.cgroup.CgroupSettings;
import io.jubelet.cgroup.CgroupTree;
import io.jubelet.cgroup.OutOfMemoryCounters;
import io.jubelet.cgroup.PodCgroups;
import io.jubelet.config.DaemonConfig;
import io.jubelet.config.ResourceConfig;
import io.jubelet.cri.RuntimeService;
import io.jubelet.node.NodeFacts;
import io.jubelet.observed.OutOfMemoryKills;
import io.jubelet.runtime.RuntimeCgroupDriver;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The cgroups of pods. */
final class CgroupWiring {

    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    private CgroupWiring() {}

    static PodCgroups of(
            DaemonConfig config,
            NodeFacts facts,
            NodeCapacities capacities,
            RuntimeService runtime,
            Predicate<String> ours) {
        ResourceConfig.Cgroups cgroups = config.resources().cgroups();
        boolean wanted = cgroups.perQos() && !config.runtime().isSimulated();
        Optional<CgroupTree> tree = wanted ? CgroupTree.at(CgroupTree.ROOT) : Optional.empty();
        if (wanted && tree.isEmpty()) {
            LOG.warn(
                    "pods get no cgroups of their own, so only their containers are limited: {} does not exist, or is not"
                            + " writable",
                    CgroupTree.ROOT);
        }
        CgroupSettings settings = new CgroupSettings(
                wanted,
                cgroups.root(),
                cgroups.cfsQuotaPeriod(),
                Math.max(0, cgroups.podPidsLimit()),
                facts.hugePageSizes(),
                capacities.podCpuMilli(),
                capacities.podMemoryLimit());
        return new PodCgroups(settings, tree, () -> RuntimeCgroupDriver.query(runtime, cgroups.driver()), ours);
    }

    /** The kills that cgroups count. */
    static OutOfMemoryKills memory(PodCgroups cgroups) {
        if (!cgroups.enabled()) {
            return OutOfMemoryKills.NONE;
        }
        OutOfMemoryCounters counters = new OutOfMemoryCounters(cgroups);
        return new OutOfMemoryKills() {
            @Override
            public void running(String uid) {
                counters.running(uid);
            }

            @Override
            public void ended(String uid, String container) {
                counters.ended(uid, container);
            }

            @Override
            public void reported(String container) {
                counters.reported(container);
            }

            @Override
            public boolean killed(String uid, String container) {
                return counters.killed(uid, container);
            }

            @Override
            public void gone(String uid) {
                counters.gone(uid);
            }
        };
    }
}
