/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.credentials;

import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.document.Node;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Parses Docker's credential files: {@code config.json}, which has the entries below {@code auths},
 * and the older {@code .dockercfg}, which has nothing but entries. Pure.
 */
final class DockerConfig {

    /** The two formats of credential files. */
    enum Form {
        CONFIG_JSON,
        DOCKERCFG
    }

    /** The file is malformed. The message shows nothing of its contents. */
    static final class BadConfigException extends Exception {
        private static final long serialVersionUID = 1L;

        BadConfigException(String message) {
            super(message);
        }
    }

    private DockerConfig() {}

    /**
     * Parses a file.
     *
     * @param source where it comes from, for messages
     * @throws BadConfigException when it is malformed; entries that cannot be used are skipped
     */
    static Keyring parse(byte[] content, Form form, String source) throws BadConfigException {
        Node root = Documents.readJson(new String(content, StandardCharsets.UTF_8), new Findings());
        if (!(root instanceof Node.Mapping all)) {
            throw new BadConfigException("is not a JSON object");
        }
        Node auths = form == Form.CONFIG_JSON ? all.get("auths") : all;
        if (auths == null || auths.isNull()) {
            return Keyring.EMPTY;
        }
        if (!(auths instanceof Node.Mapping registries)) {
            throw new BadConfigException("has auths that are not an object");
        }
        List<Keyring.Entry> entries = new ArrayList<>();
        for (Node.Entry registry : registries.entries()) {
            Optional<RegistryPattern> pattern = RegistryPattern.parse(registry.key());
            if (pattern.isPresent() && registry.value() instanceof Node.Mapping entry) {
                entries.add(new Keyring.Entry(pattern.get(), credential(entry, registry.key(), source)));
            }
        }
        return new Keyring(entries);
    }

    private static Credential credential(Node.Mapping entry, String registry, String source) throws BadConfigException {
        String username = text(entry, "username");
        String password = text(entry, "password");
        String auth = text(entry, "auth");
        if (!auth.isEmpty()) {
            String decoded = decode(auth, registry);
            int colon = decoded.indexOf(':');
            if (colon < 0) {
                throw new BadConfigException("has an auth for " + registry + " that is not user:password in base64");
            }
            username = decoded.substring(0, colon);
            password = decoded.substring(colon + 1);
        }
        String identityToken = text(entry, "identitytoken");
        return new Credential(
                username, password, identityToken.isEmpty() ? Optional.empty() : Optional.of(identityToken), source);
    }

    /**
     * Some tools append line breaks, some append zeros to the password, and some omit the padding.
     */
    private static String decode(String auth, String registry) throws BadConfigException {
        try {
            byte[] bytes = Base64.getDecoder().decode(auth.replaceAll("\\s", ""));
            return new String(bytes, StandardCharsets.UTF_8).replaceAll("\0+$", "");
        } catch (IllegalArgumentException _) {
            throw new BadConfigException("has an auth for " + registry + " that is not base64");
        }
    }

    private static String text(Node.Mapping mapping, String name) {
        return mapping.get(name) instanceof Node.Scalar scalar && !scalar.isNull() ? scalar.value() : "";
    }
}
