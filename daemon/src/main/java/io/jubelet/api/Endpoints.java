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
import io.jubelet.pod.PodName;
import io.jubelet.status.ManifestWarnings;
import io.jubelet.status.PodReport;
import io.jubelet.status.StatusSnapshot;
import io.jubelet.status.StatusStore;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Serves the paths of the local API. Runs on the thread of the request, which can block. */
final class Endpoints implements RequestHandler {

    private static final JsonFactory FACTORY = new JsonFactory()
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
            .disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);

    /** How many watches are served at the same time, those of root included. */
    static final int MAX_WATCHES = 32;
    /** How many of them may be those of other users; the rest is kept for root. */
    static final int MAX_WATCHES_OF_USERS = 24;
    /** How many watches one user may have. */
    static final int MAX_WATCHES_OF_ONE_USER = 12;

    private final StatusStore board;
    private final NodeInfo node;
    private final Supplier<Optional<String>> health;
    private final PodJson pods;
    private final EventJson events;
    private final DetailJson details;
    private final LogEndpoint logs;
    private final ClusterSource cluster;
    private final RequestShares watches =
            new RequestShares("watches", MAX_WATCHES, MAX_WATCHES_OF_USERS, MAX_WATCHES_OF_ONE_USER);
    private final WatchCache<PodItem> podCache;
    private final WatchCache<PodItem> summaryCache;
    private final WatchCache<Manifest> manifestCache;
    private final WatchCache<Event> eventCache;
    private final Supplier<Optional<String>> nodeProblem;
    private final Map<String, RequestHandler> handlers;

    Endpoints(StatusStore board, NodeInfo node, Supplier<Optional<String>> health, Sources sources) {
        this.board = Objects.requireNonNull(board, "board");
        this.node = Objects.requireNonNull(node, "node");
        this.health = Objects.requireNonNull(health, "health");
        this.pods = new PodJson(node);
        this.events = new EventJson(node);
        this.details = new DetailJson(pods, events, sources);
        this.cluster = sources.cluster();
        this.nodeProblem = sources.nodeProblem();
        this.handlers = sources.handlers();
        this.logs = new LogEndpoint(board, sources.logs());
        this.podCache = new WatchCache<>(board, FACTORY, new PodKind((out, item) -> pods.write(out, item.report())));
        this.summaryCache = new WatchCache<>(
                board, FACTORY, new PodKind((out, item) -> details.summary(out, item.report(), item.manifest())));
        this.manifestCache = new WatchCache<>(board, FACTORY, new ManifestKind());
        this.eventCache = new WatchCache<>(board, FACTORY, new EventKind());
    }

    /** A report beside its manifest. */
    private record PodItem(PodReport report, Optional<Manifest> manifest) {}

    /** Writes a pod. */
    private interface PodWriter {
        void write(JsonGenerator out, PodItem item) throws IOException;
    }

    private record PodKind(PodWriter writer) implements WatchCache.Kind<PodItem> {
        @Override
        public List<PodItem> items(StatusSnapshot snapshot) {
            List<PodItem> items = new ArrayList<>();
            Map<PodName, Manifest> manifests = snapshot.manifestsByPod();
            for (PodReport report : snapshot.pods()) {
                items.add(new PodItem(report, Optional.ofNullable(manifests.get(report.name()))));
            }
            return items;
        }

        @Override
        public String key(PodItem item) {
            return item.report().name().toString();
        }

        /** Reports are immutable: the same report beside the same manifest gives the same JSON. */
        @Override
        public boolean same(PodItem old, PodItem item) {
            return old.report() == item.report() && old.manifest().equals(item.manifest());
        }

        @Override
        public void write(JsonGenerator out, PodItem item) throws IOException {
            writer.write(out, item);
        }
    }

    private final class ManifestKind implements WatchCache.Kind<Manifest> {
        @Override
        public List<Manifest> items(StatusSnapshot snapshot) {
            return ManifestWarnings.of(snapshot, board.events());
        }

        @Override
        public String key(Manifest item) {
            return item.path();
        }

        @Override
        public boolean same(Manifest old, Manifest item) {
            return old.equals(item);
        }

        @Override
        public void write(JsonGenerator out, Manifest item) throws IOException {
            details.manifest(out, item);
        }
    }

    private final class EventKind implements WatchCache.Kind<Event> {
        @Override
        public List<Event> items(StatusSnapshot snapshot) {
            return board.events();
        }

        /** Of equal length, so that sorting the keys orders the events by their first times. */
        @Override
        public String key(Event item) {
            return HexFormat.of().toHexDigits(item.id());
        }

        @Override
        public boolean same(Event old, Event item) {
            return old == item;
        }

        @Override
        public void write(JsonGenerator out, Event item) throws IOException {
            events.write(out, item);
        }
    }

    private <T> void watch(WatchCache<T> cache, Predicate<T> wanted, ApiRequest request, ApiResponse response)
            throws IOException, InterruptedException {
        try (RequestShares.Share _ = watches.take(request.client())) {
            new Watch<>(board, cache, wanted, response).run();
        }
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
            default -> further(request).orElseThrow(Endpoints::unknown).serve(request, response);
        }
    }

    /** What is wrong with the daemon; empty if it is healthy. */
    Optional<String> trouble() {
        return health.get();
    }

    private Optional<RequestHandler> further(ApiRequest request) {
        return request.path().isEmpty()
                ? Optional.empty()
                : Optional.ofNullable(handlers.get(request.path().getFirst()));
    }

    @Override
    public boolean acceptsPost(ApiRequest request) {
        return further(request).map(handler -> handler.acceptsPost(request)).orElse(false);
    }

    @Override
    public boolean acts(ApiRequest request) {
        return further(request).map(handler -> handler.acts(request)).orElse(false);
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
                watch(podCache, item -> wanted.test(item.report()), request, response);
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
        Predicate<Event> wanted =
                event -> namespace.isEmpty() || event.pod().namespace().equals(namespace);
        if (request.flag("watch")) {
            watch(eventCache, wanted, request, response);
        } else {
            long version = board.version();
            List<Event> listed = board.events().stream().filter(wanted).toList();
            json(response, out -> events.list(out, version, listed));
        }
    }

    private void jubelet(ApiRequest request, ApiResponse response) throws IOException, InterruptedException {
        List<String> path = request.path();
        if (path.size() == 3 && path.get(2).equals("manifests") && path.get(1).equals("v1")) {
            if (request.flag("watch")) {
                watch(manifestCache, _ -> true, request, response);
            } else {
                json(response, this::manifests);
            }
        } else if (path.size() == 3 && path.get(2).equals("pods") && path.get(1).equals("v1")) {
            if (request.flag("watch")) {
                watch(summaryCache, _ -> true, request, response);
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
        } else if (path.size() == 6
                && path.get(1).equals("v1")
                && path.get(2).equals("pods")
                && path.get(5).equals("versions")) {
            StatusSnapshot snapshot = board.snapshot();
            PodReport report = find(snapshot, path.get(3), path.get(4));
            json(response, out -> details.versions(out, report, snapshot.manifestOf(report.name())));
        } else {
            Optional.ofNullable(handlers.get(String.join("/", path.subList(0, Math.min(3, path.size())))))
                    .orElseThrow(Endpoints::unknown)
                    .serve(request, response);
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
        Map<PodName, Manifest> manifests = snapshot.manifestsByPod();
        for (PodReport report : snapshot.pods()) {
            details.summary(out, report, Optional.ofNullable(manifests.get(report.name())));
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

    /** Responds with a v1 Status of failure. */
    static void error(ApiError error, ApiResponse response) throws IOException {
        response.head(error.code(), "application/json");
        write(error, response);
        response.write('\n');
    }

    /** Writes a v1 Status of failure. */
    static void write(ApiError error, OutputStream response) throws IOException {
        try (JsonGenerator out = FACTORY.createGenerator(response)) {
            out.writeStartObject();
            out.writeStringField("kind", "Status");
            out.writeStringField("apiVersion", "v1");
            out.writeObjectFieldStart("metadata");
            out.writeEndObject();
            out.writeStringField("status", "Failure");
            out.writeStringField("message", error.getMessage());
            out.writeStringField("reason", error.reason());
            // kubectl reads it without asking whether it is there.
            out.writeObjectFieldStart("details");
            out.writeEndObject();
            out.writeNumberField("code", error.code());
            out.writeEndObject();
        }
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
