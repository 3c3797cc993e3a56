/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.Objects;

/** The name and version of the runtime, and the version of the CRI that it supports. */
public record VersionResponse(String version, String runtimeName, String runtimeVersion, String runtimeApiVersion) {
    public VersionResponse {
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(runtimeName, "runtimeName");
        Objects.requireNonNull(runtimeVersion, "runtimeVersion");
        Objects.requireNonNull(runtimeApiVersion, "runtimeApiVersion");
    }
}
