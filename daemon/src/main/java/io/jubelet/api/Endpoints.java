/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.desired.Manifest;
import io.jubelet.events.Event;
import io.jubelet.objects.EventJson;
import io.jubelet.objects.NodeInfo;
import io.jubelet.objects.PodJson;
import io.jubelet.status.ManifestWarnings;
import io.jubelet.status.PodReport;
import io.jubelet.status.StatusSnapshot;
import io.jubelet.status.StatusStore;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Serves the paths of the local API. Runs on the thread of the request, which can block. */
final class Endpoints implements RequestHandler {

    private static final JsonFactory FACTORY = new JsonFactory()
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
            .disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);

    private final StatusStore board;
    private final NodeInfo node;
    private final Supplier<Optional<String>> health;
    private final PodJson pods;
    private final EventJson events;
    private final DetailJson details;
    private final LogEndpoint logs;
    private final ClusterSource cluster;
    private final Supplier<Optional<String>> nodeProblem;

    Endpoints(StatusStore board, NodeInfo node, Supplier<Optional<String>> health, Sources sources) {
        this.board = Objects.requireNonNull(board, "board");
        this.node = Objects.requireNonNull(node, "node");
        this.health = Objects.requireNonNull(health, "health");
        this.pods = new PodJson(node);
        this.events = new EventJson(node);
        this.details = new DetailJson(pods, events, sources);
        this.cluster = sources.cluster();
        this.nodeProblem = sources.nodeProblem();
        this.logs = new LogEndpoint(board, sources.logs());
    }

    @Override
    public void serve(ApiRequest request, ApiResponse response) throws IOException, InterruptedException {
        List<String> path = request.path();
        switch (path.isEmpty() ? "" : path.getFirst()) {
            case "api" -> kubernetes(request, response);
            case "jubelet" -> jubelet(request, response);
            case "containerLogs" -> {
                if (path.size() != 4) {
                    throw ApiError.notFound("write /containerLogs/NAMESPACE/POD/CONTAINER");
                }
                logs.copy(path.get(1), path.get(2), path.get(3), request, response);
            }
            case "version" -> json(response, this::version);
            case "healthz" -> healthz(health.get(), response);
            default -> throw unknown();
        }
    }

    /** Writes a PodList of all pods. */
    void allPods(ApiResponse response) throws IOException {
        json(response, out -> podList(out, _ -> true));
    }

    private void kubernetes(ApiRequest request, ApiResponse response) throws IOException, InterruptedException {
        List<String> path = request.path();
        boolean inNamespace = path.size() >= 4 && path.get(2).equals("namespaces");
        List<String> rest =
                inNamespace ? path.subList(4, path.size()) : path.subList(Math.min(2, path.size()), path.size());
        if (path.size() < 3 || !path.get(1).equals("v1") || rest.isEmpty()) {
            throw unknown();
        }
        if (rest.getFirst().equals("events") && rest.size() == 1) {
            events(request, inNamespace ? path.get(3) : "", response);
            return;
        }
        if (!rest.getFirst().equals("pods")) {
            throw unknown();
        }
        Predicate<PodReport> wanted =
                inNamespace ? report -> report.name().namespace().equals(path.get(3)) : _ -> true;
        if (rest.size() == 2 && inNamespace) {
            PodReport report = find(board.snapshot(), path.get(3), rest.get(1));
            json(response, out -> pods.write(out, report));
        } else if (rest.size() == 1) {
            if (request.flag("watch")) {
                new Watch(board, FACTORY)
                        .pods(
                                snapshot ->
                                        snapshot.pods().stream().filter(wanted).toList(),
                                (out, report, _) -> pods.write(out, report),
                                response);
            } else {
                json(response, out -> podList(out, wanted));
            }
        } else {
            throw unknown();
        }
    }

    /** @param namespace empty for all */
    private void events(ApiRequest request, String namespace, ApiResponse response)
            throws IOException, InterruptedException {
        Supplier<List<Event>> wanted = () -> board.events().stream()
                .filter(event -> namespace.isEmpty() || event.pod().namespace().equals(namespace))
                .toList();
        if (request.flag("watch")) {
            new Watch(board, FACTORY).events(wanted, events, response);
        } else {
            long version = board.version();
            json(response, out -> events.list(out, version, wanted.get()));
        }
    }

    private void jubelet(ApiRequest request, ApiResponse response) throws IOException, InterruptedException {
        List<String> path = request.path();
        if (path.size() == 3 && path.get(2).equals("manifests") && path.get(1).equals("v1")) {
            if (request.flag("watch")) {
                new Watch(board, FACTORY).manifests(details::manifest, response);
            } else {
                json(response, this::manifests);
            }
        } else if (path.size() == 3 && path.get(2).equals("pods") && path.get(1).equals("v1")) {
            if (request.flag("watch")) {
                new Watch(board, FACTORY).pods(StatusSnapshot::pods, details::summary, response);
            } else {
                json(response, this::summaries);
            }
        } else if (path.size() == 6
                && path.get(1).equals("v1")
                && path.get(2).equals("pods")
                && path.get(5).equals("describe")) {
            StatusSnapshot snapshot = board.snapshot();
            PodReport report = find(snapshot, path.get(3), path.get(4));
            json(response, out -> details.describe(out, report, snapshot.manifestOf(report.name()), board.events()));
        } else {
            throw unknown();
        }
    }

    private void podList(JsonGenerator out, Predicate<PodReport> wanted) throws IOException {
        StatusSnapshot snapshot = board.snapshot();
        out.writeStartObject();
        out.writeStringField("kind", "PodList");
        out.writeStringField("apiVersion", "v1");
        out.writeObjectFieldStart("metadata");
        out.writeStringField("resourceVersion", Long.toString(snapshot.version()));
        out.writeEndObject();
        out.writeArrayFieldStart("items");
        for (PodReport report : snapshot.pods()) {
            if (wanted.test(report)) {
                pods.write(out, report);
            }
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    private void manifests(JsonGenerator out) throws IOException {
        out.writeStartObject();
        out.writeArrayFieldStart("items");
        for (Manifest manifest : ManifestWarnings.of(board.snapshot(), board.events())) {
            details.manifest(out, manifest);
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    private void summaries(JsonGenerator out) throws IOException {
        StatusSnapshot snapshot = board.snapshot();
        out.writeStartObject();
        out.writeArrayFieldStart("items");
        for (PodReport report : snapshot.pods()) {
            details.summary(out, report, snapshot.manifestOf(report.name()));
        }
        out.writeEndArray();
        out.writeArrayFieldStart("podsNotRunHere");
        for (String pod : cluster.podsNotRunHere()) {
            out.writeString(pod);
        }
        out.writeEndArray();
        Optional<String> problem = nodeProblem.get();
        if (problem.isPresent()) {
            out.writeStringField("nodeProblem", problem.get());
        }
        out.writeEndObject();
    }

    private void version(JsonGenerator out) throws IOException {
        out.writeStartObject();
        out.writeStringField("version", node.version());
        out.writeStringField("node", node.name());
        out.writeEndObject();
    }

    /** @param trouble what is wrong; empty if the daemon is healthy */
    static void healthz(Optional<String> trouble, ApiResponse response) throws IOException {
        response.head(trouble.isPresent() ? 500 : 200, "text/plain; charset=utf-8");
        response.write(trouble.orElse("ok").getBytes(StandardCharsets.UTF_8));
    }

    private static PodReport find(StatusSnapshot snapshot, String namespace, String name) {
        return snapshot.pod(namespace, name)
                .orElseThrow(
                        () -> ApiError.notFound("pods \"" + name + "\" not found in namespace \"" + namespace + "\""));
    }

    private static ApiError unknown() {
        return ApiError.notFound("the server could not find the requested resource");
    }

    /** Writes a v1 Status of failure. */
    static void error(ApiError error, ApiResponse response) throws IOException {
        response.head(error.code(), "application/json");
        json(response, out -> {
            out.writeStartObject();
            out.writeStringField("kind", "Status");
            out.writeStringField("apiVersion", "v1");
            out.writeObjectFieldStart("metadata");
            out.writeEndObject();
            out.writeStringField("status", "Failure");
            out.writeStringField("message", error.getMessage());
            out.writeStringField("reason", error.reason());
            out.writeNumberField("code", error.code());
            out.writeEndObject();
        });
    }

    private static void json(OutputStream response, Json writer) throws IOException {
        try (JsonGenerator out = FACTORY.createGenerator(response)) {
            writer.write(out);
        }
        response.write('\n');
    }

    /** Writes one JSON value. */
    private interface Json {
        void write(JsonGenerator out) throws IOException;
    }
}
