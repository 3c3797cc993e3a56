/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** KubeletConfiguration files for {@code --config}. */
final class ConfigFiles {

    private ConfigFiles() {}

    /** Writes a configuration of these lines; it goes away with the tests. */
    static Path write(String name, String lines) throws IOException {
        Path file = Files.createTempFile("jubelet-e2e-" + name, ".yaml");
        file.toFile().deleteOnExit();
        return Files.writeString(
                file, "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n" + lines.strip() + "\n");
    }
}
