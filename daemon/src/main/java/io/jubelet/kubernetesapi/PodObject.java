/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.objects.NodeInfo;
import io.jubelet.objects.PodJson;
import io.jubelet.pod.ContainerStatus;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodStatus;
import io.jubelet.status.PodReport;
import io.jubelet.status.PodStatusBuilder;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A pod. Its status is computed when it is needed. */
final class PodObject implements ServedObject {

    private final PodReport report;
    private final NodeInfo node;
    private final List<String> ips;

    PodObject(PodReport report, NodeInfo node) {
        this.report = report;
        this.node = node;
        this.ips = node.ips();
    }

    /** The names of its containers, without init containers. */
    List<String> containers() {
        return status().containers().stream().map(ContainerStatus::name).toList();
    }

    private Optional<Pod> pod() {
        return report.view().shown();
    }

    private PodStatus status() {
        return PodStatusBuilder.build(report, ips);
    }

    @Override
    public ResourceKind kind() {
        return ResourceKind.PODS;
    }

    @Override
    public Metadata metadata() {
        return new Metadata(
                ResourceName.in(report.name().namespace(), report.name().onNode(node.name())),
                report.uid(),
                PodJson.created(report, status()),
                pod().map(Pod::labels).orElse(Map.of()));
    }

    @Override
    public Map<String, String> fields() {
        PodStatus status = status();
        Map<String, String> fields = new HashMap<>();
        fields.put("metadata.name", report.name().onNode(node.name()));
        fields.put("metadata.namespace", report.name().namespace());
        fields.put("spec.nodeName", node.name());
        fields.put(
                "spec.restartPolicy",
                pod().map(pod -> pod.spec().restartPolicy().name()).orElse(""));
        fields.put("spec.schedulerName", "default-scheduler");
        fields.put("spec.serviceAccountName", "");
        fields.put(
                "spec.hostNetwork",
                Boolean.toString(pod().map(pod -> pod.spec().hostNetwork()).orElse(false)));
        fields.put("status.phase", status.phase().name());
        fields.put("status.podIP", status.ips().pod().stream().findFirst().orElse(""));
        fields.put("status.nominatedNodeName", "");
        return fields;
    }

    @Override
    public List<String> cells(Instant now) {
        return new PodCells(report, status()).of(metadata(), node.name(), now);
    }

    @Override
    public boolean isMadeOfTheSame(ServedObject other) {
        return other instanceof PodObject that && that.report == report && that.ips.equals(ips);
    }

    @Override
    public void write(JsonGenerator out, String resourceVersion) throws IOException {
        new PodJson(new NodeInfo(node.name(), ips, node.version())).write(out, report, Optional.of(resourceVersion));
    }
}
