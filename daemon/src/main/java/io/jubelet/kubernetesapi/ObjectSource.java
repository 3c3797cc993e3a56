/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import io.jubelet.cluster.LocalNode;
import io.jubelet.desired.DesiredPods;
import io.jubelet.desired.Manifest;
import io.jubelet.objects.NodeInfo;
import io.jubelet.pod.ConfigMap;
import io.jubelet.pod.PodName;
import io.jubelet.status.StatusSnapshot;
import io.jubelet.status.StatusStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/** Where the objects come from. Safe for use by many threads. */
final class ObjectSource {

    private final StatusStore statuses;
    private final Supplier<DesiredPods> desired;
    private final LocalNode node;
    private final NodeInfo info;
    private final Path manifests;

    /**
     * @param desired the manifests that were read last; must not block
     * @param manifests the directory of the manifests, or the one manifest
     */
    ObjectSource(StatusStore statuses, Supplier<DesiredPods> desired, LocalNode node, NodeInfo info, Path manifests) {
        this.statuses = Objects.requireNonNull(statuses, "statuses");
        this.desired = Objects.requireNonNull(desired, "desired");
        this.node = Objects.requireNonNull(node, "node");
        this.info = Objects.requireNonNull(info, "info");
        this.manifests = Objects.requireNonNull(manifests, "manifests");
    }

    StatusStore statuses() {
        return statuses;
    }

    /** The version of Jubelet. */
    String version() {
        return info.version();
    }

    /** Returns all objects of a kind as they are now, in any order. May block for some seconds if the runtime hangs. */
    List<ServedObject> read(ResourceKind kind) throws InterruptedException {
        List<ServedObject> objects = new ArrayList<>();
        switch (kind) {
            case PODS -> statuses.snapshot().pods().forEach(report -> objects.add(new PodObject(report, info)));
            case EVENTS -> statuses.events().forEach(event -> objects.add(new EventObject(event, info)));
            case NODES -> objects.add(new NodeObject(node, node.read()));
            case NAMESPACES -> namespaces().forEach(name -> objects.add(new NamespaceObject(name, node.created())));
            case CONFIG_MAPS -> {
                DesiredPods now = desired.get();
                for (ConfigMap map : now.localConfig().configMaps().values()) {
                    objects.add(new ConfigMapObject(
                            map,
                            file(now.manifests(), map.title())
                                    .map(Manifest::since)
                                    .orElse(node.created())));
                }
            }
        }
        return objects;
    }

    private Set<String> namespaces() {
        Set<String> names = new TreeSet<>();
        names.add("default");
        statuses.snapshot().pods().forEach(report -> names.add(report.name().namespace()));
        desired.get().localConfig().configMaps().keySet().forEach(key -> names.add(key.namespace()));
        return names;
    }

    /** Returns the file that a pod or a ConfigMap comes from; empty if there is none. */
    Optional<String> fileOf(ResourceKind kind, ResourceName name) {
        String namespace = name.namespace().orElse("");
        return switch (kind) {
            case PODS -> {
                StatusSnapshot snapshot = statuses.snapshot();
                Optional<PodName> pod = snapshot.pod(namespace, name.name()).map(report -> report.name());
                // The name in a manifest has no suffix.
                yield snapshot.manifestOf(pod.orElse(new PodName(namespace, name.name())))
                        .map(Manifest::path);
            }
            case CONFIG_MAPS ->
                file(desired.get().manifests(), "ConfigMap " + name.path()).map(Manifest::path);
            case EVENTS, NAMESPACES, NODES -> Optional.empty();
        };
    }

    private static Optional<Manifest> file(List<Manifest> manifests, String title) {
        return manifests.stream()
                .filter(manifest -> manifest.configs().contains(title))
                .findFirst();
    }

    /** The directory of the manifests, or the one manifest. */
    Path manifests() {
        return manifests;
    }
}
