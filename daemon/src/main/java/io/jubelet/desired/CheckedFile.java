/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import io.jubelet.document.Finding;
import io.jubelet.manifest.ObjectKey;
import java.util.List;
import java.util.Objects;

/**
 * What {@link ManifestCheck} found in one file.
 *
 * @param path as the user named it, or below the directory that the user named
 * @param outcome whether it was read
 * @param objects what it declares without errors, in the order of the file
 * @param errors why the daemon would refuse it or an object of it, ordered by place
 * @param warnings what the daemon would warn of, ordered by place; for a file that is not read, the one reason
 */
public record CheckedFile(
        String path, Outcome outcome, List<ObjectKey> objects, List<Finding> errors, List<Finding> warnings) {

    /** Whether a file was read. */
    public enum Outcome {
        /** It was read as a manifest. */
        READ,
        /** The daemon does not read a file of this name or type. */
        IGNORED,
        /** It looks like a pod, and the daemon does not read it because of its name. */
        NOT_READ,
        /** It cannot be read now, so nothing is known of it. */
        UNREADABLE
    }

    public CheckedFile {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(outcome, "outcome");
        objects = List.copyOf(objects);
        errors = List.copyOf(errors);
        warnings = List.copyOf(warnings);
    }
}
