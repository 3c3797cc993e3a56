/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.credentials;

import io.jubelet.credentials.CredentialProviderProcess.ProviderFailedException;
import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.document.GoDuration;
import io.jubelet.document.Node;
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

    enum Scope {
        IMAGE,
        REGISTRY,
        GLOBAL
    }

    /** Parses the output of a plugin; the exception's message shows nothing of it. */
    static CredentialProviderResponse parse(String text, CredentialProvider.Config config)
            throws ProviderFailedException {
        if (!(Documents.readJson(text, new Findings()) instanceof Node.Mapping response)) {
            throw new ProviderFailedException("its output is not a JSON object");
        }
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
