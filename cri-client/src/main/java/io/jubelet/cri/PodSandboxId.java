package io.jubelet.cri;

/** The id the runtime gave to a sandbox; never empty. {@link #toString()} is the bare id. */
public record PodSandboxId(String value) implements Comparable<PodSandboxId> {
    public PodSandboxId {
        if (value.isEmpty()) {
            throw new IllegalArgumentException("empty sandbox id");
        }
    }

    // Written out: ids are keys of maps, and what the JVM makes for records by itself takes milliseconds to link.

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
