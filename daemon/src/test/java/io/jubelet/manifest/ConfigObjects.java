/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.pod.ConfigObject;
import java.util.Optional;

/** The ConfigMaps and Secrets of files, for tests of other packages. */
public final class ConfigObjects {

    private ConfigObjects() {}

    /** The object of the first document, if it is one. */
    public static Optional<ConfigObject> first(ManifestFile file) {
        return file.documents().stream()
                .limit(1)
                .filter(document -> document.content() instanceof ManifestFile.OfConfig)
                .map(document -> ((ManifestFile.OfConfig) document.content()).object())
                .findFirst();
    }
}
