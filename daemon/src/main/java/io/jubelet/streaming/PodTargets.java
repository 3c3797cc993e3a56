/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.streaming;

import io.jubelet.api.ApiError;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.PodSpec;
import io.jubelet.status.PodReport;
import io.jubelet.status.StatusStore;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Finds the running container or sandbox that a request names. */
final class PodTargets {

    private final StatusStore board;

    PodTargets(StatusStore board) {
        this.board = Objects.requireNonNull(board, "board");
    }

    /**
     * Returns the running instance of a container.
     *
     * @param uid the UID that the pod must have; empty for any
     * @throws ApiError if there is none; the message says why
     */
    ObservedContainer container(String namespace, String pod, Optional<String> uid, String container) {
        PodReport report = pod(namespace, pod, uid);
        ObservedPod observed = report.view().observed().version(report.uid());
        Optional<ObservedContainer> newest = observed.newest(report.uid(), container);
        if (newest.isEmpty()) {
            Set<String> names = names(report, observed);
            throw names.contains(container)
                    ? ApiError.badRequest("container \"" + container + "\" in pod \"" + pod + "\" is waiting to start")
                    : ApiError.notFound("container \"" + container + "\" not found in pod \"" + pod + "\"; it has: "
                            + String.join(", ", names));
        }
        String state = switch (newest.get().state()) {
            case ObservedContainer.State.Running _, ObservedContainer.State.Starting _ -> "";
            case ObservedContainer.State.Created _ -> "is waiting to start";
            case ObservedContainer.State.Exited exited ->
                "is not running: it ended with exit code " + exited.exitCode();
            case ObservedContainer.State.Unknown _ -> "is in an unknown state";
        };
        if (!state.isEmpty()) {
            throw ApiError.badRequest("container \"" + container + "\" in pod \"" + pod + "\" " + state);
        }
        return newest.get();
    }

    private static Set<String> names(PodReport report, ObservedPod observed) {
        Set<String> names = new LinkedHashSet<>();
        report.view().shown().ifPresent(shown -> {
            PodSpec spec = shown.spec();
            Stream.concat(spec.containers().stream(), spec.initContainers().stream())
                    .map(ContainerSpec::name)
                    .forEach(names::add);
        });
        observed.containers().forEach(each -> names.add(each.name()));
        return names;
    }

    /**
     * Returns the sandbox of a pod.
     *
     * @param uid the UID that the pod must have; empty for any
     * @throws ApiError if there is none; the message says why
     */
    ObservedSandbox sandbox(String namespace, String pod, Optional<String> uid) {
        PodReport report = pod(namespace, pod, uid);
        return report.view().observed().version(report.uid()).sandboxes().stream()
                .filter(ObservedSandbox::ready)
                .findFirst()
                .orElseThrow(() -> ApiError.badRequest("pod \"" + pod + "\" is not running"));
    }

    private PodReport pod(String namespace, String name, Optional<String> uid) {
        return board.snapshot()
                .pod(namespace, name)
                .filter(report -> uid.isEmpty() || uid.get().equals(report.uid()))
                .orElseThrow(() -> ApiError.notFound("pods \"" + name + "\" not found in namespace \"" + namespace
                        + "\"" + uid.map(wanted -> " with the UID " + wanted).orElse("")));
    }
}
