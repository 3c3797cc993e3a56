/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import io.jubelet.node.SafePath;
import io.jubelet.pod.EnvExpansion;
import io.jubelet.pod.VolumeMount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Resolves {@code subPath} and {@code subPathExpr}: parts of volumes that are mounted instead of
 * the whole.
 *
 * <p>The part is opened by descriptor and bound to a mount point below the directory of the pod,
 * which the runtime then mounts. So containers that write to the volume meanwhile cannot make the
 * runtime follow a link of theirs. Messages are the kubelet's where it has one.
 */
final class SubPaths {

    private SubPaths() {}

    /**
     * The path relative to the volume that is mounted; empty for the whole volume.
     *
     * @throws IOException if it leads out of the volume or a variable in it has no value; the
     *     message is for the user
     */
    static String of(VolumeMount mount, Map<String, String> env) throws IOException {
        String subPath =
                mount.subPathExpr().isEmpty() ? mount.subPath() : EnvExpansion.expandAllOf(mount.subPathExpr(), env);
        if (subPath.startsWith("/")) {
            throw new IOException("subPath \"" + subPath + "\" must not be an absolute path");
        }
        if (List.of(subPath.split("/")).contains("..")) {
            throw new IOException("subPath \"" + subPath + "\" must not contain \"..\"");
        }
        return subPath;
    }

    /**
     * Binds a part of a volume to a mount point; done if it is mounted there already.
     *
     * @throws IOException if that is impossible; the message is for the user
     */
    static Path bind(Path volume, String subPath, Path place, VolumeMount mount, String container) throws IOException {
        try (SafePath part = SafePath.open(volume, SafePath.names(subPath))) {
            part.bindTo(place);
            return place;
        } catch (IOException e) {
            throw new IOException(
                    "failed to prepare subPath \"" + subPath + "\" for volumeMount \"" + mount.name()
                            + "\" of container \"" + container + "\": " + FileErrors.message(e),
                    e);
        }
    }
}
