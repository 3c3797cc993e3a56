/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.api.ApiError;
import io.jubelet.api.ApiRequest;
import io.jubelet.api.ApiResponse;
import io.jubelet.objects.PodJson;
import io.jubelet.stats.Summary;
import io.jubelet.stats.Usage;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Serves {@code metrics.k8s.io/v1beta1}, which {@code kubectl top} reads, from measurements that are made for the request. Runs
 * on the thread of the request, and blocks for the runtime.
 */
final class MetricsEndpoint {

    static final String GROUP = "metrics.k8s.io";
    static final String VERSION = "v1beta1";

    /** The rates are those of about this time. */
    private static final String WINDOW = "10s";

    private final ObjectStore store;
    private final ObjectWriter writer;
    private final KubernetesApi.UsageSource usage;

    MetricsEndpoint(ObjectStore store, ObjectWriter writer, KubernetesApi.UsageSource usage) {
        this.store = Objects.requireNonNull(store, "store");
        this.writer = Objects.requireNonNull(writer, "writer");
        this.usage = Objects.requireNonNull(usage, "usage");
    }

    /** @param path the segments behind {@code /apis/metrics.k8s.io/v1beta1} */
    void serve(List<String> path, ApiRequest request, ApiResponse response) throws IOException, InterruptedException {
        boolean inNamespace = path.size() > 2 && path.getFirst().equals("namespaces");
        List<String> names = inNamespace ? path.subList(2, path.size()) : path;
        Optional<String> namespace = inNamespace ? Optional.of(path.get(1)) : Optional.empty();
        boolean pods = names.getFirst().equals("pods");
        if (names.size() > 2
                || !(pods || (names.getFirst().equals("nodes") && !inNamespace))
                || (pods && names.size() == 2 && !inNamespace)) {
            throw Target.notFound();
        }
        Optional<String> name = names.size() == 2 ? Optional.of(names.get(1)) : Optional.empty();
        if (pods) {
            pods(namespace, name, request, response);
        } else {
            node(name, response);
        }
    }

    private void node(Optional<String> name, ApiResponse response) throws IOException, InterruptedException {
        Summary.Node node = usage.collect().node();
        if (name.isPresent() && !name.get().equals(node.name())) {
            throw ApiError.notFound("nodes.metrics.k8s.io \"" + name.get() + "\" not found");
        }
        writer.value(response, out -> {
            if (name.isPresent()) {
                node(out, node);
            } else {
                beginList(out, "NodeMetricsList");
                node(out, node);
                endList(out);
            }
        });
    }

    private static void node(JsonGenerator out, Summary.Node node) throws IOException {
        begin(out, "NodeMetrics", ResourceName.ofCluster(node.name()), Map.of(), node.usage());
        out.writeFieldName("usage");
        usage(out, node.usage());
        out.writeEndObject();
    }

    private void pods(Optional<String> namespace, Optional<String> name, ApiRequest request, ApiResponse response)
            throws IOException, InterruptedException {
        Selection selection = Selection.of(request, namespace);
        Map<ResourceName, Map<String, String>> chosen = new HashMap<>();
        for (ObjectStore.Item item : store.list(ResourceKind.PODS).items()) {
            ServedObject.Metadata metadata = item.object().metadata();
            if (selection.includes(item.object())
                    && (name.isEmpty() || name.get().equals(metadata.name().name()))) {
                chosen.put(metadata.name(), metadata.labels());
            }
        }
        List<Summary.Pod> measured = usage.collect().pods().stream()
                .filter(pod -> chosen.containsKey(name(pod)))
                .toList();
        if (name.isPresent() && measured.isEmpty()) {
            throw ApiError.notFound("pods.metrics.k8s.io \"" + name.get() + "\" not found");
        }
        writer.value(response, out -> {
            if (name.isEmpty()) {
                beginList(out, "PodMetricsList");
            }
            for (Summary.Pod pod : measured) {
                pod(out, pod, chosen.getOrDefault(name(pod), Map.of()));
            }
            if (name.isEmpty()) {
                endList(out);
            }
        });
    }

    private static ResourceName name(Summary.Pod pod) {
        return ResourceName.in(pod.reference().namespace(), pod.reference().name());
    }

    private static void pod(JsonGenerator out, Summary.Pod pod, Map<String, String> labels) throws IOException {
        begin(out, "PodMetrics", name(pod), labels, pod.usage());
        out.writeArrayFieldStart("containers");
        for (Summary.Container container : pod.containers()) {
            out.writeStartObject();
            out.writeStringField("name", container.name());
            out.writeFieldName("usage");
            usage(out, container.usage());
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    private static void begin(
            JsonGenerator out, String kind, ResourceName name, Map<String, String> labels, Usage usage)
            throws IOException {
        Optional<Instant> time = usage.cpu().map(Usage.Cpu::time);
        out.writeStartObject();
        out.writeStringField("kind", kind);
        out.writeStringField("apiVersion", GROUP + "/" + VERSION);
        out.writeObjectFieldStart("metadata");
        out.writeStringField("name", name.name());
        if (name.namespace().isPresent()) {
            out.writeStringField("namespace", name.namespace().get());
        }
        PodJson.moment(out, "creationTimestamp", time);
        if (!labels.isEmpty()) {
            out.writeObjectFieldStart("labels");
            for (Map.Entry<String, String> label : labels.entrySet()) {
                out.writeStringField(label.getKey(), label.getValue());
            }
            out.writeEndObject();
        }
        out.writeEndObject();
        PodJson.moment(out, "timestamp", time);
        out.writeStringField("window", WINDOW);
    }

    private static void usage(JsonGenerator out, Usage usage) throws IOException {
        OptionalLong cpu = usage.cpu().map(Usage.Cpu::usageNanoCores).orElse(OptionalLong.empty());
        OptionalLong memory = usage.memory().map(Usage.Memory::workingSet).orElse(OptionalLong.empty());
        out.writeStartObject();
        out.writeStringField("cpu", cpu.orElse(0) + "n");
        out.writeStringField("memory", memory.orElse(0) / 1024 + "Ki");
        out.writeEndObject();
    }

    private static void beginList(JsonGenerator out, String kind) throws IOException {
        out.writeStartObject();
        out.writeStringField("kind", kind);
        out.writeStringField("apiVersion", GROUP + "/" + VERSION);
        out.writeObjectFieldStart("metadata");
        out.writeEndObject();
        out.writeArrayFieldStart("items");
    }

    private static void endList(JsonGenerator out) throws IOException {
        out.writeEndArray();
        out.writeEndObject();
    }
}
