/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.objects;

import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.pod.ContainerState;
import io.jubelet.pod.ContainerStatus;
import io.jubelet.pod.ContainerUser;
import io.jubelet.pod.PodStatus;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.VolumeMount;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Writes the status of a pod as a v1 PodStatus. */
final class PodStatusJson {

    private PodStatusJson() {}

    static void write(JsonGenerator out, PodStatus status) throws IOException {
        out.writeStartObject();
        out.writeStringField("phase", status.phase().name());
        out.writeArrayFieldStart("conditions");
        for (PodStatus.Condition condition : status.conditions()) {
            out.writeStartObject();
            out.writeStringField("type", condition.type());
            out.writeStringField("status", condition.status() ? "True" : "False");
            out.writeNullField("lastProbeTime");
            PodJson.moment(out, "lastTransitionTime", Optional.of(condition.lastTransition()));
            text(out, "reason", condition.reason());
            text(out, "message", condition.message());
            out.writeEndObject();
        }
        out.writeEndArray();
        text(out, "message", status.message());
        text(out, "reason", status.reason());
        addresses(out, "host", status.ips().host());
        addresses(out, "pod", status.ips().pod());
        PodJson.moment(out, "startTime", status.startTime());
        if (!status.initContainers().isEmpty()) {
            out.writeArrayFieldStart("initContainerStatuses");
            for (ContainerStatus container : status.initContainers()) {
                container(out, container);
            }
            out.writeEndArray();
        }
        out.writeArrayFieldStart("containerStatuses");
        // Sorted by name, as the kubelet writes them.
        for (ContainerStatus container : status.containers().stream()
                .sorted((a, b) -> a.name().compareTo(b.name()))
                .toList()) {
            container(out, container);
        }
        out.writeEndArray();
        out.writeStringField("qosClass", status.compute().qosClass().name());
        if (status.compute().allocation().isPresent()) {
            allocation(out, status.compute().allocation().get());
        }
        out.writeEndObject();
    }

    private static void addresses(JsonGenerator out, String whose, List<String> ips) throws IOException {
        if (ips.isEmpty()) {
            return;
        }
        out.writeStringField(whose + "IP", ips.getFirst());
        out.writeArrayFieldStart(whose + "IPs");
        for (String ip : ips) {
            out.writeStartObject();
            out.writeStringField("ip", ip);
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    private static void container(JsonGenerator out, ContainerStatus container) throws IOException {
        out.writeStartObject();
        out.writeStringField("name", container.name());
        out.writeObjectFieldStart("state");
        state(out, container.state());
        out.writeEndObject();
        out.writeObjectFieldStart("lastState");
        if (container.lastState().isPresent()) {
            state(out, container.lastState().get());
        }
        out.writeEndObject();
        out.writeBooleanField("ready", container.ready());
        out.writeNumberField("restartCount", container.restartCount());
        out.writeStringField("image", container.image());
        out.writeStringField("imageID", container.ids().image());
        text(out, "containerID", container.ids().container());
        out.writeBooleanField("started", container.started());
        enacted(out, container.enacted());
        out.writeEndObject();
    }

    private static void enacted(JsonGenerator out, ContainerStatus.Enacted enacted) throws IOException {
        if (enacted.allocation().isPresent()) {
            allocation(out, enacted.allocation().get());
        }
        if (!enacted.volumeMounts().isEmpty()) {
            out.writeArrayFieldStart("volumeMounts");
            for (ContainerStatus.VolumeMountStatus status : enacted.volumeMounts()) {
                VolumeMount mount = status.mount();
                out.writeStartObject();
                out.writeStringField("name", mount.name());
                out.writeStringField("mountPath", mount.mountPath());
                if (mount.readOnly()) {
                    out.writeBooleanField("readOnly", true);
                    out.writeStringField("recursiveReadOnly", status.recursiveReadOnly() ? "Enabled" : "Disabled");
                }
                out.writeEndObject();
            }
            out.writeEndArray();
        }
        if (enacted.user().isPresent()) {
            user(out, enacted.user().get());
        }
    }

    private static void user(JsonGenerator out, ContainerUser user) throws IOException {
        out.writeObjectFieldStart("user");
        out.writeObjectFieldStart("linux");
        out.writeNumberField("uid", user.uid());
        out.writeNumberField("gid", user.gid());
        if (!user.supplementalGroups().isEmpty()) {
            out.writeArrayFieldStart("supplementalGroups");
            for (long group : user.supplementalGroups()) {
                out.writeNumber(group);
            }
            out.writeEndArray();
        }
        out.writeEndObject();
        out.writeEndObject();
    }

    private static void allocation(JsonGenerator out, ContainerStatus.Allocation allocation) throws IOException {
        quantities(out, "allocatedResources", allocation.requests());
        out.writeObjectFieldStart("resources");
        quantities(out, "limits", allocation.resources().limits());
        quantities(out, "requests", allocation.resources().requests());
        out.writeEndObject();
    }

    /** Writes quantities as the API server stores them, so that a mirror pod shows the same. */
    private static void quantities(JsonGenerator out, String field, Map<String, Quantity> quantities)
            throws IOException {
        if (quantities.isEmpty()) {
            return;
        }
        out.writeObjectFieldStart(field);
        for (Map.Entry<String, Quantity> quantity : new TreeMap<>(quantities).entrySet()) {
            out.writeStringField(quantity.getKey(), quantity.getValue().canonical());
        }
        out.writeEndObject();
    }

    private static void state(JsonGenerator out, ContainerState state) throws IOException {
        switch (state) {
            case ContainerState.Waiting waiting -> {
                out.writeObjectFieldStart("waiting");
                out.writeStringField("reason", waiting.reason());
                text(out, "message", waiting.message());
            }
            case ContainerState.Running running -> {
                out.writeObjectFieldStart("running");
                PodJson.moment(out, "startedAt", running.startedAt());
            }
            case ContainerState.Terminated ended -> {
                out.writeObjectFieldStart("terminated");
                out.writeNumberField("exitCode", ended.exitCode());
                text(out, "reason", ended.reason());
                text(out, "message", ended.message());
                PodJson.moment(out, "startedAt", ended.startedAt());
                PodJson.moment(out, "finishedAt", ended.finishedAt());
                text(out, "containerID", ended.containerId());
            }
        }
        out.writeEndObject();
    }

    private static void text(JsonGenerator out, String field, String value) throws IOException {
        if (!value.isEmpty()) {
            out.writeStringField(field, value);
        }
    }
}
