/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import java.util.Optional;

/** Which files of the manifest directory are manifests, by their names. */
public enum ManifestNames {
    /** Files whose names end in {@code .yaml}, {@code .yml} or {@code .json}. */
    YAML,
    /**
     * Files of any name, as a kubelet reads them. Backups and temporary files of editors are left out
     * all the same, because such a file declares the pod that its original declares.
     */
    KUBELET;

    /** Why a file is not read whose name only a kubelet takes for that of a manifest. */
    static final Optional<String> WRONG_SUFFIX = Optional.of("its name does not end in .yaml, .yml or .json");

    /** Returns why a file of this name is not a manifest; empty if it can be one. */
    public Optional<String> ignoredReason(String name) {
        if (isHidden(name)) {
            return Optional.of("its name begins with a dot");
        }
        if (name.endsWith("~") || name.endsWith(".bak") || name.endsWith(".orig") || name.endsWith(".old")) {
            return Optional.of("its name is that of a backup");
        }
        if (name.startsWith("#") || name.endsWith(".swp") || name.endsWith(".swx") || name.equals("4913")) {
            return Optional.of("its name is that of an editor's temporary file");
        }
        boolean manifest = this == KUBELET || name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json");
        return manifest ? Optional.empty() : WRONG_SUFFIX;
    }

    static boolean isHidden(String name) {
        return name.startsWith(".");
    }
}
