/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import static io.jubelet.plan.TestPods.NOW;
import static io.jubelet.plan.TestPods.WEB;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.PodAction;
import io.jubelet.plan.TestPods;
import io.jubelet.pod.RestartPolicy;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which versions of a pod may have directories. */
class PreparedVersionsTest {

    private final PreparedVersions versions = new PreparedVersions();

    @Test
    void aVersionHasThemFromTheFirstActionToTheirRemoval() {
        versions.begins(
                new PodAction.CreateSandbox(TestPods.pod("a", RestartPolicy.Always, "app"), 0, "it has no sandbox"));
        assertEquals(Set.of("a"), versions.get().uids());
        versions.done(new PodAction.RemoveDirectories("a", "the manifest was removed"), ObservedPod.none(WEB));
        assertEquals(Set.of(), versions.get().uids());
    }

    @Test
    void anInstanceThatWaitsForItsStartIsKnownUntilConfigChangesOrItStarts() {
        ObservedContainer waits = TestPods.instance("s", "a", "app", 0, new ObservedContainer.State.Created());
        ObservedPod pod = ObservedPod.none(WEB).with(waits);
        PodAction create = new PodAction.CreateContainer(new PodAction.StartContainer(
                TestPods.pod("a", RestartPolicy.Always, "app"),
                waits.sandboxId(),
                "app",
                0,
                Duration.ZERO,
                "image",
                "it replaces"));
        versions.begins(new PodAction.CreateSandbox(TestPods.pod("a", RestartPolicy.Always, "app"), 0, "it replaces"));
        versions.done(create, pod);
        versions.expire();
        versions.observed(pod);
        assertEquals(Set.of(waits.id()), versions.get().created(), "a new turn changes nothing");
        versions.configChanged();
        assertEquals(Set.of(), versions.get().created());
        versions.done(create, pod);
        versions.observed(ObservedPod.none(WEB).with(waits.in(TestPods.running())));
        assertEquals(Set.of(), versions.get().created());
    }

    /** An earlier daemon made its directories. */
    @Test
    void aVersionThatTheRuntimeShowedHasThemWhenTheRuntimeShowsItNoMore() {
        ObservedPod pod = ObservedPod.none(WEB)
                .with(new ObservedContainer(
                        new ContainerId("c"),
                        new PodSandboxId("s"),
                        "a",
                        "app",
                        new ObservedContainer.State.Running(NOW),
                        "image",
                        NOW,
                        new ObservedContainer.Restarts(0, Duration.ZERO)));
        versions.observed(pod);
        versions.observed(ObservedPod.none(WEB));
        assertEquals(Set.of("a"), versions.get().uids());
    }
}
