/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.printing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FooterTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:10Z");

    @Test
    void reportsNothingWhenAllPodsRunAndAllFilesAreAccepted() {
        assertEquals(List.of(), Footer.ofPods(List.of(pod("web", ""), pod("db", "")), Optional.empty(), NOW));
        assertEquals(List.of(), Footer.ofManifests(List.of(manifest("web.yaml", "Accepted"))));
        assertEquals(Optional.empty(), Footer.ofPodsNotRunHere(List.of(), "node1"));
    }

    @Test
    void namesFivePodsWithoutALineThatCounts() {
        List<String> lines = Footer.ofPods(failing(5), Optional.empty(), NOW);
        assertEquals(
                IntStream.rangeClosed(1, 5)
                        .mapToObj(i -> "! default/pod" + i + ": no such host")
                        .toList(),
                lines);
    }

    @Test
    void countsTheSixthPodAndNamesTheCommandThatListsAll() {
        List<String> lines = Footer.ofPods(failing(6), Optional.empty(), NOW);
        assertEquals(6, lines.size());
        assertEquals("! default/pod5: no such host", lines.get(4));
        assertEquals("! 1 more pod is waiting or failing; list them with: jubelet get pods -o wide", lines.get(5));
    }

    @Test
    void countsOnlyPodsWithAProblem() {
        List<Json> items = new ArrayList<>(failing(7));
        items.add(3, pod("web", ""));
        items.add(pod("db", ""));
        List<String> lines = Footer.ofPods(items, Optional.empty(), NOW);
        assertEquals(6, lines.size());
        assertEquals("! 2 more pods are waiting or failing; list them with: jubelet get pods -o wide", lines.get(5));
    }

    @Test
    void theCommandKeepsTheNamespaceThatPodsWereSelectedBy() {
        assertEquals(
                "! 3 more pods are waiting or failing; list them with: jubelet get pods -n kube-system -o wide",
                Footer.ofPods(failing(8), Optional.of("kube-system"), NOW).getLast());
    }

    @Test
    void namesFiveFilesAndCountsTheOthers() {
        List<Json> manifests = new ArrayList<>();
        manifests.add(manifest("good.yaml", "Accepted"));
        manifests.add(manifest("backup.yaml~", "Ignored"));
        IntStream.rangeClosed(1, 6).forEach(i -> manifests.add(manifest("f" + i + ".yaml", "Refused")));
        assertEquals(
                List.of(
                        "! f1.yaml refused: 3:5: spec.imge: unknown field",
                        "! f2.yaml refused: 3:5: spec.imge: unknown field",
                        "! f3.yaml refused: 3:5: spec.imge: unknown field",
                        "! f4.yaml refused: 3:5: spec.imge: unknown field",
                        "! f5.yaml refused: 3:5: spec.imge: unknown field",
                        "! 1 more file is not accepted; list them with: jubelet get manifests"),
                Footer.ofManifests(manifests));
        manifests.add(manifest("f7.yaml", "Unreadable"));
        assertEquals(
                "! 2 more files are not accepted; list them with: jubelet get manifests",
                Footer.ofManifests(manifests).getLast());
    }

    @Test
    void namesFilesThatOnlyAKubeletReadsInOneLine() {
        List<Json> manifests = new ArrayList<>(List.of(manifest("a.manifest", "NotRead")));
        assertEquals(
                List.of(
                        "! 1 file looks like a pod and is not read because of its name: a.manifest; let the names end in"
                                + " .yaml, or start the daemon with --manifest-names=kubelet"),
                Footer.ofManifests(manifests));
        List.of("b", "c", "d", "e", "f").forEach(name -> manifests.add(manifest(name, "NotRead")));
        assertEquals(
                List.of("! 6 files look like pods and are not read because of their names: a.manifest, b, c, d, e and 1"
                        + " more; let the names end in .yaml, or start the daemon with --manifest-names=kubelet"),
                Footer.ofManifests(manifests));
    }

    @Test
    void namesFivePodsOfTheClusterAndTheCommandThatListsAll() {
        List<String> pods = List.of("default/a", "default/b", "default/c", "default/d", "default/e");
        String named = "pods of the cluster are scheduled to this node and not run here: "
                + "default/a, default/b, default/c, default/d, default/e";
        assertEquals(Optional.of("! 5 " + named), Footer.ofPodsNotRunHere(pods, "node1"));
        List<String> more = new ArrayList<>(pods);
        more.addAll(List.of("default/f", "default/g"));
        assertEquals(
                Optional.of("! 7 " + named + " and 2 more; list them with: "
                        + "kubectl get pods -A --field-selector spec.nodeName=node1"),
                Footer.ofPodsNotRunHere(more, "node1"));
    }

    @Test
    void reportsHowFarPullsAre() {
        Map<String, Object> queued = Map.of("image", "a:1", "queuedAt", "2026-01-01T00:00:00Z");
        Map<String, Object> running = Map.of(
                "image",
                "b:1",
                "startedAt",
                "2026-01-01T00:00:05Z",
                "transferredBytes",
                1572864,
                "totalBytes",
                4194304);
        Json item = new Json(Map.of(
                "name",
                "web",
                "message",
                "container app: image b:1 is being pulled",
                "pulling",
                true,
                "pulls",
                List.of(queued, running),
                "pod",
                Map.of("metadata", Map.of("namespace", "default"))));
        assertEquals(
                List.of("! default/web: pull of image a:1 has been queued for 10s; "
                        + "pulling image b:1 for 5s: 1.5 of 4.0 MiB"),
                Footer.ofPods(List.of(item), Optional.empty(), NOW));
    }

    @Test
    void controlCharactersOfAMessageDoNotReachTheTerminal() {
        assertEquals(
                List.of("! default/web: a?[2Jb"),
                Footer.ofPods(List.of(pod("web", "a\u001b[2Jb")), Optional.empty(), NOW));
    }

    private static List<Json> failing(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> pod("pod" + i, "no such host"))
                .toList();
    }

    private static Json pod(String name, String why) {
        return new Json(
                Map.of("name", name, "message", why, "pod", Map.of("metadata", Map.of("namespace", "default"))));
    }

    private static Json manifest(String path, String state) {
        Map<String, Object> problem = Map.of("line", 3, "column", 5, "field", "spec.imge", "message", "unknown field");
        return new Json(Map.of("path", path, "state", state, "problems", List.of(problem)));
    }

    @Test
    void reportsProblemOfNode() {
        assertEquals(Optional.empty(), Footer.ofNode(""));
        assertEquals(Optional.of("! a kubelet runs here"), Footer.ofNode("a kubelet runs here"));
    }
}
