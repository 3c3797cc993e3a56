/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.api.ApiRequest;
import io.jubelet.api.ApiResponse;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** Serves the documents by which clients learn what is served. Stateless. */
final class Discovery {

    /** The version of Kubernetes whose objects are served. */
    private static final String MINOR = "36";

    private static final String GROUP = "apidiscovery.k8s.io";
    /** What clients may do with the objects of the core group. */
    static final List<String> VERBS = List.of("get", "list", "watch");

    /** A resource of a group. */
    record Resource(String plural, String singular, boolean namespaced, String kind, List<String> verbs) {

        private static Resource review(String kind) {
            String singular = kind.toLowerCase(Locale.ROOT);
            return new Resource(singular + "s", singular, false, kind, List.of("create"));
        }

        private static Resource metrics(ResourceKind of) {
            return new Resource(of.plural(), "", of.namespaced(), of.kind() + "Metrics", List.of("get", "list"));
        }
    }

    /** The groups besides the core group, each in one version, in the order of discovery. */
    enum Group {
        AUTHENTICATION("authentication.k8s.io", "v1"),
        AUTHORIZATION("authorization.k8s.io", "v1"),
        METRICS(MetricsEndpoint.GROUP, MetricsEndpoint.VERSION);

        private final String title;
        private final String version;

        Group(String title, String version) {
            this.title = title;
            this.version = version;
        }

        /** The group of a name; empty if it is not served. */
        static Optional<Group> of(String title) {
            return Arrays.stream(values())
                    .filter(each -> each.title.equals(title))
                    .findFirst();
        }

        /** The group of a name, if it is served in a version. */
        static Optional<Group> of(String title, String version) {
            return of(title).filter(group -> group.version.equals(version));
        }

        /** The name, such as {@code metrics.k8s.io}. */
        String title() {
            return title;
        }

        String version() {
            return version;
        }

        List<Resource> resources() {
            return switch (this) {
                case AUTHENTICATION -> List.of(Resource.review("SelfSubjectReview"));
                case AUTHORIZATION ->
                    List.of(Resource.review("SelfSubjectAccessReview"), Resource.review("SelfSubjectRulesReview"));
                case METRICS -> List.of(Resource.metrics(ResourceKind.NODES), Resource.metrics(ResourceKind.PODS));
            };
        }
    }

    private final ObjectWriter writer;
    private final String version;
    private final String address;

    /**
     * @param version of Jubelet
     * @param address where this API is served, as host and port
     */
    Discovery(ObjectWriter writer, String version, String address) {
        this.writer = Objects.requireNonNull(writer, "writer");
        this.version = Objects.requireNonNull(version, "version");
        this.address = Objects.requireNonNull(address, "address");
    }

    /** Serves {@code /version}. */
    void version(ApiResponse response) throws IOException {
        writer.value(response, out -> {
            out.writeStartObject();
            out.writeStringField("major", "1");
            out.writeStringField("minor", MINOR);
            out.writeStringField("gitVersion", "v1." + MINOR + ".0+jubelet-" + version);
            out.writeStringField("gitCommit", "");
            out.writeStringField("gitTreeState", "");
            out.writeStringField("buildDate", "");
            out.writeStringField("goVersion", "");
            out.writeStringField("compiler", "");
            out.writeStringField("platform", "linux/" + architecture());
            out.writeEndObject();
        });
    }

    private static String architecture() {
        String machine = System.getProperty("os.arch");
        return machine.equals("aarch64") ? "arm64" : machine;
    }

    /** Serves {@code /}. */
    void paths(ApiResponse response) throws IOException {
        writer.value(response, out -> {
            out.writeStartObject();
            out.writeArrayFieldStart("paths");
            for (String path : List.of(
                    "/api",
                    "/api/v1",
                    "/apis",
                    "/apis/authentication.k8s.io",
                    "/apis/authentication.k8s.io/v1",
                    "/apis/authorization.k8s.io",
                    "/apis/authorization.k8s.io/v1",
                    "/apis/metrics.k8s.io",
                    "/apis/metrics.k8s.io/v1beta1",
                    "/healthz",
                    "/livez",
                    "/openapi/v2",
                    "/openapi/v3",
                    "/readyz",
                    "/version")) {
                out.writeString(path);
            }
            out.writeEndArray();
            out.writeEndObject();
        });
    }

    /** Serves {@code /api}. */
    void core(ApiRequest request, ApiResponse response) throws IOException {
        if (aggregated(request, response, true)) {
            return;
        }
        writer.value(response, out -> {
            out.writeStartObject();
            out.writeStringField("kind", "APIVersions");
            out.writeArrayFieldStart("versions");
            out.writeString("v1");
            out.writeEndArray();
            out.writeArrayFieldStart("serverAddressByClientCIDRs");
            out.writeStartObject();
            out.writeStringField("clientCIDR", "0.0.0.0/0");
            out.writeStringField("serverAddress", address);
            out.writeEndObject();
            out.writeEndArray();
            out.writeEndObject();
        });
    }

    /** Serves {@code /apis}. */
    void groups(ApiRequest request, ApiResponse response) throws IOException {
        if (aggregated(request, response, false)) {
            return;
        }
        writer.value(response, out -> {
            out.writeStartObject();
            out.writeStringField("kind", "APIGroupList");
            out.writeStringField("apiVersion", "v1");
            out.writeArrayFieldStart("groups");
            for (Group group : Group.values()) {
                out.writeStartObject();
                versions(out, group);
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeEndObject();
        });
    }

    private static void versions(JsonGenerator out, Group group) throws IOException {
        out.writeStringField("name", group.title());
        out.writeArrayFieldStart("versions");
        version(out, group);
        out.writeEndArray();
        out.writeFieldName("preferredVersion");
        version(out, group);
    }

    private static void version(JsonGenerator out, Group group) throws IOException {
        out.writeStartObject();
        out.writeStringField("groupVersion", group.title() + "/" + group.version());
        out.writeStringField("version", group.version());
        out.writeEndObject();
    }

    /** Serves {@code /apis/GROUP}. */
    void group(Group group, ApiResponse response) throws IOException {
        writer.value(response, out -> {
            out.writeStartObject();
            out.writeStringField("kind", "APIGroup");
            out.writeStringField("apiVersion", "v1");
            versions(out, group);
            out.writeEndObject();
        });
    }

    /** Serves {@code /apis/GROUP/VERSION}. */
    void resources(Group group, ApiResponse response) throws IOException {
        writer.value(response, out -> {
            out.writeStartObject();
            out.writeStringField("kind", "APIResourceList");
            out.writeStringField("apiVersion", "v1");
            out.writeStringField("groupVersion", group.title() + "/" + group.version());
            out.writeArrayFieldStart("resources");
            for (Resource each : group.resources()) {
                out.writeStartObject();
                out.writeStringField("name", each.plural());
                out.writeStringField("singularName", each.singular());
                out.writeBooleanField("namespaced", each.namespaced());
                out.writeStringField("kind", each.kind());
                texts(out, "verbs", each.verbs());
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeEndObject();
        });
    }

    /** Serves {@code /api/v1}. */
    void resources(ApiResponse response) throws IOException {
        writer.value(response, out -> {
            out.writeStartObject();
            out.writeStringField("kind", "APIResourceList");
            out.writeStringField("groupVersion", "v1");
            out.writeArrayFieldStart("resources");
            for (ResourceKind kind : ResourceKind.values()) {
                out.writeStartObject();
                out.writeStringField("name", kind.plural());
                out.writeStringField("singularName", kind.singular());
                out.writeBooleanField("namespaced", kind.namespaced());
                out.writeStringField("kind", kind.kind());
                texts(out, "verbs", VERBS);
                texts(out, "shortNames", List.of(kind.shortName()));
                if (!kind.categories().isEmpty()) {
                    texts(out, "categories", kind.categories());
                }
                out.writeEndObject();
                for (ResourceKind.Subresource subresource : kind.subresources()) {
                    out.writeStartObject();
                    out.writeStringField("name", kind.plural() + "/" + subresource.name());
                    out.writeStringField("singularName", "");
                    out.writeBooleanField("namespaced", kind.namespaced());
                    out.writeStringField("kind", subresource.kind());
                    texts(out, "verbs", subresource.verbs());
                    out.writeEndObject();
                }
            }
            out.writeEndArray();
            out.writeEndObject();
        });
    }

    /**
     * Serves the aggregated form, if the client prefers it.
     *
     * @param core whether the core group is asked for, and not the others
     */
    private boolean aggregated(ApiRequest request, ApiResponse response, boolean core) throws IOException {
        Optional<String> wanted = Representation.Media.all(
                        request.header("Accept").orElse(""))
                .stream()
                .filter(media -> media.isJson()
                        && media.parameters().getOrDefault("as", "").equals("APIGroupDiscoveryList")
                        && media.parameters().getOrDefault("g", "").equals(GROUP))
                .map(media -> media.parameters().getOrDefault("v", ""))
                .filter(form -> form.equals("v2") || form.equals("v2beta1"))
                .findFirst();
        if (wanted.isEmpty()) {
            return false;
        }
        response.head(200, Representation.JSON + ";g=" + GROUP + ";v=" + wanted.get() + ";as=APIGroupDiscoveryList");
        writer.value(response, out -> {
            out.writeStartObject();
            out.writeStringField("kind", "APIGroupDiscoveryList");
            out.writeStringField("apiVersion", GROUP + "/" + wanted.get());
            out.writeObjectFieldStart("metadata");
            out.writeEndObject();
            out.writeArrayFieldStart("items");
            if (core) {
                coreGroup(out);
            } else {
                for (Group group : Group.values()) {
                    group(out, group);
                }
            }
            out.writeEndArray();
            out.writeEndObject();
        });
        return true;
    }

    private static void coreGroup(JsonGenerator out) throws IOException {
        out.writeStartObject();
        out.writeObjectFieldStart("metadata");
        out.writeNullField("creationTimestamp");
        out.writeEndObject();
        out.writeArrayFieldStart("versions");
        out.writeStartObject();
        out.writeStringField("version", "v1");
        out.writeArrayFieldStart("resources");
        for (ResourceKind kind : ResourceKind.values()) {
            out.writeStartObject();
            out.writeStringField("resource", kind.plural());
            responseKind(out, "", "v1", kind.kind());
            out.writeStringField("scope", kind.namespaced() ? "Namespaced" : "Cluster");
            out.writeStringField("singularResource", kind.singular());
            texts(out, "verbs", VERBS);
            texts(out, "shortNames", List.of(kind.shortName()));
            if (!kind.categories().isEmpty()) {
                texts(out, "categories", kind.categories());
            }
            if (!kind.subresources().isEmpty()) {
                out.writeArrayFieldStart("subresources");
                for (ResourceKind.Subresource subresource : kind.subresources()) {
                    out.writeStartObject();
                    out.writeStringField("subresource", subresource.name());
                    responseKind(out, "", "v1", subresource.kind());
                    texts(out, "verbs", subresource.verbs());
                    out.writeEndObject();
                }
                out.writeEndArray();
            }
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeStringField("freshness", "Current");
        out.writeEndObject();
        out.writeEndArray();
        out.writeEndObject();
    }

    private static void group(JsonGenerator out, Group group) throws IOException {
        out.writeStartObject();
        out.writeObjectFieldStart("metadata");
        out.writeStringField("name", group.title());
        out.writeNullField("creationTimestamp");
        out.writeEndObject();
        out.writeArrayFieldStart("versions");
        out.writeStartObject();
        out.writeStringField("version", group.version());
        out.writeArrayFieldStart("resources");
        for (Resource each : group.resources()) {
            out.writeStartObject();
            out.writeStringField("resource", each.plural());
            responseKind(out, group.title(), group.version(), each.kind());
            out.writeStringField("scope", each.namespaced() ? "Namespaced" : "Cluster");
            out.writeStringField("singularResource", each.singular());
            texts(out, "verbs", each.verbs());
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeStringField("freshness", "Current");
        out.writeEndObject();
        out.writeEndArray();
        out.writeEndObject();
    }

    private static void responseKind(JsonGenerator out, String group, String version, String kind) throws IOException {
        out.writeObjectFieldStart("responseKind");
        out.writeStringField("group", group);
        out.writeStringField("version", version);
        out.writeStringField("kind", kind);
        out.writeEndObject();
    }

    static void texts(JsonGenerator out, String field, List<String> texts) throws IOException {
        out.writeArrayFieldStart(field);
        for (String text : texts) {
            out.writeString(text);
        }
        out.writeEndArray();
    }
}
