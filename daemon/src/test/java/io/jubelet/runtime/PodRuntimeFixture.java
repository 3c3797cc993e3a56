/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.jubelet.concurrent.NodeClock;
import io.jubelet.concurrent.Threads;
import io.jubelet.confinement.ImageUserCache;
import io.jubelet.credentials.CredentialSources;
import io.jubelet.credentials.DockerConfigFiles;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.simulated.ManualClock;
import io.jubelet.cri.simulated.SimulatedClock;
import io.jubelet.cri.simulated.SimulatedRuntime;
import io.jubelet.criconfig.Pods;
import io.jubelet.events.EventRecorder;
import io.jubelet.images.ImagePuller;
import io.jubelet.images.PullRateLimiter;
import io.jubelet.images.PullRecords;
import io.jubelet.images.RegistryPuller;
import io.jubelet.node.Mounts;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.PodObserver;
import io.jubelet.plan.PodAction;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.Pod;
import io.jubelet.podfiles.PodDirectories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The executor of actions on the simulated runtime, and a pod. */
abstract class PodRuntimeFixture {

    static final String IMAGE = "docker.io/library/busybox:1";

    @TempDir
    Path dir;

    final ManualClock time = SimulatedClock.manual(Instant.parse("2026-01-01T12:00:00Z"));
    final SimulatedRuntime simulated = SimulatedRuntime.create(time);
    final Pod pod = Pods.pod(
            List.of(), Pods.shell("a", "trap 'exit 0' TERM; sleep 1000 & wait"), Pods.shell("b", "sleep 1000"));
    final PodObserver observer =
            new PodObserver(simulated.runtimeService(), NodeNames.of(Pods.NODE), NodeClock.neverSet(time));
    PodDirectories directories;
    PodRuntime runtime;
    Path resolvConf;

    @BeforeEach
    void make() throws IOException {
        simulated.images().add(IMAGE);
        resolvConf = Files.writeString(dir.resolve("resolv.conf"), "nameserver 192.0.2.1\n");
        directories = PodDirectories.open(dir.resolve("root"), dir.resolve("logs"), new Mounts());
        ImageUserCache imageService = new ImageUserCache(simulated.imageService());
        ImagePuller images = new ImagePuller(
                imageService,
                new RegistryPuller(
                        imageService,
                        new CredentialSources(DockerConfigFiles.NONE, List.of()),
                        2,
                        new PullRateLimiter(0, 1),
                        time),
                new PullRecords(dir.resolve("image_manager"), (_, ours) -> ours),
                () -> LocalConfig.NONE,
                new EventRecorder(time, () -> {}),
                Threads::startVirtual,
                _ -> {},
                NodeClock.neverSet(time));
        runtime = new PodRuntimeBuilder(
                        simulated.runtimeService(), imageService, images, directories, dir.resolve("root"))
                .clock(time)
                .resolvConf(new NodeResolvConf(Optional.of(resolvConf)))
                .build(PodRuntimeFixture::read);
    }

    static Pod read(String document, String source) {
        if (!document.startsWith("{\"of\"")) {
            throw new IllegalArgumentException("no document: " + document);
        }
        assertEquals("/manifests/web.yaml", source);
        return Pods.pod(Pods.WEB, document.substring(7, 39), List.of(), Pods.shell("a", "true"));
    }

    ObservedPod started() {
        ObservedPod now = runtime.execute(new PodAction.CreateSandbox(pod, 0, ""), ObservedPod.none(Pods.WEB));
        return start(start(now, "a"), "b");
    }

    ObservedPod start(ObservedPod before, String container) {
        int attempt = simulated.containers().stream()
                .filter(c -> c.metadata().name().equals(container) && c.state() == ContainerState.EXITED)
                .mapToInt(c -> c.metadata().attempt() + 1)
                .max()
                .orElse(0);
        // the id of the image as a status contains it
        String image = simulated.imageService().imageStatus(ImageSpec.of(IMAGE)).id();
        return runtime.execute(
                new PodAction.StartContainer(pod, sandbox(before), container, attempt, Duration.ZERO, image, ""),
                before);
    }

    static PodSandboxId sandbox(ObservedPod pod) {
        return pod.sandboxes().getFirst().id();
    }

    static State.Exited exited(ObservedPod pod, String container) {
        return assertInstanceOf(
                State.Exited.class,
                pod.newest(Pods.UID, container).orElseThrow().state());
    }
}
