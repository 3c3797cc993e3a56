/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.FieldReader;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.PodResources;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Resources;
import io.jubelet.pod.RestartPolicy;
import io.jubelet.schema.PodFields;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Parses and validates the resources, overhead and resize policies of a pod, and applies the v1
 * defaults. Apart from {@link ResourcesParser} so that the class is loaded only for manifests with
 * such fields.
 */
final class PodResourcesParser {

    private enum ResizeRestart {
        NotRequired,
        RestartContainer
    }

    private enum Resizable {
        cpu,
        memory
    }

    private PodResourcesParser() {}

    /**
     * The requests and limits of the pod itself. An empty field is not absent: it makes the pod
     * BestEffort.
     */
    static Optional<Resources> resources(FieldReader spec, PodSpec containers) {
        FieldReader reader = spec.mapping("resources", PodFields.POD_RESOURCES);
        if (reader == null) {
            return Optional.empty();
        }
        Map<String, Quantity> limits = ResourcesParser.quantities(reader, "limits", true);
        Map<String, Quantity> requests = ResourcesParser.quantities(reader, "requests", true);
        addDefaults(requests, limits, containers);
        boolean containersHaveOthers = requests.containsKey("cpu") || requests.containsKey("memory");
        if (!containersHaveOthers) {
            ResourcesParser.checkHugePagesAreNotAlone(spec, "resources", reader.get("limits"), reader.get("requests"));
        }
        ResourcesParser.checkRequests(reader, requests, limits);
        checkAgainstContainers(reader, requests, limits, containers);
        return Optional.of(new Resources(requests, limits));
    }

    private static void addDefaults(Map<String, Quantity> requests, Map<String, Quantity> limits, PodSpec pod) {
        if (limits.isEmpty() && requests.isEmpty()) {
            return;
        }
        for (String name : names(pod)) {
            if (name.startsWith(Resources.HUGE_PAGES) && !requests.containsKey(name)) {
                limit(pod, name).ifPresent(limit -> limits.putIfAbsent(name, limit));
            }
        }
        if (limits.isEmpty()) {
            return;
        }
        for (String name : names(pod)) {
            if (PodResources.isPodLevel(name) && !name.startsWith(Resources.HUGE_PAGES)) {
                request(pod, name).ifPresent(request -> requests.putIfAbsent(name, request));
            }
        }
        limits.forEach(requests::putIfAbsent);
    }

    private static void checkAgainstContainers(
            FieldReader reader, Map<String, Quantity> requests, Map<String, Quantity> limits, PodSpec pod) {
        for (Map.Entry<String, Quantity> own : requests.entrySet()) {
            Optional<Quantity> sum = request(pod, own.getKey());
            if (sum.isPresent() && sum.get().compareTo(own.getValue()) > 0) {
                reader.error(
                        "requests",
                        "the containers request " + sum.get() + " " + own.getKey()
                                + " together, so the pod must not request less, but it requests " + own.getValue());
            }
        }
        for (Map.Entry<String, Quantity> own : limits.entrySet()) {
            String name = own.getKey();
            if (name.startsWith(Resources.HUGE_PAGES)) {
                Optional<Quantity> sum = limit(pod, name);
                if (sum.isPresent() && sum.get().compareTo(own.getValue()) > 0) {
                    reader.error(
                            "limits",
                            "the containers have limits of " + sum.get() + " " + name
                                    + " together, so the limit of the pod must not be less, but it is "
                                    + own.getValue());
                }
            }
            for (ContainerSpec container : pod.containers()) {
                Optional<Quantity> limit = container.resources().limit(name);
                if (limit.isPresent() && limit.get().compareTo(own.getValue()) > 0) {
                    reader.error(
                            "limits",
                            "container \"" + container.name() + "\" has a limit of " + limit.get() + " " + name
                                    + ", which must not be more than the limit of the pod, " + own.getValue());
                }
            }
        }
    }

    private static Set<String> names(PodSpec pod) {
        Set<String> names = new TreeSet<>();
        pod.allContainers()
                .forEach(container ->
                        names.addAll(container.resources().requests().keySet()));
        return names;
    }

    private static Optional<Quantity> request(PodSpec pod, String name) {
        return PodResources.together(pod, container -> container.resources().request(name));
    }

    private static Optional<Quantity> limit(PodSpec pod, String name) {
        return PodResources.together(pod, container -> container.resources().limit(name));
    }

    /** The overhead of the pod by resource. */
    static Map<String, Quantity> overhead(FieldReader spec) {
        Map<String, Quantity> overhead = ResourcesParser.quantities(spec, "overhead", false);
        ResourcesParser.checkHugePagesAreNotAlone(spec, "overhead", spec.get("overhead"));
        return overhead;
    }

    /**
     * Validates resize policies, which have no effect on a static pod, so that an API server
     * accepts the manifest too.
     */
    static void checkResizePolicies(FieldReader container, RestartPolicy ofPod) {
        Set<Resizable> seen = new HashSet<>();
        for (FieldReader policy : container.mappings("resizePolicy", PodFields.RESIZE_POLICY)) {
            policy.requiredText("resourceName", "cpu");
            policy.requiredText("restartPolicy", "NotRequired");
            Resizable resource = policy.choice("resourceName", Resizable.values());
            ResizeRestart restart = policy.choice("restartPolicy", ResizeRestart.values());
            if (resource != null && !seen.add(resource)) {
                policy.error("resourceName", "another resize policy of this container is for " + resource);
            }
            if (ofPod == RestartPolicy.Never && restart == ResizeRestart.RestartContainer) {
                policy.error("restartPolicy", "must be NotRequired because the restartPolicy of the pod is Never");
            }
        }
    }
}
