package io.jubelet.volume;

import io.jubelet.node.SafePath;
import io.jubelet.pod.EnvExpansion;
import io.jubelet.pod.VolumeMount;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Parts of volumes that are mounted instead of the whole: {@code subPath} and {@code subPathExpr}.
 *
 * <p>A part is found by descriptor and bound to a place below the directory of the pod, and that place is what the runtime
 * is told. Containers that write to the volume meanwhile can thus not make the runtime follow a link of theirs. Messages
 * are those of the kubelet where it has one.
 */
final class SubPaths {

    private SubPaths() {}

    /** The relative path that a mount asks for; empty for the whole volume. */
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

    /** Binds the part of a volume to {@code place}; done when it is there already. */
    static Path bind(Path volume, String subPath, Path place, VolumeMount mount, String container) throws IOException {
        try (SafePath part = SafePath.open(volume, SafePath.names(subPath))) {
            part.bindTo(place);
            return place;
        } catch (IOException e) {
            String words = e instanceof FileSystemException ? e.toString() : e.getMessage();
            throw new IOException(
                    "failed to prepare subPath \"" + subPath + "\" for volumeMount \"" + mount.name()
                            + "\" of container \"" + container + "\": " + words,
                    e);
        }
    }
}
