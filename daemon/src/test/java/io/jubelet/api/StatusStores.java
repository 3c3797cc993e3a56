/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import static io.jubelet.status.PodViews.pod;

import io.jubelet.desired.DesiredPods;
import io.jubelet.desired.Manifest;
import io.jubelet.document.Finding;
import io.jubelet.events.EventRecorder;
import io.jubelet.objects.MirrorState;
import io.jubelet.objects.NodeInfo;
import io.jubelet.plan.PodAction;
import io.jubelet.pod.ImageError;
import io.jubelet.pod.ImagePullPolicy;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.WaitingCause;
import io.jubelet.status.ConditionTimesStore;
import io.jubelet.status.PodViews;
import io.jubelet.status.StatusStore;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A board with a bit of everything, as daemons of a bad day have it. */
public final class StatusStores {

    public static final NodeInfo NODE = new NodeInfo(PodViews.NODE, List.of("192.0.2.1"), "0.1.0");

    /** One mirror is there, one is refused, one waits; and the cluster has sent more pods than are named. */
    public static final ClusterSource CLUSTER = new ClusterSource() {
        @Override
        public Optional<MirrorState> mirror(PodName pod) {
            return switch (pod.name()) {
                case "web" -> Optional.of(new MirrorState.Created("5d0e3d1c-6a5b-4a5e-9e5b-0a3d6f1f2c4d"));
                case "crashing" ->
                    Optional.of(new MirrorState.Rejected(
                            "pods \"crashing-node1\" is forbidden: exceeded quota: none",
                            Optional.of(PodViews.second(68))));
                case "pulling" -> Optional.of(new MirrorState.Pending("the cluster has no Node node1 to own it"));
                default -> Optional.empty();
            };
        }

        @Override
        public List<String> podsNotRunHere() {
            return List.of("default/a", "default/b", "default/c", "default/d", "default/e", "kube-system/proxy");
        }
    };

    private StatusStores() {}

    /** One container is restarted again and again, another one once. */
    private static EventRecorder events(PodViews web, PodViews crashing) {
        Instant[] now = {PodViews.second(20)};
        EventRecorder events = new EventRecorder(() -> now[0], () -> {});
        Pod loop = crashing.build().shown().orElseThrow();
        Pod fine = web.build().shown().orElseThrow();
        for (int second : new int[] {20, 40}) {
            now[0] = PodViews.second(second);
            events.normal(loop, "app", "Started", "Started container app");
            events.warning(loop, "app", "BackOff", "Back-off restarting failed container app");
        }
        now[0] = PodViews.second(31);
        events.normal(fine, "app", "Started", "Started container app");
        return events;
    }

    /** One pod runs, one crashes, one waits for its image, one ends; one file is refused, one ignored. */
    public static StatusStore sample() {
        PodViews web = pod("web", "app", "proxy")
                .sandbox()
                .running("proxy", 0, 4)
                .exited("app", 0, 0, 30)
                .running("app", 1, 31);
        PodViews crashing = pod("crashing", "app")
                .sandbox()
                .exited("app", 3, 1, 40)
                .exited("app", 2, 1, 20)
                .waiting(
                        "app",
                        WaitingCause.Other.CRASH_LOOP,
                        "CrashLoopBackOff",
                        "back-off 40s restarting failed container=app")
                .due(80);
        PodViews pulling = pod("pulling", "app")
                .waiting("app", ImageError.ErrImagePull, "no such host")
                .plans(new PodAction.EnsureImage(
                        web.build().shown().orElseThrow(),
                        "registry.local/web:1",
                        ImagePullPolicy.IfNotPresent,
                        PodViews.T0,
                        false,
                        "image is missing"))
                .due(75);
        PodViews old = pod("old", "app").sandbox().running("app", 0, 3).ending("manifest removed");
        List<Manifest> manifests = List.of(
                crashing.manifest(),
                pulling.manifest(),
                web.manifest(
                        Manifest.State.REFUSED,
                        Finding.of(4, 7, "spec.containers[0].imge", "unknown field; did you mean \"image\"?"),
                        Finding.ofFile("spec.containers[0].image is missing")),
                new Manifest(
                        "/etc/kubernetes/manifests/web.yaml~",
                        Manifest.State.IGNORED,
                        List.<PodName>of(),
                        List.of(Finding.ofFile("a backup file of an editor")),
                        Instant.EPOCH.plusSeconds(1767261600)));
        StatusStore board = new StatusStore(
                () -> new DesiredPods(Map.of(), manifests), events(web, crashing), ConditionTimesStore.NONE);
        for (PodViews view : List.of(web, crashing, pulling, old)) {
            board.publish(view.build());
        }
        return board;
    }
}
