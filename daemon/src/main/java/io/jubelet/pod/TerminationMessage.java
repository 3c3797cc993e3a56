/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Objects;

/**
 * The source of the termination message of a container.
 *
 * @param path of a file in the container
 * @param policy whether the log of the container can replace the file
 */
public record TerminationMessage(String path, Policy policy) {

    /** The v1 defaults. */
    public static final TerminationMessage DEFAULT = new TerminationMessage("/dev/termination-log", Policy.File);

    public TerminationMessage {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(policy, "policy");
    }

    /** The constants are spelled as in the API. */
    public enum Policy {
        File,
        FallbackToLogsOnError
    }
}
