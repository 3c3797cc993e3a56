/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.cluster.LocalNode;
import io.jubelet.printing.Age;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The Node. */
final class NodeObject implements ServedObject {

    private static final String ROLE = "node-role.kubernetes.io/";
    private static final String NONE = "<none>";

    private final LocalNode node;
    private final LocalNode.Reading reading;

    NodeObject(LocalNode node, LocalNode.Reading reading) {
        this.node = node;
        this.reading = reading;
    }

    @Override
    public ResourceKind kind() {
        return ResourceKind.NODES;
    }

    @Override
    public Metadata metadata() {
        return new Metadata(ResourceName.ofCluster(node.name()), node.uid(), node.created(), node.labels());
    }

    @Override
    public Map<String, String> fields() {
        return Map.of("metadata.name", node.name(), "spec.unschedulable", "false");
    }

    @Override
    public List<String> cells(Instant now) {
        Map<String, String> info = reading.nodeInfo();
        return List.of(
                node.name(),
                reading.ready() ? "Ready" : "NotReady",
                roles(),
                Age.since(Optional.of(node.created()), now),
                info.getOrDefault("kubeletVersion", ""),
                reading.ips().stream().findFirst().orElse(NONE),
                NONE,
                info.getOrDefault("osImage", "<unknown>"),
                info.getOrDefault("kernelVersion", "<unknown>"),
                info.getOrDefault("containerRuntimeVersion", "<unknown>"));
    }

    private String roles() {
        List<String> roles = node.labels().keySet().stream()
                .filter(label -> label.startsWith(ROLE) && label.length() > ROLE.length())
                .map(label -> label.substring(ROLE.length()))
                .sorted()
                .toList();
        return roles.isEmpty() ? NONE : String.join(",", roles);
    }

    @Override
    public boolean isMadeOfTheSame(ServedObject other) {
        return other instanceof NodeObject that && that.reading == reading;
    }

    @Override
    public void write(JsonGenerator out, String resourceVersion) throws IOException {
        node.write(out, reading, resourceVersion);
    }
}
