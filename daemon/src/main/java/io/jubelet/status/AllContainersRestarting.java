/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.status;

import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.RestartDecision;
import io.jubelet.pod.ContainerRestart;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodStatus.Condition;
import io.jubelet.pod.PodStatus.Phase;
import java.time.Instant;
import java.util.Optional;

/**
 * The condition of pods with a container whose end can restart all containers. It holds from that
 * end until the first container of the next round is created. Pure.
 *
 * <p>Source: the kubelet's {@code GenerateAllContainersRestartingCondition}.
 */
final class AllContainersRestarting {

    private static final String TYPE = "AllContainersRestarting";

    private AllContainersRestarting() {}

    /**
     * Returns the condition; empty if no rule of the pod restarts all containers.
     *
     * @param version what the runtime shows of this version
     * @param began when this version began
     */
    static Optional<Condition> of(Pod pod, ObservedPod version, Phase phase, Instant began) {
        boolean possible = pod.spec()
                .allContainers()
                .flatMap(container -> container.restart().rules().stream())
                .anyMatch(rule -> rule.action() == ContainerRestart.Action.RestartAllContainers);
        if (!possible) {
            return Optional.empty();
        }
        if (phase == Phase.Succeeded || phase == Phase.Failed) {
            String reason = phase == Phase.Succeeded ? "PodCompleted" : "PodFailed";
            return Optional.of(new Condition(TYPE, false, reason, "", began));
        }
        int round = version.containers().stream()
                .mapToInt(ObservedContainer::round)
                .max()
                .orElse(0);
        for (ContainerSpec container : pod.spec().allContainers().toList()) {
            Optional<ObservedContainer> last = version.newest(pod.uid(), container.name());
            if (last.isPresent()
                    && last.get().round() == round
                    && last.get().state() instanceof ObservedContainer.State.Exited exited
                    && RestartDecision.after(pod.spec(), container, exited.exitCode(), exited.reason())
                            == RestartDecision.RESTART_ALL) {
                return Optional.of(new Condition(
                        TYPE,
                        true,
                        "RestartAllContainersStarted",
                        "container exited with restart policy rule",
                        exited.finishedAt() == null ? began : exited.finishedAt()));
            }
        }
        Instant since = version.containers().stream()
                .filter(container -> round > 0 && container.round() == round && container.createdAt() != null)
                .map(ObservedContainer::createdAt)
                .min(Instant::compareTo)
                .orElse(began);
        return Optional.of(new Condition(TYPE, false, "", "", since));
    }
}
