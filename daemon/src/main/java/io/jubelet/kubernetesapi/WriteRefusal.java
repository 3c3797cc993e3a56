/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import io.jubelet.api.ApiError;
import java.util.Objects;
import java.util.Optional;

/** Says why a request that writes is refused, and which file to edit instead. Safe for use by many threads. */
final class WriteRefusal {

    /** The subresource that {@code kubectl debug} changes. */
    private static final String EPHEMERAL = "ephemeralcontainers";

    private final ObjectSource source;

    WriteRefusal(ObjectSource source) {
        this.source = Objects.requireNonNull(source, "source");
    }

    /** Returns the refusal of a request with a method such as {@code DELETE}. */
    ApiError of(String method, Target target) {
        return switch (target) {
            case Target.InCluster(ResourceKind kind, Optional<ResourceName> name, Optional<String> below)
            when below.equals(Optional.of(EPHEMERAL)) && name.isPresent() ->
                readOnly(
                        "add ephemeral containers to",
                        kind.plural() + " \"" + name.get().name() + "\"",
                        source.fileOf(kind, name.get())
                                .map(file -> "a static pod has the containers of its manifest " + file)
                                .orElse("no manifest in " + source.manifests() + " has it"));
            case Target.InCluster(ResourceKind kind, Optional<ResourceName> name, Optional<String> _) ->
                name.map(one -> ofObject(method, kind, one)).orElseGet(() -> ofKind(method, kind));
            case Target.InNamespace(ResourceKind kind, String _) -> ofKind(method, kind);
            case Target.Document _ ->
                ApiError.methodNotAllowed(
                        "this API of a node is read-only: what runs here is decided by the manifests in "
                                + source.manifests());
        };
    }

    /**
     * Says why a verb of the API that does not read is refused.
     *
     * @param name empty for all objects of the kind
     */
    String reason(String verb, ResourceKind kind, Optional<ResourceName> name) {
        return switch (verb) {
            case "create" -> message(ofKind("POST", kind));
            case "deletecollection" -> message(ofKind("DELETE", kind));
            case "delete" ->
                message(name.map(one -> ofObject("DELETE", kind, one)).orElseGet(() -> ofKind("DELETE", kind)));
            case "update", "patch" ->
                message(name.map(one -> ofObject("PATCH", kind, one))
                        .orElseGet(() ->
                                readOnly("change", kind.plural(), "edit their manifests in " + source.manifests())));
            default -> ofOther(verb, kind.plural());
        };
    }

    /** Says why a verb is refused for a resource that is not served, or does not have it. */
    String ofOther(String verb, String resource) {
        return message(readOnly(verb, resource, "what runs here is decided by the manifests in " + source.manifests()));
    }

    private static String message(ApiError error) {
        return Objects.requireNonNull(error.getMessage(), "every error has a message");
    }

    private ApiError ofKind(String method, ResourceKind kind) {
        return method.equals("DELETE")
                ? readOnly("delete", kind.plural(), "remove their manifests from " + source.manifests())
                : readOnly(
                        "create",
                        kind.plural(),
                        switch (kind) {
                            case PODS, CONFIG_MAPS -> "put a manifest into " + source.manifests();
                            case NAMESPACES ->
                                "a namespace exists when a manifest in " + source.manifests() + " names it";
                            case NODES, EVENTS -> "jubelet itself writes them";
                        });
    }

    private ApiError ofObject(String method, ResourceKind kind, ResourceName name) {
        boolean deletes = method.equals("DELETE");
        String verb = deletes ? "delete" : "change";
        String what = kind.plural() + " \"" + name.name() + "\"";
        Optional<String> file = source.fileOf(kind, name);
        if (file.isPresent()) {
            return readOnly(verb, what, (deletes ? "remove it from its manifest " : "edit its manifest ") + file.get());
        }
        return readOnly(
                verb,
                what,
                switch (kind) {
                    case PODS, CONFIG_MAPS -> "no manifest in " + source.manifests() + " has it";
                    case NAMESPACES -> "it follows from the manifests in " + source.manifests();
                    case NODES -> "change the configuration of jubelet on the node";
                    case EVENTS -> "jubelet itself writes them";
                });
    }

    private static ApiError readOnly(String verb, String what, String instead) {
        return ApiError.methodNotAllowed("cannot " + verb + " " + what + " through this read-only API: " + instead);
    }
}
