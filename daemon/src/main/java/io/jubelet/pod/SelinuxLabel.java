/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Objects;

/** The parts of an SELinux label; the runtime chooses a part that is empty. */
public record SelinuxLabel(String user, String role, String type, String level) {
    public SelinuxLabel {
        Objects.requireNonNull(user, "user");
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(level, "level");
    }
}
