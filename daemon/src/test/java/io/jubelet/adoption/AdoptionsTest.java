/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.adoption;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerMetadata;
import io.jubelet.cri.CriException;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxMetadata;
import io.jubelet.cri.PodSandboxState;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.simulated.SimulatedClock;
import io.jubelet.cri.simulated.SimulatedRuntime;
import io.jubelet.node.Mounts;
import io.jubelet.observed.Labels;
import io.jubelet.plan.TestPods;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.RestartPolicy;
import io.jubelet.podfiles.PodDirectories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pods that a kubelet left on a simulated runtime, with the labels and annotations that kubelet 1.36 writes. */
class AdoptionsTest {

    private static final String NODE = "node1";
    private static final String KUBELETS = "k".repeat(32);
    private static final Instant LATER = Instant.now().plusSeconds(3600);
    private static final Instant EARLIER = Instant.now().minusSeconds(3600);

    @TempDir
    Path dir;

    private final SimulatedRuntime simulated = SimulatedRuntime.create(SimulatedClock.manual(Instant.EPOCH));
    private final RuntimeService runtime = simulated.runtimeService();
    private final List<Pod> desired = new ArrayList<>();
    private PodDirectories directories;
    private Adoptions adoptions;
    private RuntimeService shown;

    @BeforeEach
    void open() throws IOException {
        simulated.images().publishEverything();
        directories = PodDirectories.open(dir.resolve("root"), dir.resolve("logs"), new Mounts());
        restart(true);
    }

    private void restart(boolean takeOver) throws IOException {
        adoptions = Adoptions.open(dir.resolve("root"), runtime);
        adoptions.begin(new KubeletFiles(directories), () -> desired, takeOver);
        shown = adoptions.runtime();
    }

    private Pod want(String name, RestartPolicy policy, String... containers) throws IOException {
        Pod plain = TestPods.pod(new PodName("default", name), name.repeat(32), policy, containers);
        Path manifest = Files.writeString(dir.resolve(name + ".yaml"), name);
        Pod pod = new Pod(
                plain.name(),
                NODE,
                plain.uid(),
                plain.hash(),
                Map.of("app", name),
                Map.of("note", "hi"),
                plain.spec(),
                new Pod.Manifest("{}", manifest.toString()));
        desired.add(pod);
        return pod;
    }

    private PodSandboxId kubeletRuns(Pod pod, Instant seen) throws IOException {
        Map<String, String> labels = new HashMap<>(pod.labels());
        labels.put(Labels.POD_NAME, pod.fullName());
        labels.put(Labels.POD_NAMESPACE, pod.name().namespace());
        labels.put(Labels.POD_UID, KUBELETS);
        Map<String, String> annotations = new HashMap<>(pod.annotations());
        annotations.put(Labels.CONFIG_SOURCE, "file");
        annotations.put(Labels.CONFIG_SEEN, seen.toString());
        annotations.put(Labels.CONFIG_HASH, KUBELETS);
        PodSandboxConfig config = PodSandboxConfig.builder()
                .metadata(new PodSandboxMetadata(pod.fullName(), KUBELETS, "default", 0))
                .labels(labels)
                .annotations(annotations)
                .build();
        PodSandboxId sandbox = runtime.runPodSandbox(config, "");
        PodSpec spec = pod.spec();
        for (var container : spec.allContainers().toList()) {
            simulated.imageService().pullImage(ImageSpec.of(container.image()), null, null);
            Map<String, String> own = new HashMap<>(labels);
            own.put(Labels.CONTAINER_NAME, container.name());
            runtime.startContainer(runtime.createContainer(
                    sandbox,
                    ContainerConfig.builder()
                            .metadata(new ContainerMetadata(container.name(), 0))
                            .image(ImageSpec.of(container.image()))
                            .labels(own)
                            .annotations(
                                    Map.of(Labels.CONTAINER_HASH, KubeletHash.of(container.name(), container.image())))
                            .build(),
                    config));
        }
        Files.createDirectories(logs(pod, KUBELETS));
        return sandbox;
    }

    private Path logs(Pod pod, String uid) {
        return dir.resolve("logs").resolve("default_" + pod.fullName() + "_" + uid);
    }

    private List<PodSandbox> ours(Pod pod) {
        return shown.listPodSandboxes(PodSandboxFilter.labels(Labels.ofPod(pod.name(), NODE)));
    }

    private ContainerId container(Pod pod, String name) {
        return shown.listContainers(ContainerFilter.labels(Labels.ofPod(pod.name(), NODE))).stream()
                .filter(c -> c.metadata().name().equals(name))
                .map(Container::id)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatRunsAsItsManifestSaysCountsAsOurs() throws Exception {
        Pod pod = want("a", RestartPolicy.Always, "app", "log");
        PodSandboxId sandbox = kubeletRuns(pod, LATER);
        PodSandbox seen = ours(pod).getFirst();
        assertEquals(sandbox, seen.id());
        assertEquals(PodSandboxState.READY, seen.state());
        assertEquals(pod.uid(), seen.metadata().uid());
        assertEquals(pod.hash(), seen.annotations().get(Labels.HASH));
        assertEquals("7", seen.annotations().get(Labels.GRACE_PERIOD));
        assertEquals(
                List.of(pod.uid(), pod.uid()),
                shown.listContainers(ContainerFilter.all()).stream()
                        .map(c -> c.labels().get(Labels.POD_UID))
                        .toList());
        assertEquals(pod.uid(), shown.podSandboxStatus(sandbox).metadata().uid());
        assertTrue(Files.isDirectory(logs(pod, pod.uid())), "its logs are ours");
        assertTrue(Files.isSymbolicLink(logs(pod, KUBELETS)), "the runtime still finds them");
        assertEquals("{}", directories.storedManifest(pod.uid()).orElseThrow().document());
    }

    @Test
    void aRestartOfTheDaemonKeepsThemWithoutTheFlag() throws Exception {
        Pod pod = want("a", RestartPolicy.Always, "app");
        PodSandboxId sandbox = kubeletRuns(pod, LATER);
        ours(pod);
        restart(false);
        assertEquals(pod.uid(), ours(pod).getFirst().metadata().uid());
        shown.stopPodSandbox(sandbox);
        shown.removePodSandbox(sandbox);
        assertFalse(Files.exists(dir.resolve("root").resolve(Adoptions.FILE)));
        assertFalse(Files.isSymbolicLink(logs(pod, KUBELETS)));
    }

    @Test
    void withoutTheFlagNothingIsTakenOver() throws Exception {
        restart(false);
        Pod pod = want("a", RestartPolicy.Always, "app");
        kubeletRuns(pod, LATER);
        assertEquals(List.of(), ours(pod));
        assertEquals(1, shown.listPodSandboxes(PodSandboxFilter.all()).size());
    }

    @Test
    void whatHasNoManifestIsLeftAlone() throws Exception {
        Pod pod = want("a", RestartPolicy.Always, "app");
        kubeletRuns(pod, LATER);
        desired.clear();
        assertEquals(List.of(), ours(pod));
    }

    @Test
    void aPodWhoseManifestIsAcceptedLaterIsTakenOverThen() throws Exception {
        Pod same = want("a", RestartPolicy.Always, "app");
        Pod other = want("b", RestartPolicy.Always, "app");
        kubeletRuns(same, LATER);
        kubeletRuns(other, EARLIER);
        desired.clear();
        assertEquals(List.of(), ours(same));
        desired.addAll(List.of(same, other));
        assertEquals(same.uid(), ours(same).getFirst().metadata().uid());
        assertEquals(KUBELETS, ours(other).getFirst().metadata().uid(), "it is replaced at once");
    }

    @Test
    void aContainerThatEndsEndsTheSandboxAndNoneIsCreatedInIt() throws Exception {
        Pod pod = want("a", RestartPolicy.Always, "app", "log");
        PodSandboxId sandbox = kubeletRuns(pod, LATER);
        ours(pod);
        ContainerConfig config = ContainerConfig.builder()
                .metadata(new ContainerMetadata("app", 1))
                .image(ImageSpec.of("image/app"))
                .build();
        PodSandboxConfig of = PodSandboxConfig.builder()
                .metadata(new PodSandboxMetadata(pod.fullName(), KUBELETS, "default", 0))
                .build();
        assertThrows(CriException.NotFound.class, () -> shown.createContainer(sandbox, config, of));
        shown.stopContainer(container(pod, "log"), Duration.ZERO);
        assertEquals(PodSandboxState.NOT_READY, ours(pod).getFirst().state());
        assertEquals(
                List.of(),
                shown.listPodSandboxes(
                        new PodSandboxFilter(null, PodSandboxState.READY, Labels.ofPod(pod.name(), NODE))));
    }

    @Test
    void aPodThatEndsByItselfLivesWhileAnyContainerRuns() throws Exception {
        Pod pod = want("a", RestartPolicy.Never, "app", "log");
        kubeletRuns(pod, LATER);
        ours(pod);
        shown.stopContainer(container(pod, "log"), Duration.ZERO);
        assertEquals(PodSandboxState.READY, ours(pod).getFirst().state());
        shown.stopContainer(container(pod, "app"), Duration.ZERO);
        assertEquals(PodSandboxState.NOT_READY, ours(pod).getFirst().state());
    }

    @Test
    void theOthersAreReplacedOneAfterTheOther() throws Exception {
        Pod a = want("a", RestartPolicy.Always, "app");
        Pod b = want("b", RestartPolicy.Always, "app");
        Map<PodName, PodSandboxId> sandboxes =
                Map.of(a.name(), kubeletRuns(a, EARLIER), b.name(), kubeletRuns(b, EARLIER));
        assertEquals(a.uid(), ours(a).getFirst().metadata().uid(), "it waits for its turn");
        List<String> turns = new ArrayList<>();
        adoptions.replaceOutdated(
                _ -> true,
                name -> {
                    turns.add(name.name() + " " + outdated());
                    shown.stopPodSandbox(sandboxes.get(name));
                    shown.removePodSandbox(sandboxes.get(name));
                },
                Duration.ofMinutes(1));
        assertEquals(List.of("a [a]", "b [b]"), turns);
        assertTrue(adoptions.isEmpty());
    }

    /** The pods that show that they run something else than their manifests say. */
    private List<String> outdated() {
        return desired.stream()
                .filter(pod -> ours(pod).stream()
                        .anyMatch(sandbox -> sandbox.metadata().uid().equals(KUBELETS)))
                .map(pod -> pod.name().name())
                .collect(Collectors.toList());
    }

    @Test
    void aPodThatWaitsForItsTurnStillDoesAfterARestart() throws Exception {
        Pod pod = want("a", RestartPolicy.Always, "app");
        kubeletRuns(pod, EARLIER);
        ours(pod);
        restart(false);
        assertEquals(pod.uid(), ours(pod).getFirst().metadata().uid());
        List<String> turns = new ArrayList<>();
        adoptions.replaceOutdated(_ -> false, _ -> turns.addAll(outdated()), Duration.ZERO);
        assertEquals(List.of("a"), turns);
    }

    @Test
    void aDifferenceIsSaidInWords() throws Exception {
        Pod pod = want("a", RestartPolicy.Always, "app");
        PodSandboxId sandbox = kubeletRuns(pod, LATER);
        PodSandbox seen = runtime.listPodSandboxes(PodSandboxFilter.id(sandbox)).getFirst();
        List<Container> containers = runtime.listContainers(ContainerFilter.sandbox(sandbox));
        Instant now = Instant.now();
        assertEquals(Optional.empty(), KubeletMatch.difference(pod, now, seen, containers));
        assertEquals(
                "the manifest changed at " + LATER + ", after the kubelet read it at " + LATER,
                KubeletMatch.difference(pod, LATER, seen, containers).orElseThrow());
        assertEquals(
                "container app is missing",
                KubeletMatch.difference(pod, now, seen, List.of()).orElseThrow());
        Pod another = TestPods.with(
                pod,
                PodSpec.builder(List.of(
                                TestPods.spec("app").build(),
                                TestPods.spec("log").build()))
                        .build());
        assertEquals(
                "container log is missing",
                KubeletMatch.difference(another, now, seen, containers).orElseThrow());
        Pod image = TestPods.with(
                pod,
                PodSpec.builder(List.of(ContainerSpec.builder("app", "other:2").build()))
                        .build());
        assertEquals(
                "container app was made from another image or name",
                KubeletMatch.difference(image, now, seen, containers).orElseThrow());
    }
}
