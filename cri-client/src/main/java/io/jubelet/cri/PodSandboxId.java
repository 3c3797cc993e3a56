/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

/**
 * The id of a sandbox, which the runtime assigns; never empty. {@link #toString()} returns the bare
 * id.
 */
public record PodSandboxId(String value) implements Comparable<PodSandboxId> {
    public PodSandboxId {
        if (value.isEmpty()) {
            throw new IllegalArgumentException("empty sandbox id");
        }
    }

    // Not left to the record, because ids are keys of maps and the generated methods take
    // milliseconds to link.

    @Override
    public boolean equals(Object other) {
        return other instanceof PodSandboxId that && value.equals(that.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public int compareTo(PodSandboxId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
