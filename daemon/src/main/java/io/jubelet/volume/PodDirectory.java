package io.jubelet.volume;

import java.nio.file.Path;
import java.util.Objects;

/**
 * The directory of one pod version, laid out as the kubelet's. Nothing named here need exist.
 *
 * @param path real path, such as {@code /var/lib/jubelet/pods/UID}
 */
public record PodDirectory(Path path) {

    /** Plugin of an emptyDir. */
    public static final String EMPTY_DIR = "kubernetes.io/empty-dir";

    public PodDirectory {
        Objects.requireNonNull(path, "path");
    }

    /** The directory of a volume. {@code plugin} is named as in Kubernetes, such as {@link #EMPTY_DIR}. */
    public Path volume(String plugin, String name) {
        return path.resolve("volumes").resolve(escaped(plugin)).resolve(name);
    }

    /** A file that exists once a volume is set up as a whole. */
    Path marker(String plugin, String name) {
        return path.resolve("plugins").resolve(escaped(plugin)).resolve(name).resolve("ready");
    }

    /** Where a part of a volume is bound for one mount of a container; {@code index} counts the container's mounts. */
    Path subPath(String volume, String container, int index) {
        return path.resolve("volume-subpaths")
                .resolve(volume)
                .resolve(container)
                .resolve(Integer.toString(index));
    }

    private static String escaped(String plugin) {
        return plugin.replace('/', '~');
    }
}
