package io.jubelet.cri;

import java.util.Objects;

/** What the runtime calls itself, and the version of the CRI it speaks. */
public record VersionResponse(String version, String runtimeName, String runtimeVersion, String runtimeApiVersion) {
    public VersionResponse {
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(runtimeName, "runtimeName");
        Objects.requireNonNull(runtimeVersion, "runtimeVersion");
        Objects.requireNonNull(runtimeApiVersion, "runtimeApiVersion");
    }
}
