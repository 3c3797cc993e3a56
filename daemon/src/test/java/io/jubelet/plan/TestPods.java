/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.pod.ContainerRestart;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ImagePullPolicy;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.RestartPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Pods and observations for tests of plans and workers. */
public final class TestPods {

    public static final PodName WEB = new PodName("default", "web");
    public static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    public static final Duration GRACE = Duration.ofSeconds(7);

    private TestPods() {}

    /** A version of a pod; versions differ by their UID alone. Each container's image is named like the container. */
    public static Pod pod(PodName name, String uid, RestartPolicy policy, String... containers) {
        List<ContainerSpec> specs = Arrays.stream(containers)
                .map(c -> container(c, ImagePullPolicy.IfNotPresent))
                .toList();
        return new Pod(
                name,
                "node1",
                uid,
                "v1:" + uid,
                Map.of(),
                Map.of(),
                PodSpec.builder(specs)
                        .restartPolicy(policy)
                        .terminationGracePeriod(GRACE)
                        .build(),
                new Pod.Manifest(uid, "/manifests/" + name.name() + ".yaml"));
    }

    /** The same knowledge of an image for all of these versions that want it, however they do. */
    static ImageStates images(Optional<Pod> wanted, Optional<Pod> running, Map<String, ImageState> byImage) {
        return ImageStates.of(
                Stream.concat(wanted.stream(), running.stream()).toList(),
                (_, required) -> byImage.getOrDefault(required.image(), new ImageState.Unknown()));
    }

    public static Pod pod(String uid, RestartPolicy policy, String... containers) {
        return pod(WEB, uid, policy, containers);
    }

    /** The same pod with another spec. */
    public static Pod with(Pod pod, PodSpec spec) {
        return new Pod(
                pod.name(), pod.node(), pod.uid(), pod.hash(), pod.labels(), pod.annotations(), spec, pod.manifest());
    }

    public static ContainerSpec.Builder spec(String name) {
        return ContainerSpec.builder(name, "image/" + name);
    }

    static ContainerSpec sidecar(String name) {
        return spec(name)
                .restart(new ContainerRestart(Optional.of(RestartPolicy.Always), List.of()))
                .build();
    }

    static ContainerSpec container(String name, ImagePullPolicy policy) {
        return ContainerSpec.builder(name, "image/" + name)
                .imagePullPolicy(policy)
                .build();
    }

    public static ObservedSandbox sandbox(String id, String uid, int attempt, boolean ready) {
        return new ObservedSandbox(
                new PodSandboxId(id),
                uid,
                "v1:" + uid,
                attempt,
                ready,
                NOW.minusSeconds(1000 - attempt),
                GRACE,
                List.of());
    }

    public static ObservedContainer instance(String sandbox, String uid, String name, int attempt, State state) {
        return instance(sandbox, uid, name, attempt, state, Duration.ZERO);
    }

    static ObservedContainer instance(
            String sandbox, String uid, String name, int attempt, State state, Duration backoff) {
        return new ObservedContainer(
                new ContainerId(name + attempt + "@" + sandbox),
                new PodSandboxId(sandbox),
                uid,
                name,
                state,
                "sha256:" + name,
                NOW.minusSeconds(900 - attempt),
                new ObservedContainer.Restarts(attempt, backoff));
    }

    /** The same instance, made after all containers had been restarted together so often. */
    static ObservedContainer inRound(int round, ObservedContainer i) {
        return new ObservedContainer(
                i.id(),
                i.sandboxId(),
                i.uid(),
                i.name(),
                i.state(),
                i.imageId(),
                i.createdAt(),
                new ObservedContainer.Restarts(i.attempt(), i.backoff(), round));
    }

    public static State running() {
        return new State.Running(NOW.minusSeconds(100));
    }

    static State exited(int code) {
        return exited(code, Duration.ofSeconds(20), Duration.ZERO);
    }

    static State exited(int code, Duration ran, Duration ago) {
        return new State.Exited(NOW.minus(ago).minus(ran), NOW.minus(ago), code, code == 0 ? "Completed" : "Error", "");
    }
}
