/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ExecResult;
import io.jubelet.cri.RuntimeService;
import io.jubelet.criconfig.Pods;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Handler;
import io.jubelet.pod.Pod;
import io.jubelet.probe.ProbeTarget;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tests how much of a failed hook a message shows. */
class HookRunnerTest {

    private static final int SHOWN = 1024;

    private final ContainerSpec container = Pods.shell("app", "sleep 1000");
    private final Pod pod = Pods.pod(List.of(), container);

    private String failure(String stdout, String stderr, String... command) {
        RuntimeService runtime = (RuntimeService) Proxy.newProxyInstance(
                RuntimeService.class.getClassLoader(), new Class<?>[] {RuntimeService.class}, (_, method, _) -> {
                    assertEquals("execSync", method.getName());
                    return new ExecResult(
                            stdout.getBytes(StandardCharsets.UTF_8), stderr.getBytes(StandardCharsets.UTF_8), 1);
                });
        return new HookRunner(runtime)
                .run(
                        new Handler.Exec(List.of(command)),
                        pod,
                        new ProbeTarget(new ContainerId("c1"), container, Optional.empty()))
                .orElseThrow();
    }

    @Test
    void showsWholeOutputUpToTheLimit() {
        String failure = failure("o".repeat(SHOWN / 2), "e".repeat(SHOWN / 2), "false");
        assertTrue(failure.contains("command 'false' exited with 1: " + "e".repeat(SHOWN / 2) + ", "), failure);
        assertTrue(failure.endsWith("message: \"" + "o".repeat(SHOWN / 2) + "e".repeat(SHOWN / 2) + '"'), failure);
        assertFalse(failure.contains("cut"), failure);
    }

    @Test
    void cutsLongerOutputAndCommands() {
        String much = "x".repeat(ExecResult.MAX_OUTPUT_BYTES);
        String failure = failure(much, much, "sh", "-c", "y".repeat(1_000_000));
        assertTrue(failure.endsWith("x... (19456 characters cut)\""), failure);
        assertTrue(failure.contains("y... (998982 characters cut)' exited with 1: x"), failure);
        assertTrue(failure.contains("x... (9216 characters cut), message:"), failure);
        assertTrue(failure.length() < 5 * SHOWN, failure);
    }
}
