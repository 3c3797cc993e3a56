/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.api.ClientException;
import io.jubelet.api.LocalClient;
import io.jubelet.printing.DefaultContainer;
import io.jubelet.printing.Json;
import io.jubelet.printing.PodRow;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every command that works in a container: which one, and on which daemon. */
final class ContainerOption {

    @Mixin
    private SocketOption socket;

    @Option(
            names = {"-c", "--container"},
            paramLabel = "NAME",
            description = "The container; by default that of the annotation kubectl.kubernetes.io/default-container, or"
                    + " the first one of the pod.")
    private @Nullable String container;

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NS",
            description = "Namespace of the pod; needed only if several pods have the name.")
    private @Nullable String namespace;

    /**
     * A container that runs.
     *
     * @param pod the v1 Pod
     * @param namespace of the pod
     * @param podName as the daemon knows it, without the name of the node
     */
    record Chosen(Json pod, String namespace, String podName, String container) {
        Chosen {
            Objects.requireNonNull(pod, "pod");
            Objects.requireNonNull(namespace, "namespace");
            Objects.requireNonNull(podName, "podName");
            Objects.requireNonNull(container, "container");
        }

        /** The segments of the path that names it. */
        List<String> path() {
            return List.of(namespace, podName, container);
        }

        /** What its pod's spec says of it. */
        Json spec() {
            return named(podSpec("containers"), container);
        }

        private Stream<Json> podSpec(String field) {
            return Stream.concat(
                    pod.at("spec", field).items().stream(), pod.at("spec", "initContainers").items().stream());
        }
    }

    LocalClient client() {
        return socket.client();
    }

    /** Finds the pod that an argument names. */
    Json pod(String argument) throws ClientException, IOException, Names.NotFoundException {
        return Names.of(argument, namespace)
                .only(socket.get("/jubelet/v1/pods").at("items").items());
    }

    /**
     * Finds the container, which must run.
     *
     * @param argument names the pod
     * @param notes receives a line when the choice is not obvious
     */
    Chosen running(String argument, PrintStream notes)
            throws ClientException, IOException, Names.NotFoundException, CommandException {
        Json item = pod(argument);
        Json pod = item.at("pod");
        Chosen chosen = new Chosen(
                pod,
                pod.at("metadata", "namespace").text(),
                item.at("name").text(),
                container != null ? container : DefaultContainer.of(pod, notes));
        requireRunning(chosen);
        return chosen;
    }

    private static void requireRunning(Chosen chosen) throws CommandException {
        List<String> names =
                chosen.podSpec("containers").map(each -> each.at("name").text()).toList();
        if (!names.contains(chosen.container())) {
            throw new CommandException("container " + chosen.container() + " is not valid for pod " + chosen.podName()
                    + "; it has: " + String.join(", ", names));
        }
        Json status = chosen.pod().at("status");
        Json state = named(
                        Stream.concat(
                                status.at("containerStatuses").items().stream(),
                                status.at("initContainerStatuses").items().stream()),
                        chosen.container())
                .at("state");
        if (!state.at("running").exists()) {
            String reason = state.at("waiting", "reason").text()
                    + state.at("terminated", "reason").text();
            throw new CommandException("container " + chosen.container() + " of pod " + chosen.podName()
                    + " is not running: " + (reason.isEmpty() ? PodRow.status(chosen.pod()) : reason)
                    + "; jubelet describe pod " + chosen.podName() + " says why");
        }
    }

    private static Json named(Stream<Json> candidates, String name) {
        return candidates
                .filter(candidate -> candidate.at("name").text().equals(name))
                .findFirst()
                .orElse(new Json(null));
    }
}
