/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cgroup.PodCgroups;
import io.jubelet.cri.CriException;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxMetadata;
import io.jubelet.cri.simulated.SimulatedClock;
import io.jubelet.cri.simulated.SimulatedRuntime;
import io.jubelet.node.Mounts;
import io.jubelet.observed.Labels;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.PodName;
import io.jubelet.podfiles.NodeNameStore;
import io.jubelet.podfiles.PodDirectories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeStartupTest {

    private static final PodName WEB = new PodName("default", "web");
    private static final String UID = "a".repeat(32);
    private static final String OTHER = "b".repeat(32);

    @TempDir
    Path dir;

    private final SimulatedRuntime simulated = SimulatedRuntime.create(SimulatedClock.manual(Instant.EPOCH));
    private Path root;
    private PodDirectories directories;
    private NodeNameStore store;

    @BeforeEach
    void open() throws IOException {
        root = dir.resolve("root");
        directories = PodDirectories.open(root, dir.resolve("logs"), new Mounts());
        store = new NodeNameStore(root, dir.resolve("manifests"));
    }

    private PodSandboxId sandbox(String node, String uid) {
        Map<String, String> labels = new HashMap<>(Labels.ofPod(WEB, node));
        labels.put(Labels.POD_UID, uid);
        return simulated
                .runtimeService()
                .runPodSandbox(
                        PodSandboxConfig.builder()
                                .metadata(new PodSandboxMetadata(WEB.onNode(node), uid, WEB.namespace(), 0))
                                .labels(labels)
                                .build(),
                        "");
    }

    private void start(NodeNames nodes) throws IOException, InterruptedException {
        new NodeStartup(simulated.runtimeService(), nodes, store, directories, PodCgroups.none())
                .removeLeftovers(List.of());
    }

    private Path made(String uid) throws IOException {
        return Files.createDirectories(root.resolve("pods").resolve(uid));
    }

    @Test
    void keepsDirectoryOfWhatRuntimeShowsUnderAnyName() throws Exception {
        Path shown = made(UID);
        Path gone = made(OTHER);
        sandbox("long-ago", UID);
        start(NodeNames.of("node1"));
        assertTrue(Files.isDirectory(shown));
        assertFalse(Files.exists(gone));
        // The next start takes it over.
        assertEquals(List.of("node1", "long-ago"), load("node1").all());
    }

    @Test
    void forgetsNamesThatAreNotInUse() throws Exception {
        made(UID);
        store.store("b", List.of("a"));
        PodSandboxId last = sandbox("b", UID);
        assertEquals(List.of("c", "b", "a"), load("c").all());
        start(load("c"));
        assertEquals(List.of("c", "b"), load("c").all());
        simulated.runtimeService().stopPodSandbox(last);
        simulated.runtimeService().removePodSandbox(last);
        start(load("c"));
        assertEquals(List.of("c"), load("c").all());
    }

    @Test
    void keepsNamesAsLongAsDirectoriesCannotBeRemoved() throws Exception {
        Path left = made(UID);
        store.store("b", List.of());
        simulated.goDown();
        assertThrows(CriException.class, () -> start(load("c")));
        assertEquals(List.of("c", "b"), load("c").all());
        simulated.comeBack();
        NodeNames names = load("c");
        Path pods = root.resolve("pods");
        Files.move(pods, root.resolve("away"));
        assertThrows(IOException.class, () -> start(names));
        Files.move(root.resolve("away"), pods);
        assertEquals(List.of("c", "b"), load("c").all());
        start(load("c"));
        assertFalse(Files.exists(left));
        assertEquals(List.of("c"), load("c").all());
    }

    @Test
    void findsNamesOfWhatWasMadeHere() throws Exception {
        made(UID);
        sandbox("a", UID);
        sandbox("elsewhere", OTHER);
        assertEquals(Set.of("a"), NodeStartup.nodeNames(simulated.runtimeService(), directories::exists));
    }

    private NodeNames load(String name) throws IOException {
        return store.load(name, _ -> Set.of());
    }
}
