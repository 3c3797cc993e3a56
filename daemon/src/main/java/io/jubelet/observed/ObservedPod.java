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
        return hasReadySandbox() || hasLiveContainer();
    }

    /** Whether a sandbox is ready. */
    public boolean hasReadySandbox() {
        return sandboxes.stream().anyMatch(ObservedSandbox::ready);
    }

    /** Whether a container may be running. */
    public boolean hasLiveContainer() {
        return containers.stream().anyMatch(ObservedContainer::live);
    }

    /** Whether a container was ever started, or an attempt to start it has failed. */
    public boolean everStarted() {
        return containers.stream().anyMatch(c -> !(c.state() instanceof ObservedContainer.State.Created));
    }

    /**
     * The version that is in charge of the pod until the version {@code uid} takes over: the one that has live containers, or
     * else the one whose sandbox is ready if no container of {@code uid} was ever started. A version that was only prepared
     * beside another that runs is never in charge.
     *
     * @return its UID, which is not {@code uid}; empty if {@code uid} is in charge or nothing lives
     */
    public Optional<String> predecessor(String uid) {
        ObservedPod others = otherVersions(uid);
        Optional<String> live = others.containers.stream()
                .filter(ObservedContainer::live)
                .map(ObservedContainer::uid)
                .findFirst();
        if (live.isPresent() || version(uid).everStarted()) {
            return live;
        }
        List<String> ready = others.sandboxes.stream()
                .filter(ObservedSandbox::ready)
                .map(ObservedSandbox::uid)
                .toList();
        return ready.stream()
                .filter(other -> version(other).everStarted())
                .findFirst()
                .or(() -> ready.stream().findFirst());
    }

    /**
     * The version other than {@code uid} that the pod still has to do with: its {@linkplain #predecessor predecessor}, or one that
     * has run and whose sandbox is ready still.
     *
     * @return its UID; empty if there is none, or only versions that were prepared
     */
    public Optional<String> earlier(String uid) {
        return predecessor(uid)
                .or(() -> sandboxes.stream()
                        .filter(sandbox -> sandbox.ready() && !sandbox.uid().equals(uid))
                        .map(ObservedSandbox::uid)
                        .filter(other -> version(other).everStarted())
                        .findFirst());
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
