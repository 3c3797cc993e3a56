package io.jubelet.pod;

import java.util.Objects;

/**
 * An environment variable with a plain value.
 *
 * @param name never empty
 * @param value as written, with references such as {@code $(NAME)} not yet expanded
 */
public record EnvVar(String name, String value) {

    public EnvVar {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(value, "value");
    }
}
