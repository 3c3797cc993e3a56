/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Objects;

/**
 * Every key of a ConfigMap or Secret as an environment variable.
 *
 * @param prefix before each key; may be empty
 */
public record EnvFrom(String prefix, ConfigRef ref) {
    public EnvFrom {
        Objects.requireNonNull(prefix, "prefix");
        Objects.requireNonNull(ref, "ref");
    }
}
