/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import io.jubelet.plan.TestPods;
import io.jubelet.pod.ContainerPort;
import io.jubelet.pod.ContainerRestart;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Handler;
import io.jubelet.pod.LifecycleHooks;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Probe;
import io.jubelet.pod.Probes;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Resources;
import io.jubelet.pod.RestartPolicy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/** The pods of schedules: few names, and a few versions of each with random fields. */
final class SchedulePods {

    private static final List<PodName> NAMES = List.of("a", "b", "c", "d", "e").stream()
            .map(name -> new PodName("default", name))
            .toList();

    /** Any probe, because the driver decides its result. */
    private static final Probe PROBE = new Probe(
            new Handler.Exec(List.of("true")),
            Duration.ZERO,
            Duration.ofSeconds(1),
            Duration.ofSeconds(10),
            1,
            3,
            Optional.empty());

    private static final Handler HOOK = new Handler.Exec(List.of("true"));

    private SchedulePods() {}

    /** One of the names that a schedule has pods of; more of them where they are to compete. */
    static PodName name(boolean scarce, Random random) {
        return NAMES.get(random.nextInt(scarce ? NAMES.size() : 2));
    }

    /**
     * A version of a pod; those of one UID are the same.
     *
     * @param scarce whether it takes something of the node that others may want, too
     */
    static Pod shape(PodName name, boolean scarce, Random random) {
        RestartPolicy policy = random.nextInt(4) == 0 ? RestartPolicy.Never : RestartPolicy.Always;
        boolean two = random.nextBoolean();
        int further = random.nextInt(16);
        int share = scarce ? random.nextInt(9) : 0;
        String uid = uid(name.name() + random.nextInt(3) + policy + two + further + share);
        Random extras = new Random(uid.hashCode());
        Pod pod = TestPods.pod(name, uid, policy, "app");
        List<ContainerSpec> mains = new ArrayList<>();
        ContainerSpec.Builder app = main("app", extras, further < 10 && further % 2 == 0);
        mains.add(taking(app, share % 3, share / 3).build());
        if (two) {
            mains.add(main("log", extras, false).build());
        }
        PodSpec.Builder spec = PodSpec.builder(mains).restartPolicy(policy).terminationGracePeriod(TestPods.GRACE);
        if (further < 10) {
            spec.initContainers(inits(further % 5, extras))
                    .activeDeadline(further % 3 == 0 ? Optional.of(Duration.ofMinutes(2)) : Optional.empty());
        }
        return TestPods.with(pod, spec.build());
    }

    private static ContainerSpec.Builder main(String name, Random extras, boolean restartsAll) {
        ContainerSpec.Builder spec = with(extras, TestPods.spec(name));
        if (restartsAll) {
            ContainerRestart.Rule rule = new ContainerRestart.Rule(
                    ContainerRestart.Action.RestartAllContainers, true, Set.of(ScheduleWorld.RESTARTS_ALL));
            spec.restart(new ContainerRestart(Optional.empty(), List.of(rule)));
        }
        return spec;
    }

    /** A port of the node and units of its memory, or none. */
    private static ContainerSpec.Builder taking(ContainerSpec.Builder spec, int port, int units) {
        if (port > 0) {
            spec.ports(List.of(new ContainerPort("", 80, 8000 + port, "", ContainerPort.Protocol.TCP)));
        }
        if (units > 0) {
            Quantity memory = Quantity.parse(Long.toString(units * ScheduleCapacity.UNIT));
            spec.resources(new Resources(Map.of("memory", memory), Map.of()));
        }
        return spec;
    }

    private static List<ContainerSpec> inits(int which, Random extras) {
        return switch (which) {
            case 0 -> List.of(init("i1"));
            case 1 -> List.of(init("i1"), init("i2"));
            case 2 -> List.of(sidecar("s1", extras));
            case 3 -> List.of(sidecar("s1", extras), init("i1"), sidecar("s2", extras));
            default -> List.of();
        };
    }

    private static ContainerSpec init(String name) {
        return TestPods.spec(name).build();
    }

    private static ContainerSpec sidecar(String name, Random extras) {
        return with(extras, TestPods.spec(name))
                .restart(new ContainerRestart(Optional.of(RestartPolicy.Always), List.of()))
                .build();
    }

    /** Some hooks and some probes. */
    private static ContainerSpec.Builder with(Random extras, ContainerSpec.Builder spec) {
        return spec.hooks(new LifecycleHooks(some(extras, HOOK), some(extras, HOOK), ""))
                .probes(probes(extras));
    }

    private static Probes probes(Random extras) {
        Probes probes = new Probes(some(extras, PROBE), some(extras, PROBE), some(extras, PROBE));
        return extras.nextInt(4) == 0 || probes.equals(Probes.NONE) ? Probes.NONE : probes;
    }

    private static <T> Optional<T> some(Random extras, T value) {
        return extras.nextBoolean() ? Optional.of(value) : Optional.empty();
    }

    private static String uid(String version) {
        return UUID.nameUUIDFromBytes(version.getBytes(StandardCharsets.UTF_8))
                .toString()
                .replace("-", "");
    }
}
