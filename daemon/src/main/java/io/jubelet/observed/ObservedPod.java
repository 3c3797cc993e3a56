/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.observed;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.pod.PodName;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Everything that the runtime shows for one pod name, in all versions.
 *
 * @param name the pod
 * @param sandboxes those that are ready first, then the newest first, by attempt
 * @param containers newest first, by attempt
 */
public record ObservedPod(PodName name, List<ObservedSandbox> sandboxes, List<ObservedContainer> containers) {

    // Times decide nothing: the clock of the node can be set, and a runtime that was ended at the wrong moment knows
    // none. The
    // runtime gives each attempt to one sandbox or container of a version, so the rest only makes the order complete.
    private static final Comparator<ObservedSandbox> CURRENT_SANDBOX = Comparator.comparing(ObservedSandbox::ready)
            .thenComparing(ObservedSandbox::attempt)
            .thenComparing(sandbox -> sandbox.id().value())
            .reversed();
    private static final Comparator<ObservedContainer> NEWEST_CONTAINER = Comparator.comparing(
                    ObservedContainer::attempt)
            .thenComparing(ObservedContainer::live)
            .thenComparing(container -> container.id().value())
            .reversed();

    public ObservedPod {
        Objects.requireNonNull(name, "name");
        sandboxes = sandboxes.stream().sorted(CURRENT_SANDBOX).toList();
        containers = containers.stream().sorted(NEWEST_CONTAINER).toList();
    }

    /** A pod without sandboxes and containers. */
    public static ObservedPod none(PodName name) {
        return new ObservedPod(name, List.of(), List.of());
    }

    /** Whether the runtime shows nothing at all. */
    public boolean isEmpty() {
        return sandboxes.isEmpty() && containers.isEmpty();
    }

    /** The newest instance of a container, in any sandbox of the version {@code uid}. */
    public Optional<ObservedContainer> newest(String uid, String container) {
        return containers.stream()
                .filter(c -> c.uid().equals(uid) && c.name().equals(container))
                .findFirst();
    }

    /** The part that belongs to one version. */
    public ObservedPod version(String uid) {
        return only(uid::equals);
    }

    /** The part that belongs to versions other than {@code uid}. */
    public ObservedPod otherVersions(String uid) {
        return only(other -> !other.equals(uid));
    }

    private ObservedPod only(Predicate<String> uids) {
        return new ObservedPod(
                name,
                sandboxes.stream().filter(s -> uids.test(s.uid())).toList(),
                containers.stream().filter(c -> uids.test(c.uid())).toList());
    }

    /** Whether a sandbox is ready or a container may be running. */
    public boolean live() {
        return sandboxes.stream().anyMatch(ObservedSandbox::ready)
                || containers.stream().anyMatch(ObservedContainer::live);
    }

    /** Returns this pod with a sandbox added or replaced. */
    public ObservedPod with(ObservedSandbox sandbox) {
        return new ObservedPod(
                name,
                Stream.concat(sandboxes.stream().filter(s -> !s.id().equals(sandbox.id())), Stream.of(sandbox))
                        .toList(),
                containers);
    }

    /** Returns this pod with a container added or replaced. */
    public ObservedPod with(ObservedContainer container) {
        return new ObservedPod(
                name,
                sandboxes,
                Stream.concat(containers.stream().filter(c -> !c.id().equals(container.id())), Stream.of(container))
                        .toList());
    }

    /** This pod as the runtime lists it: what is {@linkplain ObservedContainer.State.Starting starting} runs. */
    public ObservedPod asListed() {
        ObservedPod listed = this;
        for (ObservedContainer container : containers) {
            if (container.state() instanceof ObservedContainer.State.Starting) {
                listed = listed.with(container.asListed());
            }
        }
        return listed;
    }

    /** Returns this pod without a sandbox and its containers. */
    public ObservedPod without(PodSandboxId sandbox) {
        return new ObservedPod(
                name,
                sandboxes.stream().filter(s -> !s.id().equals(sandbox)).toList(),
                containers.stream().filter(c -> !c.sandboxId().equals(sandbox)).toList());
    }

    /** Returns this pod without a container. */
    public ObservedPod without(ContainerId container) {
        return new ObservedPod(
                name,
                sandboxes,
                containers.stream().filter(c -> !c.id().equals(container)).toList());
    }
}
