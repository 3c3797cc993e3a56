package io.jubelet.cri;

/** The id the runtime gave to a sandbox; never empty. {@link #toString()} is the bare id. */
public record PodSandboxId(String value) implements Comparable<PodSandboxId> {
    public PodSandboxId {
        if (value.isEmpty()) {
            throw new IllegalArgumentException("empty sandbox id");
        }
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
