/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.api.ApiError;
import io.jubelet.api.ApiRequest;
import io.jubelet.api.ApiResponse;
import io.jubelet.authorization.UserInfo;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Says who a client is and what it may do, which {@code kubectl auth} and k9s ask before they act. A review is created by POST,
 * and nothing is stored. Every client may do the same.
 */
final class ReviewEndpoint {

    private static final int CREATED = 201;

    private static final List<String> PATH_VERBS = List.of("get", "head");
    /** The documents of discovery, as the role system:discovery of a cluster names them. */
    private static final List<String> PATHS = List.of(
            "/",
            "/api",
            "/api/*",
            "/apis",
            "/apis/*",
            "/healthz",
            "/livez",
            "/openapi",
            "/openapi/*",
            "/readyz",
            "/version");

    private final ObjectWriter writer;
    private final WriteRefusal refusal;

    ReviewEndpoint(ObjectWriter writer, WriteRefusal refusal) {
        this.writer = Objects.requireNonNull(writer, "writer");
        this.refusal = Objects.requireNonNull(refusal, "refusal");
    }

    /** What all clients may do with resources of one group. */
    private record Rule(List<String> verbs, String group, List<String> resources) {}

    private static List<Rule> rules() {
        List<Rule> rules = new ArrayList<>();
        List<String> objects = new ArrayList<>();
        Map<List<String>, List<String>> below =
                new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
        for (ResourceKind kind : ResourceKind.values()) {
            objects.add(kind.plural());
            for (ResourceKind.Subresource each : kind.subresources()) {
                below.computeIfAbsent(each.verbs(), _ -> new ArrayList<>()).add(kind.plural() + "/" + each.name());
            }
        }
        rules.add(new Rule(Discovery.VERBS, "", objects));
        below.forEach((verbs, resources) -> rules.add(new Rule(verbs, "", resources)));
        for (Discovery.Group group : Discovery.Group.values()) {
            for (Discovery.Resource each : group.resources()) {
                rules.add(new Rule(each.verbs(), group.title(), List.of(each.plural())));
            }
        }
        return rules;
    }

    /** Whether a path names a review. */
    static boolean serves(List<String> path) {
        return path.size() == 4
                && path.getFirst().equals("apis")
                && Discovery.Group.of(path.get(1), path.get(2))
                        .filter(group -> group != Discovery.Group.METRICS)
                        .stream()
                        .flatMap(group -> group.resources().stream())
                        .anyMatch(each -> each.plural().equals(path.get(3)));
    }

    /**
     * Serves a request that creates a review.
     *
     * @param certificate of the client
     */
    void serve(ApiRequest request, X509Certificate certificate, ApiResponse response) throws IOException {
        switch (request.path().getLast()) {
            case "selfsubjectaccessreviews" -> access(AccessAttributes.parse(request.body()), response);
            case "selfsubjectrulesreviews" -> rules(AccessAttributes.namespace(request.body()), response);
            case "selfsubjectreviews" -> {
                UserInfo user = UserInfo.of(certificate)
                        .orElseThrow(() -> ApiError.unauthorized("the certificate of the client names no user"));
                created(response, Discovery.Group.AUTHENTICATION, "SelfSubjectReview", out -> {
                    out.writeObjectFieldStart("status");
                    out.writeObjectFieldStart("userInfo");
                    user.write(out, "username");
                    out.writeEndObject();
                    out.writeEndObject();
                });
            }
            default -> throw Target.notFound();
        }
    }

    private void created(ApiResponse response, Discovery.Group group, String kind, ObjectWriter.Value fields)
            throws IOException {
        response.head(CREATED, Representation.JSON);
        writer.value(response, out -> {
            out.writeStartObject();
            out.writeStringField("kind", kind);
            out.writeStringField("apiVersion", group.title() + "/" + group.version());
            out.writeObjectFieldStart("metadata");
            out.writeNullField("creationTimestamp");
            out.writeEndObject();
            fields.write(out);
            out.writeEndObject();
        });
    }

    private void access(AccessAttributes attributes, ApiResponse response) throws IOException {
        Optional<String> denial = denial(attributes);
        created(response, Discovery.Group.AUTHORIZATION, "SelfSubjectAccessReview", out -> {
            out.writeObjectFieldStart("spec");
            switch (attributes) {
                case AccessAttributes.OfResource resource -> {
                    out.writeObjectFieldStart("resourceAttributes");
                    text(out, "namespace", resource.namespace());
                    text(out, "verb", resource.verb());
                    text(out, "group", resource.group());
                    text(out, "version", resource.version());
                    text(out, "resource", resource.resource());
                    text(out, "subresource", resource.subresource());
                    text(out, "name", resource.name());
                }
                case AccessAttributes.OfPath path -> {
                    out.writeObjectFieldStart("nonResourceAttributes");
                    text(out, "path", path.path());
                    text(out, "verb", path.verb());
                }
            }
            out.writeEndObject();
            out.writeEndObject();
            out.writeObjectFieldStart("status");
            out.writeBooleanField("allowed", denial.isEmpty());
            if (denial.isPresent()) {
                out.writeStringField("reason", denial.get());
            }
            out.writeEndObject();
        });
    }

    private static void text(JsonGenerator out, String field, String value) throws IOException {
        if (!value.isEmpty()) {
            out.writeStringField(field, value);
        }
    }

    /** Why something is not allowed; empty if it is allowed. */
    private Optional<String> denial(AccessAttributes attributes) {
        return switch (attributes) {
            case AccessAttributes.OfResource resource when allows(resource) -> Optional.empty();
            case AccessAttributes.OfResource resource -> Optional.of(denial(resource));
            case AccessAttributes.OfPath(String verb, String path) ->
                PATH_VERBS.contains(verb) && PATHS.stream().anyMatch(each -> matches(each, path))
                        ? Optional.empty()
                        : Optional.of(refusal.ofOther(verb, path));
        };
    }

    private static boolean allows(AccessAttributes.OfResource wanted) {
        String resource = wanted.resource() + (wanted.subresource().isEmpty() ? "" : "/" + wanted.subresource());
        return rules().stream()
                .anyMatch(rule -> rule.group().equals(wanted.group())
                        && rule.resources().contains(resource)
                        && rule.verbs().contains(wanted.verb()));
    }

    private String denial(AccessAttributes.OfResource wanted) {
        Optional<ResourceKind> kind =
                wanted.group().isEmpty() && wanted.subresource().isEmpty()
                        ? ResourceKind.of(wanted.resource())
                        : Optional.empty();
        if (kind.isEmpty()) {
            return refusal.ofOther(wanted.verb(), wanted.title());
        }
        Optional<ResourceName> name = wanted.name().isEmpty()
                ? Optional.empty()
                : Optional.of(new ResourceName(
                        kind.get().namespaced() ? Optional.of(wanted.namespace()) : Optional.empty(), wanted.name()));
        return refusal.reason(wanted.verb(), kind.get(), name);
    }

    private static boolean matches(String pattern, String path) {
        return pattern.endsWith("*")
                ? path.startsWith(pattern.substring(0, pattern.length() - 1))
                : pattern.equals(path);
    }

    private void rules(String namespace, ApiResponse response) throws IOException {
        created(response, Discovery.Group.AUTHORIZATION, "SelfSubjectRulesReview", out -> {
            out.writeObjectFieldStart("spec");
            text(out, "namespace", namespace);
            out.writeEndObject();
            out.writeObjectFieldStart("status");
            out.writeArrayFieldStart("resourceRules");
            for (Rule rule : rules()) {
                out.writeStartObject();
                Discovery.texts(out, "verbs", rule.verbs());
                Discovery.texts(out, "apiGroups", List.of(rule.group()));
                Discovery.texts(out, "resources", rule.resources());
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeArrayFieldStart("nonResourceRules");
            out.writeStartObject();
            Discovery.texts(out, "verbs", PATH_VERBS);
            Discovery.texts(out, "nonResourceURLs", PATHS);
            out.writeEndObject();
            out.writeEndArray();
            out.writeBooleanField("incomplete", false);
            out.writeEndObject();
        });
    }
}
