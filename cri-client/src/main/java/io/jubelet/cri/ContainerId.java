package io.jubelet.cri;

/** The id the runtime gave to a container; never empty. {@link #toString()} is the bare id. */
public record ContainerId(String value) implements Comparable<ContainerId> {
    public ContainerId {
        if (value.isEmpty()) {
            throw new IllegalArgumentException("empty container id");
        }
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
