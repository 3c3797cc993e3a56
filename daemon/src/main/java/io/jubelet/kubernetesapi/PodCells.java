/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ContainerState;
import io.jubelet.pod.ContainerStatus;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodStatus;
import io.jubelet.pod.RestartPolicy;
import io.jubelet.printing.Age;
import io.jubelet.status.PodReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The row of a pod in a table, in the words of an API server. For one thread. */
final class PodCells {

    private static final String NONE = "<none>";
    private static final String INIT = "Init:";

    private final PodReport report;
    private final PodStatus status;
    private final Set<String> sidecars;
    private final int containers;
    /** The containers whose restarts count: the init containers until they are done, then sidecars and containers. */
    private List<ContainerStatus> counted = new ArrayList<>();

    private int ready;
    private String word;

    PodCells(PodReport report, PodStatus status) {
        this.report = report;
        this.status = status;
        Optional<Pod> pod = report.view().shown();
        this.sidecars = pod.stream()
                .flatMap(shown -> shown.spec().initContainers().stream())
                .filter(init -> init.restart().policy().equals(Optional.of(RestartPolicy.Always)))
                .map(ContainerSpec::name)
                .collect(Collectors.toSet());
        this.containers = sidecars.size()
                + pod.map(shown -> shown.spec().containers().size())
                        .orElse(status.containers().size());
        this.word = status.reason().isEmpty() ? status.phase().name() : status.reason();
        read();
    }

    List<String> of(ServedObject.Metadata metadata, String node, Instant now) {
        return List.of(
                metadata.name().name(),
                ready + "/" + containers,
                word,
                restarts(now),
                Age.since(Optional.of(metadata.created()), now),
                status.ips().pod().stream().findFirst().orElse(NONE),
                node,
                NONE,
                NONE);
    }

    private void read() {
        boolean initializing = readInit();
        if (!initializing || condition("Initialized")) {
            counted = counted.stream()
                    .filter(init -> sidecars.contains(init.name()))
                    .collect(Collectors.toCollection(ArrayList::new));
            List<ContainerStatus> main = status.containers().stream()
                    .sorted(Comparator.comparing(ContainerStatus::name))
                    .toList();
            counted.addAll(main);
            readMain(main);
        }
        boolean over = status.phase() == PodStatus.Phase.Succeeded || status.phase() == PodStatus.Phase.Failed;
        if (report.endingSince().isPresent() && !over) {
            word = "Terminating";
        }
    }

    /** Reads the init containers; true if one of them is not done. */
    private boolean readInit() {
        List<ContainerStatus> init = status.initContainers();
        for (int i = 0; i < init.size(); i++) {
            ContainerStatus container = init.get(i);
            counted.add(container);
            if (container.state() instanceof ContainerState.Terminated ended && ended.exitCode() == 0) {
                continue;
            }
            if (sidecars.contains(container.name()) && container.started()) {
                ready += container.ready() ? 1 : 0;
                continue;
            }
            word = switch (container.state()) {
                case ContainerState.Terminated ended -> INIT + end(ended);
                case ContainerState.Waiting waiting
                when !waiting.reason().isEmpty() && !waiting.reason().equals("PodInitializing") ->
                    INIT + waiting.reason();
                case ContainerState.Waiting _, ContainerState.Running _ -> INIT + i + "/" + init.size();
            };
            return true;
        }
        return false;
    }

    private void readMain(List<ContainerStatus> main) {
        boolean running = false;
        for (ContainerStatus container : main.reversed()) {
            switch (container.state()) {
                case ContainerState.Waiting waiting -> word = waiting.reason().isEmpty() ? word : waiting.reason();
                case ContainerState.Terminated ended -> word = end(ended);
                case ContainerState.Running _ -> {
                    if (container.ready()) {
                        running = true;
                        ready++;
                    }
                }
            }
        }
        if (word.equals("Completed") && running) {
            word = condition("Ready") ? "Running" : "NotReady";
        }
    }

    private static String end(ContainerState.Terminated ended) {
        return ended.reason().isEmpty() ? "ExitCode:" + ended.exitCode() : ended.reason();
    }

    private boolean condition(String type) {
        return status.conditions().stream()
                .anyMatch(condition -> condition.type().equals(type) && condition.status());
    }

    private String restarts(Instant now) {
        int restarts = counted.stream().mapToInt(ContainerStatus::restartCount).sum();
        Optional<Instant> last = counted.stream()
                .flatMap(container -> container.lastState().stream())
                .flatMap(ended -> ended.finishedAt().stream())
                .max(Instant::compareTo);
        return restarts == 0 || last.isEmpty()
                ? Integer.toString(restarts)
                : restarts + " (" + Age.since(last, now) + " ago)";
    }
}
