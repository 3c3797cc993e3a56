/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.rollout;

import io.jubelet.api.ClientException;
import io.jubelet.manifest.ManifestFile;
import io.jubelet.manifest.ObjectKey;
import io.jubelet.pod.Pod;
import io.jubelet.printing.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Follows the pods of an installed file until they are ready, or until it is known that they will not be. Not thread-safe. */
public final class Rollout {

    /** Passes time between two looks. */
    public interface Clock {

        /** The time since any fixed moment. */
        Duration now();

        /** Waits for a moment. */
        void pause() throws InterruptedException;
    }

    private static final String ACCEPTED = "Accepted";

    private final DaemonManifests daemon;
    private final Path target;
    private final Clock clock;
    private final Consumer<String> progress;
    private final Map<ObjectKey, String> hashes = new LinkedHashMap<>();
    private final Map<ObjectKey, String> told = new HashMap<>();

    /**
     * @param target the path of the file in the manifest directory
     * @param progress receives a line for each change
     */
    public Rollout(ManifestFile file, Path target, DaemonManifests daemon, Clock clock, Consumer<String> progress) {
        this.daemon = daemon;
        this.target = target;
        this.clock = clock;
        this.progress = progress;
        for (Pod pod : file.pods()) {
            hashes.put(new ObjectKey("Pod", pod.name().namespace(), pod.name().name()), pod.hash());
        }
    }

    /**
     * Waits until the daemon has accepted the file.
     *
     * @return why it has not within the limit; empty if it has
     */
    public Optional<String> awaitAcceptance(Duration limit) throws ClientException, IOException, InterruptedException {
        Duration end = clock.now().plus(limit);
        while (true) {
            DaemonManifests.Entry entry = daemon.entries().get(target.toString());
            if (entry != null && entry.state().equals(ACCEPTED) && isDesired()) {
                return Optional.empty();
            }
            if (clock.now().compareTo(end) >= 0) {
                return Optional.of(
                        entry == null
                                ? "the daemon has not seen " + target + " within " + limit.toSeconds() + " s"
                                : target + " is in state " + entry.state() + " after " + limit.toSeconds() + " s"
                                        + (entry.problems().isEmpty()
                                                ? ""
                                                : ": " + String.join("; ", entry.problems())));
            }
            clock.pause();
        }
    }

    private boolean isDesired() throws ClientException, IOException {
        for (Map.Entry<ObjectKey, String> pod : hashes.entrySet()) {
            Optional<DaemonManifests.Version> desired =
                    daemon.versions(pod.getKey()).desired();
            if (desired.isEmpty() || !desired.get().hash().equals(pod.getValue())) {
                return false;
            }
        }
        return true;
    }

    /**
     * Waits until every pod of the file is ready, or has succeeded, in the version of the file.
     *
     * @return why that is not so, for each pod: it has failed for good, or the limit has passed; empty if all are
     */
    public List<String> awaitReady(Duration limit) throws ClientException, IOException, InterruptedException {
        Duration end = clock.now().plus(limit);
        Map<ObjectKey, String> open = new LinkedHashMap<>(hashes);
        List<String> failed = new ArrayList<>();
        while (true) {
            Map<ObjectKey, String> waiting = new LinkedHashMap<>();
            for (Map.Entry<ObjectKey, String> pod : open.entrySet()) {
                ObjectKey key = pod.getKey();
                Json described = daemon.describe(key).orElse(new Json(null));
                boolean current = described.at("desired", "hash").text().equals(pod.getValue())
                        && !described.at("running").exists();
                String phase = described.at("pod", "status", "phase").text();
                if (current && (isReady(described) || phase.equals("Succeeded"))) {
                    tell(key, phase.equals("Succeeded") ? "has succeeded" : "is ready");
                } else if (current && phase.equals("Failed")) {
                    failed.add(key + " has failed: " + reason(described));
                } else {
                    tell(key, reason(described));
                    waiting.put(key, pod.getValue());
                }
            }
            boolean late = clock.now().compareTo(end) >= 0;
            if (waiting.isEmpty() || late) {
                for (ObjectKey key : waiting.keySet()) {
                    failed.add(key + " is not ready after " + limit.toSeconds() + " s: " + told.get(key));
                }
                return failed;
            }
            open = waiting;
            clock.pause();
        }
    }

    private static boolean isReady(Json described) {
        return described.at("pod", "status", "conditions").items().stream()
                .anyMatch(condition -> condition.at("type").text().equals("Ready")
                        && condition.at("status").text().equals("True"));
    }

    private static String reason(Json described) {
        String message = described.at("message").text();
        if (!message.isEmpty()) {
            return message;
        }
        return described.at("running").exists() ? "the old version is stopping" : "starting";
    }

    private void tell(ObjectKey key, String line) {
        if (!line.equals(told.put(key, line))) {
            progress.accept(key + ": " + line);
        }
    }
}
