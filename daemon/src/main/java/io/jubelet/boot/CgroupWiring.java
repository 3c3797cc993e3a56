package io.jubelet.boot;

import io.jubelet.admission.NodeCapacities;
import io.jubelet.cgroup.CgroupSettings;
import io.jubelet.cgroup.CgroupTree;
import io.jubelet.cgroup.PodCgroups;
import io.jubelet.config.DaemonConfig;
import io.jubelet.config.NodeSettings;
import io.jubelet.cri.RuntimeService;
import io.jubelet.node.NodeFacts;
import io.jubelet.runtime.RuntimeCgroupDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes what sees to the cgroups of pods. */
final class CgroupWiring {

    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    private CgroupWiring() {}

    static PodCgroups of(
            DaemonConfig config,
            NodeFacts facts,
            NodeCapacities capacities,
            RuntimeService runtime,
            Predicate<String> ours) {
        NodeSettings said = config.node();
        boolean wanted =
                said.cgroupsPerQos().orElse(true) && !config.runtimeEndpoint().startsWith("simulated:");
        Optional<CgroupTree> tree = wanted ? CgroupTree.at(CgroupTree.ROOT) : Optional.empty();
        if (wanted && tree.isEmpty()) {
            LOG.warn(
                    "pods get no cgroups of their own: {} is not there or cannot be written to, so only their containers"
                            + " are limited",
                    CgroupTree.ROOT);
        }
        long milli = capacities.capacity().cpuMilli() - capacities.reservedMilli();
        long memory = said.enforced().orElse(true) && capacities.reserved("memory") > 0
                ? facts.memoryBytes() - capacities.reserved("memory")
                : 0;
        CgroupSettings settings = new CgroupSettings(
                wanted,
                names(said.cgroupRoot().orElse("")),
                config.cpuCfsQuota() ? Optional.of(config.cpuCfsQuotaPeriod()) : Optional.empty(),
                Math.max(0, said.podPidsLimit().orElse(0L)),
                facts.hugePageSizes(),
                Math.max(0, milli),
                Math.max(0, memory));
        return new PodCgroups(settings, tree, () -> RuntimeCgroupDriver.ask(runtime, said.cgroupDriver()), ours);
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
}
