/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

/**
 * The id of a container, which the runtime assigns; never empty. {@link #toString()} returns the
 * bare id.
 */
public record ContainerId(String value) implements Comparable<ContainerId> {
    public ContainerId {
        if (value.isEmpty()) {
            throw new IllegalArgumentException("empty container id");
        }
    }

    // Not left to the record, because ids are keys of maps and the generated methods take
    // milliseconds to link.

    @Override
    public boolean equals(Object other) {
        return other instanceof ContainerId that && value.equals(that.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public int compareTo(ContainerId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
