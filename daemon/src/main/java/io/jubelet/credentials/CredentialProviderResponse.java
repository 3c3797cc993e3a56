/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.credentials;

import io.jubelet.credentials.CredentialProviderProcess.ProviderFailedException;
import io.jubelet.document.FieldSelection;
import io.jubelet.document.GoDuration;
import io.jubelet.document.JsonStream;
import io.jubelet.document.Node;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A CredentialProviderResponse without its credentials' raw form. Source: the API group
 * credentialprovider.kubelet.k8s.io.
 *
 * @param scope the images for which the response is valid
 * @param cacheDuration how long to cache it; zero for not at all; empty if the response does not
 *     say
 */
record CredentialProviderResponse(Keyring keyring, Scope scope, Optional<Duration> cacheDuration) {

    /** The limits of the output. Responses are cached; those of cloud providers have a few kilobytes. */
    static final JsonStream.Limits LIMITS = new JsonStream.Limits(1 << 20, 1000, 64 << 10);

    private static final FieldSelection WANTED = FieldSelection.NOTHING
            .with("kind")
            .with("apiVersion")
            .with("cacheKeyType")
            .with("cacheDuration")
            .with("auth");

    enum Scope {
        IMAGE,
        REGISTRY,
        GLOBAL
    }

    /** Parses the output of a plugin; the exception's message shows nothing of it. */
    static CredentialProviderResponse parse(String text, CredentialProvider.Config config)
            throws ProviderFailedException {
        Node.Mapping response = mapping(text);
        if (!text(response, "kind").equals("CredentialProviderResponse")
                || !text(response, "apiVersion").equals(config.apiVersion())) {
            throw new ProviderFailedException(
                    "its output is not a CredentialProviderResponse of " + config.apiVersion());
        }
        Scope scope = switch (text(response, "cacheKeyType")) {
            case "Image" -> Scope.IMAGE;
            case "Registry" -> Scope.REGISTRY;
            case "Global" -> Scope.GLOBAL;
            default -> throw new ProviderFailedException("its cacheKeyType is none of Image, Registry, Global");
        };
        List<Keyring.Entry> entries = new ArrayList<>();
        if (response.get("auth") instanceof Node.Mapping auth) {
            for (Node.Entry each : auth.entries()) {
                Optional<RegistryPattern> pattern = RegistryPattern.parse(each.key());
                if (pattern.isPresent() && each.value() instanceof Node.Mapping login) {
                    entries.add(new Keyring.Entry(
                            pattern.get(),
                            new Credential(
                                    text(login, "username"),
                                    text(login, "password"),
                                    Optional.empty(),
                                    "credential provider " + config.name())));
                }
            }
        }
        return new CredentialProviderResponse(
                new Keyring(entries), scope, cacheDuration(text(response, "cacheDuration")));
    }

    private static Node.Mapping mapping(String text) throws ProviderFailedException {
        JsonStream stream = new JsonStream(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), LIMITS);
        try {
            Optional<JsonStream.Value> value = stream.next(WANTED);
            stream.requireEnd();
            if (value.isPresent() && value.get().node().isEmpty()) {
                throw new ProviderFailedException("its output has more than " + LIMITS.keptNodes() + " fields or "
                        + LIMITS.keptChars() + " characters");
            }
            if (value.flatMap(JsonStream.Value::node).orElse(null) instanceof Node.Mapping mapping) {
                return mapping;
            }
            throw new ProviderFailedException("its output is not a JSON object");
        } catch (IOException e) {
            throw new ProviderFailedException("its output is not a JSON object", e);
        }
    }

    private static Optional<Duration> cacheDuration(String text) throws ProviderFailedException {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(GoDuration.parse(text));
        } catch (IllegalArgumentException _) {
            throw new ProviderFailedException("its cacheDuration is not a duration");
        }
    }

    private static String text(Node.Mapping mapping, String name) {
        return mapping.get(name) instanceof Node.Scalar scalar && !scalar.isNull() ? scalar.value() : "";
    }
}
