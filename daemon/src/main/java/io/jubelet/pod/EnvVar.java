/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Objects;

/**
 * An environment variable.
 *
 * @param name never empty
 * @param source of its value
 */
public record EnvVar(String name, Source source) {

    public EnvVar {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(source, "source");
    }

    /** A variable with a plain value. */
    public EnvVar(String name, String value) {
        this(name, new Literal(value));
    }

    /** The source of a value. */
    public sealed interface Source {}

    /** A value as written, with references such as {@code $(NAME)} not yet expanded. */
    public record Literal(String value) implements Source {
        public Literal {
            Objects.requireNonNull(value, "value");
        }
    }

    /** A field of the pod, such as {@code metadata.labels['app']} or {@code status.podIP}. */
    public record Field(String path) implements Source {
        public Field {
            Objects.requireNonNull(path, "path");
        }
    }

    /**
     * A request or limit.
     *
     * @param container its name; empty for the container of the variable
     * @param resource such as {@code limits.memory}
     * @param divisor more than zero
     */
    public record Resource(String container, String resource, Quantity divisor) implements Source {
        public Resource {
            Objects.requireNonNull(container, "container");
            Objects.requireNonNull(resource, "resource");
            Objects.requireNonNull(divisor, "divisor");
        }
    }

    /** A key of a ConfigMap or Secret. */
    public record ConfigKey(ConfigRef ref, String key) implements Source {
        public ConfigKey {
            Objects.requireNonNull(ref, "ref");
            Objects.requireNonNull(key, "key");
        }
    }

    /**
     * A key of a file with lines such as {@code KEY='value'}, in an emptyDir.
     *
     * @param path below the volume
     * @param optional whether the container starts although the key or the file is missing
     */
    public record FileKey(String volume, String path, String key, boolean optional) implements Source {
        public FileKey {
            Objects.requireNonNull(volume, "volume");
            Objects.requireNonNull(path, "path");
            Objects.requireNonNull(key, "key");
        }
    }
}
