/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest.oracle;

import io.jubelet.pod.ConfigRef;
import io.jubelet.pod.ContainerPort;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.EnvFrom;
import io.jubelet.pod.EnvVar;
import io.jubelet.pod.Handler;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Probe;
import io.jubelet.pod.Projection;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Volume;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What our records say of a pod, as paths and values of the API. */
final class Defaults {

    private final Map<String, Object> values = new TreeMap<>();

    private Defaults() {}

    /** Paths such as {@code spec.containers[0].imagePullPolicy}, with texts and quantities. */
    static Map<String, Object> of(Pod pod) {
        Defaults defaults = new Defaults();
        defaults.put("metadata.name", pod.name().name());
        defaults.put("metadata.namespace", pod.name().namespace());
        defaults.spec(pod.spec());
        return defaults.values;
    }

    private void put(String path, Object value) {
        values.put(path, value instanceof Quantity ? value : value.toString());
    }

    private void spec(PodSpec spec) {
        put("spec.restartPolicy", spec.restartPolicy());
        put("spec.terminationGracePeriodSeconds", spec.terminationGracePeriod().toSeconds());
        spec.activeDeadline().ifPresent(time -> put("spec.activeDeadlineSeconds", time.toSeconds()));
        put("spec.dnsPolicy", spec.network().dnsPolicy());
        for (int i = 0; i < spec.containers().size(); i++) {
            container("spec.containers[" + i + "].", spec.containers().get(i));
        }
        for (int i = 0; i < spec.initContainers().size(); i++) {
            container("spec.initContainers[" + i + "].", spec.initContainers().get(i));
        }
        spec.resources().ifPresent(resources -> {
            resources.requests().forEach((name, value) -> put("spec.resources.requests." + name, value));
            resources.limits().forEach((name, value) -> put("spec.resources.limits." + name, value));
        });
        spec.overhead().forEach((name, value) -> put("spec.overhead." + name, value));
        for (int i = 0; i < spec.volumes().size(); i++) {
            volume("spec.volumes[" + i + "].", spec.volumes().get(i));
        }
    }

    private void container(String at, ContainerSpec container) {
        put(at + "name", container.name());
        put(at + "image", container.image());
        put(at + "imagePullPolicy", container.containerImage().pullPolicy());
        put(
                at + "terminationMessagePath",
                container.lifecycle().terminationMessage().path());
        put(
                at + "terminationMessagePolicy",
                container.lifecycle().terminationMessage().policy());
        list(at + "command", container.process().command());
        list(at + "args", container.process().args());
        for (int i = 0; i < container.ports().size(); i++) {
            ContainerPort port = container.ports().get(i);
            String path = at + "ports[" + i + "].";
            put(path + "containerPort", port.containerPort());
            put(path + "protocol", port.protocol());
            if (port.hostPort() > 0) {
                put(path + "hostPort", port.hostPort());
            }
            if (!port.hostIp().isEmpty()) {
                put(path + "hostIP", port.hostIp());
            }
        }
        for (int i = 0; i < container.volumeMounts().size(); i++) {
            put(
                    at + "volumeMounts[" + i + "].mountPath",
                    container.volumeMounts().get(i).mountPath());
        }
        container.resources().requests().forEach((name, value) -> put(at + "resources.requests." + name, value));
        container.resources().limits().forEach((name, value) -> put(at + "resources.limits." + name, value));
        container.restart().policy().ifPresent(policy -> put(at + "restartPolicy", policy));
        for (int i = 0; i < container.restart().rules().size(); i++) {
            put(
                    at + "restartPolicyRules[" + i + "].action",
                    container.restart().rules().get(i).action());
        }
        probe(at + "startupProbe.", container.probes().startup());
        probe(at + "livenessProbe.", container.probes().liveness());
        probe(at + "readinessProbe.", container.probes().readiness());
        container.hooks().postStart().ifPresent(handler -> handler(at + "lifecycle.postStart.", handler));
        container.hooks().preStop().ifPresent(handler -> handler(at + "lifecycle.preStop.", handler));
        for (int i = 0; i < container.envFrom().size(); i++) {
            EnvFrom from = container.envFrom().get(i);
            String kind = from.ref().kind() == ConfigRef.Kind.Secret ? "secretRef" : "configMapRef";
            put(at + "envFrom[" + i + "]." + kind + ".name", from.ref().name());
            if (!from.prefix().isEmpty()) {
                put(at + "envFrom[" + i + "].prefix", from.prefix());
            }
        }
        for (int i = 0; i < container.env().size(); i++) {
            env(at + "env[" + i + "].", container.env().get(i));
        }
    }

    private void list(String path, List<String> items) {
        for (int i = 0; i < items.size(); i++) {
            put(path + "[" + i + "]", items.get(i));
        }
    }

    private void env(String at, EnvVar variable) {
        put(at + "name", variable.name());
        switch (variable.source()) {
            case EnvVar.Literal literal -> {
                if (!literal.value().isEmpty()) {
                    put(at + "value", literal.value());
                }
            }
            case EnvVar.Field field -> {
                put(at + "valueFrom.fieldRef.fieldPath", field.path());
                put(at + "valueFrom.fieldRef.apiVersion", "v1");
            }
            case EnvVar.Resource resource -> {
                put(at + "valueFrom.resourceFieldRef.resource", resource.resource());
                put(at + "valueFrom.resourceFieldRef.divisor", resource.divisor());
            }
            case EnvVar.ConfigKey key -> {
                String ref = at
                        + switch (key.ref().kind()) {
                            case ConfigMap -> "valueFrom.configMapKeyRef.";
                            case Secret -> "valueFrom.secretKeyRef.";
                        };
                put(ref + "name", key.ref().name());
                put(ref + "key", key.key());
            }
            case EnvVar.FileKey file -> {
                put(at + "valueFrom.fileKeyRef.key", file.key());
                put(at + "valueFrom.fileKeyRef.optional", file.optional());
            }
        }
    }

    private void probe(String at, Optional<Probe> some) {
        some.ifPresent(probe -> {
            handler(at, probe.handler());
            if (!probe.initialDelay().isZero()) {
                put(at + "initialDelaySeconds", probe.initialDelay().toSeconds());
            }
            put(at + "timeoutSeconds", probe.timeout().toSeconds());
            put(at + "periodSeconds", probe.period().toSeconds());
            put(at + "successThreshold", probe.successThreshold());
            put(at + "failureThreshold", probe.failureThreshold());
            probe.terminationGracePeriod()
                    .ifPresent(grace -> put(at + "terminationGracePeriodSeconds", grace.toSeconds()));
        });
    }

    private void handler(String at, Handler some) {
        switch (some) {
            case Handler.Exec exec -> list(at + "exec.command", exec.command());
            case Handler.HttpGet get -> {
                put(at + "httpGet.path", get.path());
                put(at + "httpGet.scheme", get.https() ? "HTTPS" : "HTTP");
                put(at + "httpGet.port", port(get.port()));
            }
            case Handler.TcpSocket tcp -> put(at + "tcpSocket.port", port(tcp.port()));
            case Handler.Grpc grpc -> {
                put(at + "grpc.port", grpc.port());
                put(at + "grpc.service", grpc.service());
            }
            case Handler.Sleep sleep -> put(at + "sleep.seconds", sleep.time().toSeconds());
        }
    }

    private static String port(Handler.PortRef port) {
        return port.name().isEmpty() ? Integer.toString(port.number()) : port.name();
    }

    private void volume(String at, Volume some) {
        put(at + "name", some.name());
        switch (some) {
            case Volume.HostPath path -> {
                put(at + "hostPath.path", path.path());
                put(at + "hostPath.type", path.type() == Volume.HostPathType.UNSET ? "" : path.type());
            }
            case Volume.Image image -> {
                put(at + "image.reference", image.reference());
                put(at + "image.pullPolicy", image.pullPolicy());
            }
            case Volume.EmptyDir dir -> {
                switch (dir.medium()) {
                    case Volume.Medium.Disk _ -> {}
                    case Volume.Medium.Memory _ -> put(at + "emptyDir.medium", "Memory");
                    case Volume.Medium.HugePages huge -> put(at + "emptyDir.medium", huge.text());
                }
                dir.sizeLimit().ifPresent(limit -> put(at + "emptyDir.sizeLimit", limit));
            }
            case Volume.Projected files -> projected(at, files);
        }
    }

    private void projected(String at, Volume.Projected files) {
        String form = at
                + switch (files.form()) {
                    case CONFIG_MAP -> "configMap.";
                    case SECRET -> "secret.";
                    case DOWNWARD_API -> "downwardAPI.";
                    case PROJECTED -> "projected.";
                };
        put(form + "defaultMode", files.defaultMode());
        if (files.form() != Volume.Form.PROJECTED && !files.sources().isEmpty()) {
            source(
                    form,
                    files.form() == Volume.Form.SECRET ? "secretName" : "name",
                    files.sources().getFirst());
        }
    }

    private void source(String at, String name, Projection some) {
        switch (some) {
            case Projection.OfConfig config -> {
                put(at + name, config.ref().name());
                for (int i = 0; i < config.items().size(); i++) {
                    put(at + "items[" + i + "].path", config.items().get(i).path());
                }
            }
            case Projection.OfPod pod -> {
                for (int i = 0; i < pod.facts().size(); i++) {
                    put(at + "items[" + i + "].path", pod.facts().get(i).path());
                    if (pod.facts().get(i).source() instanceof EnvVar.Field field) {
                        put(at + "items[" + i + "].fieldRef.fieldPath", field.path());
                    }
                }
            }
        }
    }
}
