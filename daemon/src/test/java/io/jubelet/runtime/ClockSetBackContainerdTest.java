/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jubelet.admission.Admission;
import io.jubelet.admission.NodeAllocatable;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.concurrent.Threads;
import io.jubelet.confinement.ImageUserCache;
import io.jubelet.credentials.CredentialSources;
import io.jubelet.credentials.DockerConfigFiles;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxState;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.grpc.CriConnection;
import io.jubelet.criconfig.Pods;
import io.jubelet.desired.DesiredPods;
import io.jubelet.events.EventRecorder;
import io.jubelet.images.ImagePuller;
import io.jubelet.images.PullRateLimiter;
import io.jubelet.images.PullRecords;
import io.jubelet.images.RegistryPuller;
import io.jubelet.node.Mounts;
import io.jubelet.observed.Labels;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.PodObserver;
import io.jubelet.plan.ContainerGcPolicy;
import io.jubelet.plan.PodPlanner;
import io.jubelet.plan.RestartBackoff;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.Pod;
import io.jubelet.podfiles.PodDirectories;
import io.jubelet.reconcile.DeadContainerTracker;
import io.jubelet.reconcile.PodWorker;
import io.jubelet.reconcile.WorkerContext;
import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker on a real containerd whose times are those of before the clock was set back. */
@Tag("containerd")
class ClockSetBackContainerdTest {

    private static final String PROPERTY = "jubelet.test.containerd";

    @TempDir
    Path dir;

    private final NodeClock clock = NodeClock.system();
    private CriConnection connection;
    private PodRuntime runtime;

    @BeforeEach
    void connect() throws IOException {
        String socket = System.getProperty(PROPERTY, "");
        if (socket.isEmpty()) {
            String advice =
                    "no containerd: start one with tools/containerd.sh, import tools/images.sh into it, and pass -D"
                            + PROPERTY + "=SOCKET";
            if (Boolean.getBoolean("jubelet.test.no-skip")) {
                fail(advice);
            }
            assumeTrue(false, advice);
        }
        connection = CriConnection.open(socket);
        PodDirectories directories = PodDirectories.open(dir.resolve("root"), dir.resolve("logs"), new Mounts());
        ImageUserCache imageService = new ImageUserCache(connection.imageService());
        ImagePuller images = new ImagePuller(
                imageService,
                new RegistryPuller(
                        imageService,
                        new CredentialSources(DockerConfigFiles.NONE, List.of()),
                        2,
                        new PullRateLimiter(0, 1),
                        InstantSource.system()),
                new PullRecords(dir.resolve("image_manager"), (_, ours) -> ours),
                () -> LocalConfig.NONE,
                new EventRecorder(InstantSource.system(), () -> {}),
                Threads::startVirtual,
                _ -> {},
                clock);
        runtime = new PodRuntimeBuilder(
                        connection.runtimeService(), imageService, images, directories, dir.resolve("root"))
                .startLimit(4)
                .build((document, _) ->
                        Pods.pod(Pods.WEB, document.substring(7, 39), List.of(), Pods.shell("c", "true")));
        removeAll();
    }

    @AfterEach
    void disconnect() {
        if (connection != null) {
            removeAll();
            connection.close();
        }
    }

    private void removeAll() {
        connection
                .runtimeService()
                .listPodSandboxes(PodSandboxFilter.labels(Labels.ofNode(Pods.NODE)))
                .forEach(sandbox -> {
                    connection.runtimeService().stopPodSandbox(sandbox.id());
                    connection.runtimeService().removePodSandbox(sandbox.id());
                });
    }

    @Test
    void aSandboxThatEndsAfterTheClockWasSetBackIsReplacedOnce() throws Exception {
        Pod pod = Pods.pod(List.of(), Pods.shell("app", "sleep 1000"));
        Set<PodSandboxId> early = ConcurrentHashMap.newKeySet();
        RuntimeService real = connection.runtimeService();
        PodObserver setBack = new PodObserver(anHourAhead(real, early), NodeNames.of(Pods.NODE), clock);
        PodWorker worker = new PodWorker(Pods.WEB, context(setBack, pod));
        Eventually.await("the pod to run", () -> {
            worker.reconcile();
            return running(setBack);
        });
        PodSandboxId first = setBack.observe(Pods.WEB).sandboxes().getFirst().id();
        early.add(first);
        real.stopPodSandbox(first);
        Eventually.await("the pod to run again", () -> {
            worker.reconcile();
            return running(setBack);
        });
        for (int turn = 0; turn < 5; turn++) {
            worker.reconcile();
        }
        List<PodSandbox> left = real.listPodSandboxes(PodSandboxFilter.labels(Labels.ofNode(Pods.NODE)));
        assertEquals(
                List.of(1),
                left.stream()
                        .filter(s -> s.state() == PodSandboxState.READY)
                        .map(s -> s.metadata().attempt())
                        .toList());
        assertTrue(left.size() <= 2, left::toString);
    }

    private static boolean running(PodObserver observer) {
        return observer.observe(Pods.WEB).containers().stream().anyMatch(c -> c.state() instanceof State.Running);
    }

    /** The same runtime, but it shows some sandboxes as created an hour later than they were. */
    private static RuntimeService anHourAhead(RuntimeService real, Set<PodSandboxId> which) {
        return (RuntimeService) Proxy.newProxyInstance(
                RuntimeService.class.getClassLoader(),
                new Class<?>[] {RuntimeService.class},
                (_, method, arguments) -> {
                    Object answer;
                    try {
                        answer = method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    return method.getName().equals("listPodSandboxes")
                            ? ((List<?>) answer)
                                    .stream()
                                            .map(PodSandbox.class::cast)
                                            .map(s -> which.contains(s.id()) ? anHourAhead(s) : s)
                                            .toList()
                            : answer;
                });
    }

    private static PodSandbox anHourAhead(PodSandbox s) {
        return new PodSandbox(
                s.id(),
                s.metadata(),
                s.state(),
                s.createdAt().plusSeconds(3600),
                s.labels(),
                s.annotations(),
                s.runtimeHandler());
    }

    private WorkerContext context(PodObserver from, Pod pod) {
        DesiredPods desired = new DesiredPods(Map.of(Pods.WEB, pod), List.of());
        Admission admission = new Admission(new NodeAllocatable("", Map.of(), 1, Map::of), () -> desired, _ -> {});
        admission.listed(Set.of());
        return new WorkerContext(
                new WorkerContext.Inputs(() -> desired, from, _ -> Map.of()),
                new WorkerContext.Decisions(
                        new PodPlanner(new RestartBackoff(RestartBackoff.DEFAULT_MAX)),
                        admission,
                        new DeadContainerTracker(ContainerGcPolicy.DEFAULT, _ -> {})),
                runtime,
                _ -> {},
                () -> {},
                new EventRecorder(clock, () -> {}),
                clock);
    }
}
