/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.status;

import static io.jubelet.status.PodViews.pod;
import static io.jubelet.status.PodViews.second;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.PodSandboxId;
import io.jubelet.desired.Manifest;
import io.jubelet.document.Finding;
import io.jubelet.plan.PodAction;
import io.jubelet.pod.ImageError;
import io.jubelet.pod.ImagePullPolicy;
import io.jubelet.pod.Pod;
import io.jubelet.pod.RestartPolicy;
import io.jubelet.pod.WaitingCause;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ExplanationTest {

    private static final Pod POD = pod("web", "app").build().wanted().orElseThrow();

    private static PodViews creating() {
        return pod("web", "app").waiting("app", WaitingCause.Other.CREATING, "ContainerCreating", "");
    }

    static Stream<Arguments> reasons() {
        return Stream.of(
                Arguments.of("", pod("web", "app").sandbox().running("app", 0, 3)),
                Arguments.of(
                        "image registry.local/web:1 cannot be pulled: no such host",
                        pod("web", "app").waiting("app", ImageError.ImagePullBackOff, "no such host")),
                Arguments.of(
                        "image registry.local/web:1 is not on this node, and imagePullPolicy is Never",
                        pod("web", "app").waiting("app", ImageError.ErrImageNeverPull, "")),
                Arguments.of(
                        "PodSandbox failed 2 times: no CNI config",
                        pod("web", "app").failure("", "FailedCreatePodSandBox", "no CNI config")),
                Arguments.of("PodSandbox has not been created yet", creating()),
                Arguments.of(
                        "container app: image registry.local/web:1 is being looked up",
                        creating()
                                .doing(new PodAction.EnsureImage(
                                        POD,
                                        "registry.local/web:1",
                                        ImagePullPolicy.IfNotPresent,
                                        second(0),
                                        false,
                                        "container app needs it"))),
                Arguments.of(
                        "PodSandbox is being created since 2026-01-01T10:00:58Z",
                        creating().doing(new PodAction.CreateSandbox(POD, 0, "the pod has no sandbox"))),
                Arguments.of(
                        "container app is being started since 2026-01-01T10:00:58Z",
                        creating()
                                .sandbox()
                                .doing(new PodAction.StartContainer(
                                        POD,
                                        new PodSandboxId("sandbox-web"),
                                        "app",
                                        0,
                                        Duration.ZERO,
                                        "sha256:app",
                                        "it has not been started yet"))),
                Arguments.of(
                        "container app is waiting for init container setup",
                        pod("web", "app")
                                .init("setup")
                                .sandbox()
                                .running("setup", 0, 3)
                                .waiting("app", WaitingCause.Other.INITIALIZING, "PodInitializing", "")),
                Arguments.of(
                        "the new version is waiting, and the old one keeps running: secret \"nope\" not found",
                        pod("web", "app")
                                .sandbox()
                                .running("app", 0, 3)
                                .updatedTo("2", "registry.local/web:1")
                                .failure(
                                        PodAction.PrepareUpdate.FAILURE_KEY,
                                        "CreateContainerConfigError",
                                        "secret \"nope\" not found")),
                Arguments.of(
                        "the container runtime does not respond: connection refused",
                        pod("web", "app").sandbox().running("app", 0, 3).runtimeProblem("connection refused")),
                Arguments.of(
                        "container app ended with exit code 1 (Error) after 1 restart",
                        pod("web", "app")
                                .sandbox()
                                .exited("app", 1, 1, 9)
                                .waiting("app", WaitingCause.Other.CRASH_LOOP, "CrashLoopBackOff", "back-off 10s")),
                Arguments.of(
                        "container app ended with exit code 2 (Error), and restartPolicy is Never",
                        pod("web", "app").policy(RestartPolicy.Never).sandbox().exited("app", 0, 2, 9)),
                Arguments.of(
                        "",
                        pod("web", "app")
                                .policy(RestartPolicy.Never)
                                .sandbox(false)
                                .exited("app", 0, 0, 9)),
                Arguments.of(
                        "terminating: manifest removed",
                        pod("web", "app").sandbox().running("app", 0, 3).ending("manifest removed")));
    }

    @ParameterizedTest(name = "[{index}] {0}")
    @MethodSource("reasons")
    void explainsInOneLine(String why, PodViews view) {
        assertEquals(
                why.isEmpty() ? Optional.empty() : Optional.of(why),
                Explanation.of(view.report(), Optional.of(view.manifest())).message());
    }

    @Test
    void listsAllSteps() {
        PodViews view =
                pod("web", "app", "side").sandbox().running("app", 0, 3).waiting("side", ImageError.ErrImagePull, "no");
        assertEquals("""
            FILE OK /etc/kubernetes/manifests/web.yaml
            PARSE OK valid
            ADMISSION OK accepted
            IMAGE OK container app: image registry.local/web:1
            IMAGE FAILED image registry.local/web:1 cannot be pulled: no
            SANDBOX OK ready since 2026-01-01T10:00:01Z
            CONTAINER OK container app running since 2026-01-01T10:00:03Z
            CONTAINER WAITING container side is waiting for its image\
            """, chain(Explanation.of(view.report(), Optional.of(view.manifest()))));
    }

    @Test
    void refusedFileIsStepButNotCause() {
        PodViews view = pod("web", "app").sandbox().running("app", 0, 3);
        Explanation explanation = Explanation.of(
                view.report(),
                Optional.of(view.manifest(
                        Manifest.State.REFUSED, Finding.of(4, 7, "spec.containers[0].imge", "unknown field"))));
        assertEquals(Optional.empty(), explanation.message());
        assertEquals(
                "refused: 4:7: spec.containers[0].imge: unknown field (last good version keeps running)",
                explanation.steps().get(1).message());
    }

    @Test
    void retryIsThatOfActionOrPlan() {
        PodViews failed =
                pod("web", "app").failure("", "FailedCreatePodSandBox", "no").due(70);
        assertEquals(
                Optional.of(second(80)),
                Explanation.of(failed.report(), Optional.empty()).retryAt());
        PodViews image =
                pod("web", "app").waiting("app", ImageError.ErrImagePull, "no").due(70);
        assertEquals(
                Optional.of(second(70)),
                Explanation.of(image.report(), Optional.empty()).retryAt());
    }

    @Test
    void marksThatAnImageIsBeingPulled() {
        Explanation own = explain(new WaitingCause.Pulling("registry.local/web:1"));
        assertTrue(own.pulling());
        assertEquals(Optional.of("container app: image registry.local/web:1 is being pulled"), own.message());
        Explanation mounted = explain(new WaitingCause.Pulling("registry.local/data:1"));
        assertFalse(mounted.pulling());
        assertEquals(Optional.of("container app: image registry.local/data:1 is being pulled"), mounted.message());
    }

    private static Explanation explain(WaitingCause cause) {
        PodViews view = pod("web", "app").waiting("app", cause, "ContainerCreating", "pulling an image");
        return Explanation.of(view.report(), Optional.of(view.manifest()));
    }

    private static String chain(Explanation explanation) {
        return explanation.steps().stream()
                .map(step -> step.stage() + " " + step.outcome() + " " + step.message())
                .collect(Collectors.joining("\n"));
    }
}
