/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.ImageSpec;
import io.jubelet.criconfig.Pods;
import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.plan.PodAction;
import io.jubelet.pod.ConfigRef;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.EnvVar;
import io.jubelet.pod.Pod;
import io.jubelet.pod.Volume;
import io.jubelet.pod.VolumeMount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is made on the disk for a pod before it starts, and read back later. */
class PodFilesRuntimeTest extends PodRuntimeFixture {

    @Test
    void loadsWhatItStarted() throws IOException {
        assertEquals(Optional.empty(), runtime.loadPod(Pods.UID));
        started();
        assertEquals(Pods.UID, runtime.loadPod(Pods.UID).orElseThrow().uid());
        Pod broken = new Pod(
                pod.name(),
                pod.node(),
                "e".repeat(32),
                pod.hash(),
                pod.labels(),
                pod.annotations(),
                pod.spec(),
                new Pod.Manifest("broken", pod.source()));
        directories.make(broken);
        assertEquals(Optional.empty(), runtime.loadPod("e".repeat(32)));
        Pod another = Pods.pod(Pods.WEB, "d".repeat(32), List.of(), Pods.shell("a", "true"));
        Path manifest = dir.resolve("root/pods/" + "e".repeat(32) + "/manifest.json");
        Files.writeString(manifest, another.document() + "\n" + another.source());
        assertEquals(Optional.empty(), runtime.loadPod("e".repeat(32)));
    }

    /** Files are prepared ahead only for the first container of a pod and its first sandbox. */
    @Test
    void preparesFilesAgainThatWereRemovedBeforeTheFirstStart() {
        ObservedPod now = runtime.execute(new PodAction.CreateSandbox(pod, 0, ""), ObservedPod.none(Pods.WEB));
        Path terminationLog = directories.mountedFiles().terminationLog(Pods.UID, "a", 0);
        assertTrue(Files.exists(terminationLog));
        now = runtime.execute(new PodAction.StopSandbox(sandbox(now), ""), now);
        now = runtime.execute(new PodAction.RemoveSandbox(sandbox(now), ""), now);
        now = runtime.execute(new PodAction.RemoveDirectories(Pods.UID, ""), now);
        now = runtime.execute(new PodAction.CreateSandbox(pod, 1, ""), now);
        assertFalse(Files.exists(terminationLog));
        start(now, "a");
        assertTrue(Files.exists(terminationLog));
        assertTrue(Files.exists(directories.mountedFiles().hosts(Pods.UID)));
    }

    @Test
    void preparesAnUpdateWithoutTouchingWhatRuns() {
        ObservedPod now = started();
        Pod next = Pods.pod(Pods.WEB, "e".repeat(32), List.of(), Pods.shell("a", "true"));
        List<String> calls = new ArrayList<>();
        simulated.onCall(call -> calls.add(call.operation()));
        assertEquals(now, runtime.execute(prepare(next), now));
        assertTrue(calls.stream().allMatch("ImageStatus"::equals), calls::toString);
        Path made = dir.resolve("root/pods/" + "e".repeat(32));
        assertTrue(Files.exists(made.resolve("manifest.json")));
        assertTrue(Files.exists(made.resolve("etc-hosts")));
        assertTrue(Files.exists(made.resolve("containers/a/0")));
        runtime.execute(new PodAction.RemoveDirectories("e".repeat(32), ""), now);
        assertFalse(Files.exists(made));
    }

    @Test
    void saysWhatAnUpdateLacks() throws IOException {
        ObservedPod none = ObservedPod.none(Pods.WEB);
        Volume missing = new Volume.HostPath("v", dir.resolve("no").toString(), Volume.HostPathType.File);
        Pod next = Pods.pod(List.of(missing), Pods.shell("a", "true", new VolumeMount("v", "/v", false)));
        ActionFailedException failure =
                assertThrows(ActionFailedException.class, () -> runtime.execute(prepare(next), none));
        assertEquals("CreateContainerConfigError", failure.reason());
        assertEquals(
                "MountVolume.SetUp failed for volume \"v\" : hostPath type check failed: " + dir.resolve("no")
                        + " is not a file",
                failure.getMessage());
        assertTrue(failure.isMount());
        Files.createFile(dir.resolve("no"));
        runtime.execute(prepare(next), none);

        ContainerSpec wantsSecret = ContainerSpec.builder("a", IMAGE)
                .env(List.of(new EnvVar(
                        "A", new EnvVar.ConfigKey(new ConfigRef(ConfigRef.Kind.Secret, "nope", false), "key"))))
                .build();
        Pod another = Pods.pod(List.of(), wantsSecret);
        assertEquals(
                "container a: secret \"nope\" not found: write it to a file in /manifests with mode 0600, such as"
                        + " {apiVersion: v1, kind: Secret, metadata: {name: nope, namespace: default}, stringData:"
                        + " {key: value}}",
                assertThrows(ActionFailedException.class, () -> runtime.execute(prepare(another), none))
                        .getMessage());
    }

    private PodAction prepare(Pod next) {
        String image = simulated.imageService().imageStatus(ImageSpec.of(IMAGE)).id();
        return new PodAction.PrepareUpdate(next, Map.of("a", new PodAction.ContainerImages(image, Map.of())), "");
    }
}
