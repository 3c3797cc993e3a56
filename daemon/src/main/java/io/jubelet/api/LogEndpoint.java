/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import io.jubelet.observed.ObservedContainer;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ContainerState;
import io.jubelet.pod.ContainerStatus;
import io.jubelet.status.PodReport;
import io.jubelet.status.PodStatusBuilder;
import io.jubelet.status.StatusStore;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;

/** Finds the container instance that a request means, and copies its log. */
public final class LogEndpoint {

    /** How many logs are read at the same time, those for root included. Each costs about 60 kB, or a look 10 times a second. */
    static final int MAX_LOGS = 96;
    /** How many of them may be for other clients; the rest is kept for root. */
    static final int MAX_LOGS_OF_OTHERS = 80;
    /** How many logs one user or one address may read, which can be that of the API server. */
    static final int MAX_LOGS_OF_ONE_CLIENT = 64;

    private final StatusStore board;
    private final LogSource source;
    private final RequestShares shares =
            new RequestShares("logs", MAX_LOGS, MAX_LOGS_OF_OTHERS, MAX_LOGS_OF_ONE_CLIENT);

    public LogEndpoint(StatusStore board, LogSource source) {
        this.board = board;
        this.source = Objects.requireNonNull(source, "source");
    }

    /**
     * Copies the log that a request asks for by the parameters of PodLogOptions.
     *
     * @throws ApiError if there is no such pod, container or log
     */
    public void copy(String namespace, String pod, String container, ApiRequest request, ApiResponse response)
            throws IOException, InterruptedException {
        try (RequestShares.Share _ = shares.take(request.client())) {
            read(namespace, pod, container, request, response);
        }
    }

    private void read(String namespace, String pod, String container, ApiRequest request, ApiResponse response)
            throws IOException, InterruptedException {
        PodReport report = board.snapshot()
                .pod(namespace, pod)
                .orElseThrow(
                        () -> ApiError.notFound("pods \"" + pod + "\" not found in namespace \"" + namespace + "\""));
        boolean previous = request.flag("previous");
        ObservedContainer instance = instance(report, pod, container, previous);
        PodLogOptions options = new PodLogOptions(
                request.flag("follow") && !previous,
                request.number("tailLines"),
                request.flag("timestamps"),
                request.time("sinceTime"),
                positive(request, "sinceSeconds").map(Duration::ofSeconds));
        if (options.sinceTime().isPresent() && options.since().isPresent()) {
            throw ApiError.badRequest("at most one of sinceTime and sinceSeconds may be given");
        }
        LogRequest log = new LogRequest(report.name(), instance.uid(), container, instance.attempt(), options);
        if (!request.text("stream", "All").equals("All")) {
            throw ApiError.badRequest("parameter stream must be All, because the streams of a log are not separated");
        }
        Optional<Long> limit = positive(request, "limitBytes");
        response.head(200, "text/plain; charset=utf-8");
        try {
            OutputStream out = limit.isEmpty() ? response : new LimitedOutputStream(response, limit.get());
            source.copy(log, live(report, instance), out);
        } catch (LimitedOutputStream.FullException _) {
            response.flush(); // the limit is reached
        } catch (NoSuchFileException _) {
            if (response.started()) {
                throw ApiError.internal("the log was removed while it was read");
            }
            throw ApiError.notFound("container \"" + container + "\" in pod \"" + pod + "\" has no log for attempt "
                    + instance.attempt() + " any more");
        }
    }

    private static Optional<Long> positive(ApiRequest request, String name) {
        OptionalLong number = request.number(name);
        if (number.isPresent() && number.getAsLong() == 0) {
            throw ApiError.badRequest("parameter " + name + " must be a number of one or more");
        }
        return number.isPresent() ? Optional.of(number.getAsLong()) : Optional.empty();
    }

    private static ObservedContainer instance(PodReport report, String pod, String container, boolean previous) {
        List<ContainerStatus> statuses =
                PodStatusBuilder.build(report, List.of()).containers();
        Optional<ContainerStatus> status = statuses.stream()
                .filter(candidate -> candidate.name().equals(container))
                .findFirst();
        List<String> inits = report.view().shown().stream()
                .flatMap(shown -> shown.spec().initContainers().stream())
                .map(ContainerSpec::name)
                .toList();
        if (status.isEmpty() && !inits.contains(container)) {
            List<String> names =
                    new ArrayList<>(statuses.stream().map(ContainerStatus::name).toList());
            names.addAll(inits);
            throw ApiError.badRequest("container " + container + " is not valid for pod " + pod + "; it has: "
                    + String.join(", ", names));
        }
        List<ObservedContainer> instances = report.view().observed().version(report.uid()).containers().stream()
                .filter(candidate -> candidate.name().equals(container))
                .limit(2)
                .toList();
        if (previous) {
            // While a container waits to be started again, its newest instance is already the previous one.
            return instances.stream()
                    .filter(candidate -> status.map(shown -> shown.lastState()
                                    .filter(last -> PodStatusBuilder.isOf(last, candidate))
                                    .isPresent())
                            .orElse(candidate != instances.getFirst()))
                    .findFirst()
                    .orElseThrow(() -> ApiError.badRequest(
                            "previous terminated container \"" + container + "\" in pod \"" + pod + "\" not found"));
        }
        return instances.stream().findFirst().orElseThrow(() -> {
            String reason = status.map(ContainerStatus::state).orElse(null) instanceof ContainerState.Waiting waiting
                    ? ": " + waiting.reason()
                    : "";
            return ApiError.badRequest(
                    "container \"" + container + "\" in pod \"" + pod + "\" is waiting to start" + reason);
        });
    }

    /** Reads the store each time, because the worker publishes what became of the instance. */
    private BooleanSupplier live(PodReport report, ObservedContainer instance) {
        return () -> board.report(report.name())
                .map(now -> now.view().observed().containers().stream()
                        .anyMatch(seen -> seen.id().equals(instance.id()) && seen.live()))
                .orElse(false);
    }
}
