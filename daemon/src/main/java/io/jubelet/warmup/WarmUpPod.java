/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.warmup;

import io.jubelet.concurrent.NodeClock;
import io.jubelet.cri.RuntimeService;
import io.jubelet.criconfig.NodeProfile;
import io.jubelet.desired.DesiredPods;
import io.jubelet.events.EventRecorder;
import io.jubelet.manifest.ManifestFile;
import io.jubelet.node.ResolvConf;
import io.jubelet.observed.PodObserver;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.Pod;
import io.jubelet.status.ConditionTimesStore;
import io.jubelet.status.StatusStore;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;

/** A pod with the fields that most pods have, for the warm-up only. Confined to one thread. */
public final class WarmUpPod implements Runnable {

    private static final byte[] MANIFEST = """
            apiVersion: v1
            kind: Pod
            metadata:
              name: example
              labels: {app: example}
            spec:
              containers:
              - name: main
                image: example.invalid/main:1
                command: ["sh", "-c", "sleep 1"]
                env:
                - {name: MODE, value: example}
                ports:
                - containerPort: 8080
                resources:
                  requests: {cpu: 10m, memory: 16Mi}
            """.getBytes(StandardCharsets.UTF_8);

    /** No node has this name, so that the observer never sees a pod of it. */
    private static final String NO_NODE = "";

    private final WarmUpRun run;

    /** @param runtime queried only for the pods of a node that does not exist */
    public WarmUpPod(
            RuntimeService runtime, NodeProfile node, Supplier<Optional<ResolvConf>> resolvConf, InstantSource clock) {
        EventRecorder events = new EventRecorder(clock, () -> {});
        StatusStore statusStore = new StatusStore(() -> DesiredPods.NONE, events, ConditionTimesStore.NONE);
        this.run = new WarmUpRun(
                new PodObserver(runtime, NodeNames.of(NO_NODE), NodeClock.neverSet(clock)),
                new NoopExecutor(node, resolvConf, clock),
                statusStore::publish,
                events,
                NodeClock.neverSet(clock));
    }

    /** Parses the manifest and simulates the life of the pod without any effect. */
    @Override
    public void run() {
        Pod pod =
                ManifestFile.parse(MANIFEST, "/example.yaml", "example").pods().getFirst();
        run.run(pod);
    }
}
