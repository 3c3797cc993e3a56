/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.printing;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** One pod as a row of {@code get pods}. The columns and their words are those of kubectl. */
public final class PodRow {

    private static final String INIT = "Init:";

    private final Json pod;
    private final Set<String> sidecars = new HashSet<>();
    /** The containers whose restarts count: the init containers until they are done, then sidecars and containers. */
    private List<Json> counted = new ArrayList<>();

    private int ready;
    private int total;
    private String word;

    private PodRow(Json pod) {
        this.pod = pod;
        for (Json init : pod.at("spec", "initContainers").items()) {
            if (init.at("restartPolicy").text().equals("Always")) {
                sidecars.add(init.at("name").text());
            }
        }
        this.word = pod.at("status", "reason").text();
        if (word.isEmpty()) {
            word = pod.at("status", "phase").text();
        }
        read();
    }

    public static List<String> header(boolean wide) {
        List<String> header = new ArrayList<>(List.of("NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS", "AGE"));
        if (wide) {
            header.addAll(List.of("IP", "NODE", "REASON"));
        }
        return header;
    }

    /**
     * The cells of a pod.
     *
     * @param item an item of {@code /jubelet/v1/pods}
     */
    public static List<String> of(Json item, boolean wide, Instant now) {
        Json pod = item.at("pod");
        PodRow read = new PodRow(pod);
        List<String> row = new ArrayList<>(List.of(
                pod.at("metadata", "namespace").text(),
                pod.at("metadata", "name").text(),
                read.ready + "/" + read.total,
                read.word,
                read.restarts(now),
                Age.since(pod.at("metadata", "creationTimestamp").moment(), now)));
        if (wide) {
            String ip = pod.at("status", "podIP").text();
            String why = Footer.why(item, now);
            row.addAll(List.of(
                    ip.isEmpty() ? "<none>" : ip, pod.at("spec", "nodeName").text(), why.isEmpty() ? "<none>" : why));
        }
        return row;
    }

    /** The status word as kubectl prints it. */
    public static String status(Json pod) {
        return new PodRow(pod).word;
    }

    private void read() {
        List<Json> main = pod.at("status", "containerStatuses").items();
        total = main.size() + sidecars.size();
        boolean initializing = readInit();
        if (!initializing || condition("Initialized")) {
            counted = counted.stream()
                    .filter(init -> sidecars.contains(init.at("name").text()))
                    .collect(Collectors.toCollection(ArrayList::new));
            counted.addAll(main);
            readMain(main);
        }
        String phase = pod.at("status", "phase").text();
        boolean terminal = phase.equals("Succeeded") || phase.equals("Failed");
        if (pod.at("metadata", "deletionTimestamp").exists() && !terminal) {
            word = "Terminating";
        }
    }

    /** Reads the init containers; true if one of them is not done. */
    private boolean readInit() {
        List<Json> init = pod.at("status", "initContainerStatuses").items();
        for (int i = 0; i < init.size(); i++) {
            Json container = init.get(i);
            Json state = container.at("state");
            counted.add(container);
            boolean ended = state.at("terminated").exists();
            if (ended && state.at("terminated", "exitCode").number() == 0) {
                continue;
            }
            if (sidecars.contains(container.at("name").text())
                    && container.at("started").isTrue()) {
                ready += container.at("ready").isTrue() ? 1 : 0;
                continue;
            }
            String waiting = state.at("waiting", "reason").text();
            if (ended) {
                word = INIT + end(state);
            } else if (!waiting.isEmpty() && !waiting.equals("PodInitializing")) {
                word = INIT + waiting;
            } else {
                word = INIT + i + "/" + init.size();
            }
            return true;
        }
        return false;
    }

    private void readMain(List<Json> main) {
        boolean running = false;
        for (Json container : main.reversed()) {
            Json state = container.at("state");
            String waiting = state.at("waiting", "reason").text();
            if (!waiting.isEmpty()) {
                word = waiting;
            } else if (state.at("terminated").exists()) {
                word = end(state);
            } else if (container.at("ready").isTrue() && state.at("running").exists()) {
                running = true;
                ready++;
            }
        }
        if (word.equals("Completed") && running) {
            word = condition("Ready") ? "Running" : "NotReady";
        }
    }

    private static String end(Json state) {
        String reason = state.at("terminated", "reason").text();
        return reason.isEmpty()
                ? "ExitCode:" + state.at("terminated", "exitCode").number()
                : reason;
    }

    private boolean condition(String type) {
        return pod.at("status", "conditions").items().stream()
                .anyMatch(condition -> condition.at("type").text().equals(type)
                        && condition.at("status").text().equals("True"));
    }

    private String restarts(Instant now) {
        int restarts = counted.stream()
                .mapToInt(container -> container.at("restartCount").number())
                .sum();
        Optional<Instant> last = counted.stream()
                .flatMap(container -> container.at("lastState", "terminated", "finishedAt").moment().stream())
                .max(Instant::compareTo);
        return restarts == 0 || last.isEmpty()
                ? Integer.toString(restarts)
                : restarts + " (" + Age.since(last, now) + " ago)";
    }
}
