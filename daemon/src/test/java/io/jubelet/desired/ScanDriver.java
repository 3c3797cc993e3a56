/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.document.Finding;
import io.jubelet.events.Event;
import io.jubelet.events.EventRecorder;
import io.jubelet.node.OpenWriters;
import io.jubelet.node.UnfinishedWork;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Takes the turns of a manifest directory on a clock that moves only when told. */
final class ScanDriver {

    static final Duration RESCAN = Duration.ofSeconds(20);

    final Path directory;
    final Path store;
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    DirectoryScan turn;
    DesiredPods current = DesiredPods.NONE;
    OpenWriters writers = new OpenWriters();
    ManifestNames names = ManifestNames.YAML;
    final Path unfinished;
    long budget = ManifestBudget.DEFAULT_BYTES;
    final EventRecorder events = new EventRecorder(() -> now, () -> {});

    ScanDriver(Path root) throws IOException {
        directory = Files.createDirectories(root.resolve("manifests"));
        store = root.resolve("store");
        unfinished = root.resolve("unfinished");
        restart();
    }

    /** A new daemon on what the one before left on disk, as after kill -9. */
    void restart() {
        start(directory);
    }

    void start(Path path) {
        turn = new DirectoryScan(
                source(path), () -> now, writers, new LastGoodStore(store), Runnable::run, budget(), events);
        turn.restore();
        current = DesiredPods.NONE;
    }

    private ManifestSource source(Path path) {
        return new ManifestSource(path, NodeNames.of("node1"), true, names, RESCAN);
    }

    ManifestSource source() {
        return source(directory);
    }

    ManifestBudget budget() {
        return new ManifestBudget(budget, UnfinishedWork.open(unfinished, () -> now));
    }

    DesiredPods take() {
        return take(false);
    }

    DesiredPods take(boolean recreated) {
        current = turn.take(now, true, recreated);
        return current;
    }

    /** Takes turns, each when it is due, for a time. */
    DesiredPods pass(Duration time) {
        Instant end = now.plus(time);
        take();
        while (!turn.nextScanAt().isAfter(end)) {
            now = turn.nextScanAt().isAfter(now) ? turn.nextScanAt() : now;
            take();
        }
        now = end;
        return take();
    }

    DesiredPods sync() {
        return pass(Duration.ofSeconds(2));
    }

    Path write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    /** Image of each pod. */
    Map<String, String> images() {
        Map<String, String> images = new TreeMap<>();
        for (Map.Entry<PodName, Pod> each : current.pods().entrySet()) {
            images.put(
                    each.getKey().name(),
                    each.getValue().spec().containers().getFirst().image());
        }
        return images;
    }

    Manifest manifest(String name) {
        Path path = name.startsWith("/") ? Path.of(name) : directory.resolve(name);
        return current.manifests().stream()
                .filter(manifest -> manifest.path().equals(path.toString()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no manifest " + name + " in " + current.manifests()));
    }

    /** The only problem of a file. */
    String problem(String name) {
        List<Finding> problems = manifest(name).problems();
        assertEquals(1, problems.size(), problems::toString);
        return problems.getFirst().toString();
    }

    Manifest.State state(String name) {
        return manifest(name).state();
    }

    /** The reasons of the events. */
    List<String> reasons() {
        return events.all().stream().map(Event::reason).toList();
    }

    String why(String name) {
        return manifest(name).problems().toString();
    }
}
