/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.cri.ContainerId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.PodSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The order in which containers of a spec start and stop, and whether an action keeps it (I7). */
public final class ContainerOrderRules {

    private ContainerOrderRules() {}

    /** How an action breaks the order, given what was there before it. */
    static Optional<String> brokenBy(PodAction action, ObservedPod before, Optional<PodSpec> spec) {
        return switch (action) {
            case PodAction.StartContainer start -> brokenBy(start, before);
            case PodAction.StopContainers stop -> spec.flatMap(s -> brokenBy(stop, before, s));
            case PodAction.CreateContainer create -> brokenBy(create.instance(), before);
            case PodAction.EnsureImage _,
                    PodAction.PrepareUpdate _,
                    PodAction.CreateSandbox _,
                    PodAction.StartCreated _,
                    PodAction.StopSandbox _,
                    PodAction.RemoveContainer _,
                    PodAction.RemoveSandbox _,
                    PodAction.EmptyVolumes _,
                    PodAction.RecordEnd _,
                    PodAction.RemoveDirectories _ -> Optional.empty();
        };
    }

    /** Each init container must have completed, and each sidecar run, before any later container is made. */
    private static Optional<String> brokenBy(PodAction.StartContainer start, ObservedPod before) {
        PodSpec spec = start.pod().spec();
        for (ContainerSpec earlier : spec.initContainers()) {
            if (earlier.name().equals(start.container())) {
                return Optional.empty();
            }
            List<String> later = later(spec, earlier.name());
            boolean hadItsTurn =
                    before.containers().stream().anyMatch(c -> sameLife(c, start) && later.contains(c.name()));
            boolean done = before.containers().stream()
                    .filter(c -> sameLife(c, start) && c.name().equals(earlier.name()))
                    .findFirst()
                    .filter(c -> spec.isSidecar(earlier) ? c.state() instanceof State.Running : succeeded(c.state()))
                    .isPresent();
            if (!hadItsTurn && !done) {
                return Optional.of(start.container() + " is started before " + earlier.name());
            }
        }
        return Optional.empty();
    }

    private static boolean sameLife(ObservedContainer container, PodAction.StartContainer start) {
        return container.uid().equals(start.pod().uid())
                && container.sandboxId().equals(start.sandbox())
                && container.round() == start.round();
    }

    private static boolean succeeded(State state) {
        return state instanceof State.Exited exited && exited.exitCode() == 0;
    }

    /** The containers whose turn comes after an init container's. */
    public static List<String> later(PodSpec spec, String init) {
        List<String> names =
                new ArrayList<>(spec.allContainers().map(ContainerSpec::name).toList());
        return names.subList(names.indexOf(init) + 1, names.size());
    }

    /** Sidecars are stopped one by one after the others, the last one first; but without grace, all at once. */
    private static Optional<String> brokenBy(PodAction.StopContainers stop, ObservedPod before, PodSpec spec) {
        if (stop.gracePeriod().isZero()) {
            return Optional.empty();
        }
        List<String> sidecars = spec.initContainers().stream()
                .filter(spec::isSidecar)
                .map(ContainerSpec::name)
                .toList();
        boolean amongOthers =
                stop.count() > 1 && stop.ids().stream().anyMatch(id -> sidecars.contains(name(id, before)));
        if (amongOthers) {
            return Optional.of("a sidecar is stopped beside others");
        }
        int last = Integer.MAX_VALUE;
        for (ContainerId id : stop.sidecars()) {
            int position = sidecars.indexOf(name(id, before));
            if (position > last) {
                return Optional.of("sidecars are stopped in the order of their start");
            }
            last = position;
        }
        return Optional.empty();
    }

    private static String name(ContainerId id, ObservedPod before) {
        return before.containers().stream()
                .filter(c -> c.id().equals(id))
                .map(ObservedContainer::name)
                .findFirst()
                .orElse("");
    }
}
