/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.images;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.jubelet.concurrent.NodeClock;
import io.jubelet.concurrent.Threads;
import io.jubelet.credentials.CredentialSources;
import io.jubelet.credentials.DockerConfigFiles;
import io.jubelet.cri.simulated.ManualClock;
import io.jubelet.cri.simulated.SimulatedCall;
import io.jubelet.cri.simulated.SimulatedClock;
import io.jubelet.cri.simulated.SimulatedRuntime;
import io.jubelet.events.EventRecorder;
import io.jubelet.plan.ImageState;
import io.jubelet.plan.PodAction.EnsureImage;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ImagePullPolicy;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.PodSpec;
import io.jubelet.testing.Eventually;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** An {@link ImagePuller} on a simulated runtime, and pods that need its images. */
abstract class PulledImages {

    static final String IMAGE = "example.org/app:1";
    static final PodName WEB = new PodName("default", "web");
    static final PodName OTHER = new PodName("default", "other");

    final ManualClock time = SimulatedClock.manual(Instant.parse("2026-01-01T12:00:00Z"));
    final SimulatedRuntime simulated = SimulatedRuntime.create(time);
    final BlockingQueue<PodName> woken = new LinkedBlockingQueue<>();
    final AtomicInteger pulls = new AtomicInteger();
    LocalConfig config = LocalConfig.NONE;
    final EventRecorder events = new EventRecorder(time, () -> {});

    @TempDir
    Path directory;

    ImagePuller puller;

    ImagePuller puller() {
        return new ImagePuller(
                simulated.imageService(),
                new RegistryPuller(
                        simulated.imageService(),
                        new CredentialSources(DockerConfigFiles.NONE, List.of()),
                        1,
                        new PullRateLimiter(0, 1),
                        time),
                new PullRecords(directory, (_, ours) -> ours),
                () -> config,
                events,
                Threads::startVirtual,
                woken::add,
                NodeClock.neverSet(time));
    }

    @BeforeEach
    void count() {
        puller = puller();
        simulated.onCall(call -> {
            if (call.operation().equals("PullImage") && call.phase() == SimulatedCall.Phase.START) {
                pulls.incrementAndGet();
            }
        });
    }

    static Pod pod(PodName name, String image, ImagePullPolicy policy) {
        ContainerSpec container =
                ContainerSpec.builder("app", image).imagePullPolicy(policy).build();
        return new Pod(
                name,
                "node1",
                "uid",
                "v1:hash",
                Map.of(),
                Map.of(),
                PodSpec.builder(List.of(container)).build(),
                new Pod.Manifest("{}", "/manifests/" + name.name() + ".yaml"));
    }

    static EnsureImage wanted(PodName name, String image, ImagePullPolicy policy, Instant notBefore) {
        return new EnsureImage(pod(name, image, policy), image, policy, notBefore, false, "");
    }

    void ensure(ImagePullPolicy policy, Instant notBefore) {
        ensure(WEB, policy, notBefore);
    }

    void ensure(PodName name, ImagePullPolicy policy, Instant notBefore) {
        puller.ensure(wanted(name, IMAGE, policy, notBefore));
    }

    /** Of a pod that uses the image with every policy, so that a query does not drop earlier requests. */
    ImageState state(PodName name, String image, ImagePullPolicy policy) {
        List<Pod> versions = List.of(
                pod(name, image, ImagePullPolicy.Always),
                pod(name, image, ImagePullPolicy.IfNotPresent),
                pod(name, image, ImagePullPolicy.Never));
        Pod asked = pod(name, image, policy);
        return puller.states(name, versions).of(asked, asked.spec().containers().getFirst());
    }

    ImageState state(ImagePullPolicy policy) {
        return state(WEB, IMAGE, policy);
    }

    ImageState.Present present(ImagePullPolicy policy) {
        return assertInstanceOf(ImageState.Present.class, state(policy));
    }

    ImageState.Failed failed(ImagePullPolicy policy) {
        return assertInstanceOf(ImageState.Failed.class, state(policy));
    }

    void awaitPull() {
        Eventually.await("a pull", () -> pulls.get() > 0);
    }

    PodName take() throws InterruptedException {
        return woken.poll(60, TimeUnit.SECONDS);
    }
}
