/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.credentials;

import java.util.Objects;
import java.util.Optional;

/**
 * A credential for a registry. {@link #toString()} shows only its source.
 *
 * @param identityToken an OAuth refresh token instead of a password; empty if there is none
 * @param source where it comes from, for messages
 */
public record Credential(String username, String password, Optional<String> identityToken, String source) {

    public Credential {
        Objects.requireNonNull(username, "username");
        Objects.requireNonNull(password, "password");
        Objects.requireNonNull(identityToken, "identityToken");
        Objects.requireNonNull(source, "source");
    }

    @Override
    public String toString() {
        return "credential from " + source;
    }
}
