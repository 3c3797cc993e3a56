/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import io.jubelet.document.FileProblem;
import io.jubelet.node.SafeDirectory;
import io.jubelet.node.SafePath;
import io.jubelet.pod.EnvExpansion;
import io.jubelet.pod.VolumeMount;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
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
            throw new IOException("error SubPath `" + subPath + "` must not be an absolute path");
        }
        if (List.of(subPath.split("/")).contains("..")) {
            throw new IOException("unable to provision SubPath `" + subPath + "`: must not contain '..'");
        }
        return subPath;
    }

    /**
     * A part of a volume that a mount names.
     *
     * @param volume the directory of the volume, for messages
     * @param subPath the path of the part, relative to the volume
     */
    record Part(Path volume, String subPath, VolumeMount mount) {

        /** The path of the part, for messages only: links in it are not followed. */
        Path path() {
            return volume.resolve(subPath);
        }

        /**
         * Checks that the part can be mounted, or is missing; creates nothing.
         *
         * @param opened a path of the volume through which it is opened
         * @throws IOException if it cannot be mounted; the message is for the user
         */
        void check(Path opened, String container) throws IOException, InterruptedException {
            try {
                SafePath.open(opened, SafePath.names(subPath), SafePath.Missing.FAIL)
                        .close();
            } catch (NoSuchFileException _) {
                // an init container may make it, or it is created when it is bound
            } catch (IOException e) {
                throw failure(container, FileProblem.of(e), e);
            }
        }

        /**
         * Binds the part to a mount point; done if it is mounted there already. A part that was a file when it was bound before
         * must be there again, because its programs expect a file.
         *
         * @param opened a path of the volume through which it is opened
         * @param places the directory of the mount point
         * @param place the name of the mount point
         * @param missing what is done about directories that do not exist
         * @return whether a directory was created
         * @throws IOException if that is impossible; the message is for the user
         */
        boolean bind(Path opened, SafeDirectory places, String place, String container, SafePath.Missing missing)
                throws IOException, InterruptedException {
            boolean wasFile = isFile(places, place);
            try (SafePath part =
                    SafePath.open(opened, SafePath.names(subPath), wasFile ? SafePath.Missing.FAIL : missing)) {
                part.bindTo(places, place);
                return part.created();
            } catch (NoSuchFileException e) {
                throw failure(
                        container, wasFile ? path() + " was a file and does not exist any more" : FileProblem.of(e), e);
            } catch (IOException e) {
                throw failure(container, FileProblem.of(e), e);
            }
        }

        private static boolean isFile(SafeDirectory places, String place) throws IOException {
            try {
                return places.attributes(place).isRegularFile();
            } catch (NoSuchFileException _) {
                return false;
            }
        }

        private IOException failure(String container, String why, IOException cause) {
            return new IOException(
                    "failed to prepare subPath for volumeMount \"" + mount.name() + "\" of container \"" + container
                            + "\": subPath \"" + subPath + "\": " + why,
                    cause);
        }
    }
}
