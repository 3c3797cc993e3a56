/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

/** When an exited container is started again. The constants are spelled as in the API. */
public enum RestartPolicy {
    Always,
    OnFailure,
    Never;

    /** Whether a container that ended with {@code exitCode} must be started again. */
    public boolean restarts(int exitCode) {
        return switch (this) {
            case Always -> true;
            case OnFailure -> exitCode != 0;
            case Never -> false;
        };
    }
}
