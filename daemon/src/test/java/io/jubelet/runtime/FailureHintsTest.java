/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.plan.TestPods;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Resources;
import io.jubelet.pod.RestartPolicy;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FailureHintsTest {

    private static final String NOT_FOUND =
            "unable to start container process: exec: \"sleep 1d\": executable file not" + " found in $PATH: unknown";
    private static final String NO_MEMORY =
            "unable to apply cgroup configuration: mkdir /sys/fs/cgroup/memory/kubepods/x: cannot allocate memory";

    private static ContainerSpec.Builder app() {
        return ContainerSpec.builder("app", "busybox");
    }

    private static Resources memory(String limit) {
        return new Resources(Map.of(), Map.of("memory", Quantity.parse(limit)));
    }

    @Test
    void commandInOneItemIsSplit() {
        assertEquals(
                NOT_FOUND + "; each item of command is one word, so the program must be an item of its own:"
                        + " [\"sleep\", \"1d\"]",
                FailureHints.ofContainer(
                        NOT_FOUND, app().command(List.of("sleep 1d")).build()));
        assertEquals(
                NOT_FOUND + "; each item of args is one word, so the program must be an item of its own:"
                        + " [\"sleep\", \"1d\"]",
                FailureHints.ofContainer(
                        NOT_FOUND, app().args(List.of("sleep 1d")).build()));
    }

    @Test
    void commandOfOneWordIsNot() {
        assertEquals(
                NOT_FOUND,
                FailureHints.ofContainer(
                        NOT_FOUND, app().command(List.of("slep", "1 d")).build()));
        assertEquals(NOT_FOUND, FailureHints.ofContainer(NOT_FOUND, app().build()));
    }

    @Test
    void missingMemoryNamesTheLimit() {
        assertEquals(
                NO_MEMORY + "; the memory limit of container app is 128m",
                FailureHints.ofContainer(
                        NO_MEMORY, app().resources(memory("128m")).build()));
        assertEquals(NO_MEMORY, FailureHints.ofContainer(NO_MEMORY, app().build()));
    }

    @Test
    void sandboxWithoutMemoryNamesAllLimits() {
        PodSpec pod = PodSpec.builder(List.of(
                        app().resources(memory("128m")).build(),
                        ContainerSpec.builder("other", "busybox").build()))
                .build();
        assertEquals(NO_MEMORY + "; the memory limit of container app is 128m", FailureHints.ofSandbox(NO_MEMORY, pod));
        assertEquals("no such image", FailureHints.ofSandbox("no such image", pod));
    }

    @Test
    void cgroupWithoutMemoryNamesTheLimits() {
        Pod pod = TestPods.with(
                TestPods.pod("a", RestartPolicy.Always, "app"),
                PodSpec.builder(List.of(app().resources(memory("128m")).build()))
                        .build());
        IOException busy = new IOException("cannot write 1 to /c/memory.limit_in_bytes: Device or resource busy");
        String message = PodCgroupFailure.of(busy, pod).getMessage();
        assertTrue(message.endsWith("busy; the memory limit of container app is 128m"), message);
    }
}
