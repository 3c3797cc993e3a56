package io.jubelet.cri;

/** The id the runtime gave to a container; never empty. {@link #toString()} is the bare id. */
public record ContainerId(String value) implements Comparable<ContainerId> {
    public ContainerId {
        if (value.isEmpty()) {
            throw new IllegalArgumentException("empty container id");
        }
    }

    // Written out: ids are keys of maps, and what the JVM makes for records by itself takes milliseconds to link.

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
