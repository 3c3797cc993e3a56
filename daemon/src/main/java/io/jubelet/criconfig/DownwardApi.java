/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.criconfig;

import io.jubelet.node.NodeCapacity;
import io.jubelet.observed.Labels;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.EnvVar;
import io.jubelet.pod.Pod;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Resources;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Fields and resources of a pod, as the downward API exposes them to its containers.
 *
 * <p>Source: the Kubernetes page on the downward API. Pure except for the supplier that it is
 * given. Used by one thread.
 */
public final class DownwardApi {

    private static final String LABEL = "metadata.labels['";
    private static final String ANNOTATION = "metadata.annotations['";

    private final Pod pod;
    private final ContainerSpec container;
    private final List<String> podIps;
    private final NodeProfile node;
    private final Supplier<NodeCapacity> allocatable;

    /**
     * @param container whose resources are meant where a variable names no container
     * @param podIps IP addresses of the pod, the primary one first; may be empty
     * @param allocatable what the node has for pods; queried only for the limit of a container that
     *     has none
     */
    public DownwardApi(
            Pod pod,
            ContainerSpec container,
            List<String> podIps,
            NodeProfile node,
            Supplier<NodeCapacity> allocatable) {
        this.pod = pod;
        this.container = container;
        this.podIps = podIps;
        this.node = node;
        this.allocatable = allocatable;
    }

    /** Whether the IP addresses of the pod have to be known before the container is created. */
    public static boolean needsAddresses(ContainerSpec container) {
        for (EnvVar variable : container.env()) {
            if (variable.source() instanceof EnvVar.Field field && field.path().startsWith("status.podIP")) {
                return true;
            }
        }
        return false;
    }

    /**
     * The value of a field of the pod.
     *
     * @throws IOException if the downward API has no such field; the message is for the user
     */
    public String field(EnvVar.Field field) throws IOException {
        return field(field.path());
    }

    // --- fields

    private String field(String path) throws IOException {
        return switch (path) {
            case "metadata.name" -> pod.fullName();
            case "metadata.namespace" -> pod.name().namespace();
            case "metadata.uid" -> pod.uid();
            case "metadata.labels" -> lines(pod.labels());
            case "metadata.annotations" -> lines(annotations());
            case "spec.nodeName" -> pod.node();
            case "spec.serviceAccountName" -> "";
            case "status.hostIP" -> hostIps(path).getFirst();
            case "status.hostIPs" -> String.join(",", hostIps(path));
            case "status.podIP" -> podIps(path).isEmpty() ? "" : podIps.getFirst();
            case "status.podIPs" -> String.join(",", podIps(path));
            default -> entry(path);
        };
    }

    private List<String> hostIps(String path) throws IOException {
        List<String> ips = node.ips();
        if (ips.isEmpty()) {
            throw new IOException("the value of " + path + " is not known, because no network interface of this node"
                    + " has an IP address; give it one, or name it with --node-ip");
        }
        return ips;
    }

    private List<String> podIps(String path) throws IOException {
        return pod.spec().hostNetwork() && podIps.isEmpty() ? hostIps(path) : podIps;
    }

    /**
     * The annotations of the pod with those that the kubelet adds. The time at which the kubelet
     * saw the pod is left out, because the content of a volume would change with each start.
     */
    private Map<String, String> annotations() {
        Map<String, String> all = new HashMap<>(pod.annotations());
        all.put(Labels.CONFIG_HASH, pod.uid());
        all.put(Labels.CONFIG_SOURCE, "file");
        return all;
    }

    /** One line {@code key="value"} for each key, in the order of the keys, quoted as in Go. */
    private static String lines(Map<String, String> map) {
        StringBuilder out = new StringBuilder();
        new TreeMap<>(map).forEach((key, value) -> {
            out.append(out.isEmpty() ? "" : "\n").append(key).append('=');
            GoQuote.append(out, value);
        });
        return out.toString();
    }

    private String entry(String path) throws IOException {
        boolean label = path.startsWith(LABEL);
        if (!path.endsWith("']") || !(label || path.startsWith(ANNOTATION))) {
            throw new IOException("a variable cannot refer to the field " + path + " of a pod");
        }
        String key = path.substring(path.indexOf('\'') + 1, path.length() - 2);
        if (label) {
            return pod.labels().getOrDefault(key, "");
        }
        return switch (key) {
            case Labels.CONFIG_HASH -> pod.uid();
            case Labels.CONFIG_SOURCE -> "file";
            default -> pod.annotations().getOrDefault(key, "");
        };
    }

    // --- resources

    /**
     * A request or limit in units of its divisor, rounded up.
     *
     * @throws IOException if there is no such container or resource; the message is for the user
     */
    public String resource(EnvVar.Resource wanted) throws IOException {
        ContainerSpec owner = wanted.container().isEmpty()
                ? container
                : pod.spec()
                        .container(wanted.container())
                        .orElseThrow(() -> new IOException("the pod has no container \"" + wanted.container()
                                + "\", whose " + wanted.resource() + " a variable refers to"));
        int dot = wanted.resource().indexOf('.');
        String name = wanted.resource().substring(dot + 1);
        boolean cpu = name.equals("cpu");
        long divisor = cpu ? wanted.divisor().milli() : wanted.divisor().value();
        long amount = switch (wanted.resource().substring(0, Math.max(0, dot))) {
            case "limits" -> amount(owner.resources().limit(name), cpu, ofPodOrNode(name, cpu));
            case "requests" -> amount(owner.resources().request(name), cpu, 0);
            default -> throw new IOException("a variable cannot refer to the resource " + wanted.resource());
        };
        return Long.toString(Math.ceilDiv(amount, Math.max(1, divisor)));
    }

    /**
     * Thousandths of a processor, or whole units of any other resource; {@code otherwise} if there
     * is none or zero.
     */
    private static long amount(Optional<Quantity> quantity, boolean cpu, long otherwise) {
        long amount = quantity.map(q -> cpu ? q.milli() : q.value()).orElse(0L);
        return amount == 0 ? otherwise : amount;
    }

    private long ofPodOrNode(String name, boolean cpu) {
        Optional<Quantity> ofPod = pod.spec()
                .resources()
                .filter(_ -> !name.startsWith(Resources.HUGE_PAGES))
                .flatMap(r -> r.limit(name));
        return amount(ofPod, cpu, ofNode(name));
    }

    /** What a container without a limit can use. It can never use huge pages without one. */
    private long ofNode(String name) {
        NodeCapacity capacity = allocatable.get();
        return switch (name) {
            case "cpu" -> capacity.cpuMilli();
            case "memory" -> capacity.memoryBytes();
            case "ephemeral-storage" -> capacity.ephemeralStorageBytes();
            default -> 0;
        };
    }
}
