/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.Objects;

/**
 * The credentials for a registry; a field that does not apply is empty. {@link #toString()}
 * contains no secret.
 *
 * @param auth user and password, joined with a colon, in base64
 * @param identityToken an OAuth refresh token
 * @param registryToken a bearer token
 */
public record AuthConfig(
        String username,
        String password,
        String auth,
        String serverAddress,
        String identityToken,
        String registryToken) {
    public AuthConfig {
        Objects.requireNonNull(username, "username");
        Objects.requireNonNull(password, "password");
        Objects.requireNonNull(auth, "auth");
        Objects.requireNonNull(serverAddress, "serverAddress");
        Objects.requireNonNull(identityToken, "identityToken");
        Objects.requireNonNull(registryToken, "registryToken");
    }

    @Override
    public String toString() {
        return "AuthConfig[username=" + username + ", serverAddress=" + serverAddress + "]";
    }

    /** Returns a builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Builds a {@link AuthConfig}. A component that is not set is zero, empty or null. */
    public static final class Builder {
        private String username = "";
        private String password = "";
        private String auth = "";
        private String serverAddress = "";
        private String identityToken = "";
        private String registryToken = "";

        private Builder() {}

        public Builder username(String value) {
            this.username = value;
            return this;
        }

        public Builder password(String value) {
            this.password = value;
            return this;
        }

        public Builder auth(String value) {
            this.auth = value;
            return this;
        }

        public Builder serverAddress(String value) {
            this.serverAddress = value;
            return this;
        }

        public Builder identityToken(String value) {
            this.identityToken = value;
            return this;
        }

        public Builder registryToken(String value) {
            this.registryToken = value;
            return this;
        }

        public AuthConfig build() {
            return new AuthConfig(username, password, auth, serverAddress, identityToken, registryToken);
        }
    }
}
