/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Image;
import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What the Node tells of the machine beside its conditions, and its events, on every runtime that there is. */
@ParameterizedClass
@MethodSource("runtimes")
class NodeStatusClusterTest extends InCluster {

    @Parameter
    private Path containerd;

    static Stream<Path> runtimes() {
        return RuntimeUnderTest.all().stream();
    }

    @Override
    DaemonProcess newDaemon() throws IOException {
        return new DaemonProcess(containerd, List.of());
    }

    private void ctr(String arguments) throws IOException, InterruptedException {
        Commands.shell(containerd.getParent(), "$(cat bin-dir)/ctr -a " + containerd + " -n k8s.io " + arguments);
    }

    // --- images

    /** What the runtime has: size and names, the largest first. */
    private List<String> images() {
        Comparator<Image> bySize = Comparator.comparingLong(Image::size).thenComparing(Image::id);
        return daemon.cri.imageService().listImages().stream()
                .sorted(bySize.reversed())
                .map(image -> {
                    List<String> names = new ArrayList<>(image.repoDigests());
                    names.addAll(image.repoTags());
                    return image.size() + " " + names.subList(0, Math.min(5, names.size()));
                })
                .toList();
    }

    private static List<String> images(JsonObject node) {
        return node.objects("status.images").stream()
                .map(image -> image.text("sizeBytes") + " " + names(image))
                .toList();
    }

    private static List<String> names(JsonObject image) {
        List<String> names = new ArrayList<>();
        for (int i = 0; image.has("names[" + i + "]"); i++) {
            names.add(image.text("names[" + i + "]"));
        }
        return names;
    }

    @Test
    void tellsTheImagesOfTheRuntimeAndWhenTheyBecomeOthers() throws Exception {
        node.join();
        JsonObject shown = cluster.awaitObject(
                node.path(),
                "to tell the images",
                n -> !images(n).isEmpty() && images(n).equals(images()));
        assertTrue(images(shown).toString().contains("docker.io/library/busybox:2"), shown::toString);
        String name = "example.com/" + daemon.node + ":1";
        ctr("images tag docker.io/library/busybox:2 " + name);
        try {
            cluster.awaitObject(
                    node.path(),
                    "to tell another name",
                    n -> images(n).toString().contains(name));
        } finally {
            ctr("images rm " + name);
        }
        cluster.awaitObject(
                node.path(),
                "to tell that name no more",
                n -> !images(n).toString().contains(name));
    }

    @Test
    void reportsAtMostTheConfiguredNumberOfImages() throws Exception {
        node.join("--node-status-max-images=1");
        cluster.awaitObject(
                node.path(), "to tell the largest image", n -> images(n).equals(images().subList(0, 1)));
    }

    // --- events

    private List<JsonObject> events(String reason) {
        return node.events(daemon.node).stream()
                .filter(event -> event.text("involvedObject.kind").equals("Node"))
                .filter(event -> event.text("reason").equals(reason))
                .toList();
    }

    private JsonObject awaitEvent(String reason, int count) {
        Eventually.within(DaemonProcess.SOON)
                .details(() -> daemon.cliQuietly("get", "events") + daemon.log())
                .until(reason + " " + count + " times", () -> count(reason), seen -> seen == count);
        return events(reason).getFirst();
    }

    private int count(String reason) {
        return events(reason).stream()
                .mapToInt(event -> Integer.parseInt(event.text("count")))
                .sum();
    }

    @Test
    void rebootIsReportedOnce() throws Exception {
        cluster.create("/api/v1/nodes", """
                apiVersion: v1
                kind: Node
                metadata: {name: %s}
                status: {nodeInfo: {bootID: of-the-start-before}}
                """.formatted(daemon.node));
        node.join();
        JsonObject event = awaitEvent("Rebooted", 1);
        String now =
                Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        assertEquals("Warning", event.text("type"));
        assertEquals("Node " + daemon.node + " has been rebooted, boot id: " + now, event.text("message"));
        cluster.awaitObject(
                node.path(),
                "to be of this start of the machine",
                n -> n.text("status.nodeInfo.bootID").equals(now));
        String heartbeat = heartbeat(cluster.get(node.path()));
        daemon.kill();
        daemon.start();
        cluster.awaitObject(node.path(), "to be told anew", n -> !heartbeat(n).equals(heartbeat));
        // What comes after a word of the second daemon on the start of the machine, of which there is none.
        cluster.patch(node.path(), "{\"spec\": {\"unschedulable\": true}}");
        awaitEvent("NodeNotSchedulable", 1);
        assertEquals(1, count("Rebooted"));
    }

    private static String heartbeat(JsonObject node) {
        return JoiningNode.condition(node, "Ready").text("lastHeartbeatTime");
    }

    @Test
    void theNodeOfAMachineThatWasNotStartedAnewWasNotRebooted() throws Exception {
        node.join("--eviction-hard=memory.available<1Mi"); // however full the disk of this machine is
        awaitEvent("NodeReady", 1);
        for (String reason : List.of("NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID")) {
            awaitEvent(reason, 1);
        }
        // A new Node was never ready, so it has not become unready while the runtime is asked for the first time.
        assertEquals(0, count("NodeNotReady"));
        assertEquals(0, count("Rebooted"));
    }

    @Test
    void cordoningTheNodeIsReportedAsEvent() throws Exception {
        node.join();
        awaitEvent("NodeReady", 1);
        cluster.patch(node.path(), "{\"spec\": {\"unschedulable\": true}}");
        awaitEvent("NodeNotSchedulable", 1);
        assertEquals(0, count("NodeSchedulable"));
        cluster.patch(node.path(), "{\"spec\": {\"unschedulable\": null}}");
        awaitEvent("NodeSchedulable", 1);
    }
}
