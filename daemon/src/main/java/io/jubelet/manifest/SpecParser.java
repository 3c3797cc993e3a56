/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.FieldReader;
import io.jubelet.document.Node;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Isolation;
import io.jubelet.pod.NodeSelection;
import io.jubelet.pod.PodNetwork;
import io.jubelet.pod.PodSecurity;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.RestartPolicy;
import io.jubelet.pod.Volume;
import io.jubelet.schema.Names;
import io.jubelet.schema.PodFields;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Parses and validates the spec of a pod, and applies the v1 defaults. */
final class SpecParser {

    private static final long MAX_SECONDS = Integer.MAX_VALUE;

    private SpecParser() {}

    /** Null when the spec has no valid container. Errors become findings. */
    static @Nullable PodSpec parse(FieldReader spec, String node) {
        RestartPolicy restartPolicy = spec.choice("restartPolicy", RestartPolicy.values(), RestartPolicy.Always);
        long grace = spec.integer("terminationGracePeriodSeconds", 30, 0, MAX_SECONDS);
        boolean hostNetwork = spec.flag("hostNetwork", false);
        Isolation isolation = isolation(spec, hostNetwork);
        checkNode(spec, node);
        checkWithoutEffect(spec);
        VolumeParser volumeParser = new VolumeParser();
        List<Volume> volumes = volumeParser.parse(spec);
        Set<String> names = new HashSet<>();
        List<ContainerSpec> containers = containers(
                spec,
                "containers",
                new ContainerParser(
                        false, hostNetwork, isolation.hostUsers(), grace, restartPolicy, volumeParser, names));
        List<ContainerSpec> initContainers = spec.has("initContainers")
                ? containers(
                        spec,
                        "initContainers",
                        new ContainerParser(
                                true, hostNetwork, isolation.hostUsers(), grace, restartPolicy, volumeParser, names))
                : List.of();
        Optional<Duration> activeDeadline = spec.has("activeDeadlineSeconds")
                ? Optional.of(Duration.ofSeconds(spec.integer("activeDeadlineSeconds", 1, 1, MAX_SECONDS)))
                : Optional.empty();
        boolean shareProcessNamespace = spec.flag("shareProcessNamespace", false);
        if (shareProcessNamespace && isolation.hostPid()) {
            spec.error("shareProcessNamespace", "cannot be true with \"hostPID: true\"; leave out one of them");
        }
        PodNetwork network = hasNetworkFields(spec) ? NetworkParser.parse(spec, hostNetwork) : PodNetwork.DEFAULT;
        NodeSelection nodes =
                spec.has("nodeSelector") || spec.has("affinity") ? AffinityParser.parse(spec) : NodeSelection.ANY;
        Node written = spec.get("containers");
        if (spec.items("containers").isEmpty() && (written == null || written.isEmpty())) {
            spec.error("containers", "must have at least one container, with a name and an image");
        }
        if (containers.isEmpty()) {
            return null;
        }
        PodSpec.Builder builder = PodSpec.builder(containers)
                .restartPolicy(restartPolicy)
                .initContainers(initContainers)
                .terminationGracePeriod(Duration.ofSeconds(grace))
                .activeDeadline(activeDeadline)
                .shareProcessNamespace(shareProcessNamespace)
                .hostNetwork(hostNetwork)
                .isolation(isolation)
                .security(
                        spec.has("securityContext")
                                ? SecurityParser.ofPod(spec, hostNetwork, isolation.hostIpc())
                                : PodSecurity.NONE)
                .imagePullSecrets(pullSecrets(spec))
                .volumes(volumes)
                .network(network)
                .nodes(nodes)
                .priorityClassName(spec.text("priorityClassName", ""));
        if (spec.has("resources") || spec.has("overhead")) {
            builder.resources(PodResourcesParser.resources(spec, builder.build()))
                    .overhead(PodResourcesParser.overhead(spec));
        }
        PodSpec parsed = builder.build();
        volumeParser.checkHugePages(parsed);
        return parsed;
    }

    /** An empty name is allowed and ignored, as in the kubelet. */
    private static List<String> pullSecrets(FieldReader spec) {
        List<String> names = new ArrayList<>();
        for (FieldReader secret : spec.mappings("imagePullSecrets", PodFields.PULL_SECRET)) {
            String name = secret.text("name", "");
            if (!name.isEmpty()) {
                names.add(name);
            }
        }
        return names;
    }

    private static Isolation isolation(FieldReader spec, boolean hostNetwork) {
        boolean hostPid = spec.flag("hostPID", false);
        boolean hostIpc = spec.flag("hostIPC", false);
        boolean hostUsers = spec.flag("hostUsers", true);
        if (!hostUsers) {
            refuseWithoutHostUsers(spec, "hostNetwork", hostNetwork);
            refuseWithoutHostUsers(spec, "hostPID", hostPid);
            refuseWithoutHostUsers(spec, "hostIPC", hostIpc);
        }
        String handler = spec.has("runtimeClassName") ? spec.requiredText("runtimeClassName", "runc") : null;
        if (handler != null) {
            spec.note("runtimeClassName", Names.checkSubdomain(handler));
        }
        return hostPid || hostIpc || !hostUsers || handler != null
                ? new Isolation(hostPid, hostIpc, hostUsers, handler == null ? "" : handler)
                : Isolation.DEFAULT;
    }

    private static void refuseWithoutHostUsers(FieldReader spec, String field, boolean set) {
        if (set) {
            spec.error(field, "cannot be true with \"hostUsers: false\"; leave out one of them");
        }
    }

    /**
     * Whether the spec has a field that {@link NetworkParser} reads; most have none, so that the
     * class is not loaded.
     */
    private static boolean hasNetworkFields(FieldReader spec) {
        return spec.has("hostname")
                || spec.has("subdomain")
                || spec.has("setHostnameAsFQDN")
                || spec.has("hostnameOverride")
                || spec.has("dnsPolicy")
                || spec.has("dnsConfig")
                || spec.has("hostAliases");
    }

    private static void checkNode(FieldReader spec, String node) {
        String nodeName = spec.text("nodeName", "");
        if (nodeName.isEmpty()) {
            return;
        }
        String wrong = Names.checkSubdomain(nodeName);
        if (wrong != null) {
            spec.error("nodeName", wrong);
        } else if (!nodeName.equals(node)) {
            spec.warn("nodeName", "is ignored; this pod runs on \"" + node + "\" because its manifest is there");
        }
    }

    /** Validates fields without an effect, so that an API server accepts the manifest too. */
    private static void checkWithoutEffect(FieldReader spec) {
        String priorityClass = spec.text("priorityClassName", "");
        if (!priorityClass.isEmpty()) {
            spec.note("priorityClassName", Names.checkSubdomain(priorityClass));
        }
        if (spec.integer("priority", 0, Integer.MIN_VALUE, Integer.MAX_VALUE) != 0 && priorityClass.isEmpty()) {
            spec.warn(
                    "priority",
                    "has no effect without a class; write for example \"priorityClassName: system-node-critical\"");
        }
        spec.flag("enableServiceLinks", true);
        spec.flag("automountServiceAccountToken", true);
        spec.text("schedulerName", "");
        if (spec.has("os")) {
            checkSystem(spec.mapping("os", PodFields.OS));
        }
        if (spec.has("tolerations") || spec.has("topologySpreadConstraints") || spec.has("preemptionPolicy")) {
            SchedulingParser.check(spec);
        }
    }

    private static void checkSystem(@Nullable FieldReader os) {
        String name = os == null ? null : os.requiredText("name", "linux");
        if (os != null && name != null && !name.equals("linux")) {
            os.error("name", "must be linux, which this node runs, but is \"" + name + "\"");
        }
    }

    private static List<ContainerSpec> containers(FieldReader spec, String field, ContainerParser parser) {
        List<ContainerSpec> containers = new ArrayList<>();
        for (FieldReader container : spec.mappings(field, PodFields.CONTAINER)) {
            ContainerSpec parsed = parser.parse(container);
            if (parsed != null) {
                containers.add(parsed);
            }
        }
        return containers;
    }
}
