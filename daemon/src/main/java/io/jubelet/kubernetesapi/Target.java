/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import io.jubelet.api.ApiError;
import java.util.List;
import java.util.Optional;

/** What the path of a request names. */
sealed interface Target {

    /**
     * Objects, one object, or a path below it.
     *
     * @param name empty for all objects of the kind
     * @param subresource such as {@code log}; might be one that is not served
     */
    record InCluster(ResourceKind kind, Optional<ResourceName> name, Optional<String> subresource) implements Target {}

    /** All objects of a kind in one namespace. */
    record InNamespace(ResourceKind kind, String namespace) implements Target {}

    /** A document: the segments of its path, joined by slashes. */
    record Document(String path) implements Target {}

    /**
     * Parses a path.
     *
     * @param path the decoded segments
     * @throws ApiError not found, if it is below {@code /api/v1} and names nothing that is served
     */
    static Target of(List<String> path) {
        if (path.size() < 3 || !path.getFirst().equals("api") || !path.get(1).equals("v1")) {
            return new Document(String.join("/", path));
        }
        List<String> rest = path.subList(2, path.size());
        // Of a namespace itself only the object is served.
        boolean inNamespace = rest.getFirst().equals("namespaces") && rest.size() > 2;
        List<String> names = inNamespace ? rest.subList(2, rest.size()) : rest;
        ResourceKind kind = ResourceKind.of(names.getFirst()).orElseThrow(Target::notFound);
        if (names.size() > 3 || (inNamespace && !kind.namespaced())) {
            throw notFound();
        }
        if (names.size() == 1) {
            return inNamespace
                    ? new InNamespace(kind, rest.get(1))
                    : new InCluster(kind, Optional.empty(), Optional.empty());
        }
        if (kind.namespaced() != inNamespace) {
            throw notFound();
        }
        Optional<String> subresource = names.size() == 3 ? Optional.of(names.get(2)) : Optional.empty();
        return new InCluster(
                kind,
                Optional.of(new ResourceName(inNamespace ? Optional.of(rest.get(1)) : Optional.empty(), names.get(1))),
                subresource);
    }

    /** Whether it can be read; a subresource that cannot has an answer to writes all the same. */
    default boolean isServed() {
        return !(this instanceof InCluster(ResourceKind kind, Optional<ResourceName> _, Optional<String> below))
                || below.isEmpty()
                || kind.subresources().stream().anyMatch(each -> each.name().equals(below.get()));
    }

    /** Whether a request to it turns the connection into a stream. */
    default boolean streams() {
        return this instanceof InCluster(ResourceKind kind, Optional<ResourceName> _, Optional<String> below)
                && below.isPresent()
                && kind.subresources().stream()
                        .anyMatch(each -> each.streams() && each.name().equals(below.get()));
    }

    static ApiError notFound() {
        return ApiError.notFound("the server could not find the requested resource");
    }
}
