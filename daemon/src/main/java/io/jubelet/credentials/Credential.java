package io.jubelet.credentials;

import java.util.Objects;

/**
 * What a registry wants to see before it gives an image away. {@link #toString()} tells only where it is from.
 *
 * @param identityToken an OAuth refresh token, in place of a password; else empty
 * @param source where it is from, for people
 */
public record Credential(String username, String password, String identityToken, String source) {

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
