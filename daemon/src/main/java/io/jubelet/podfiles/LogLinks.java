package io.jubelet.podfiles;

import io.jubelet.cri.ContainerId;
import io.jubelet.node.SafeDirectory;
import io.jubelet.pod.PodName;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One link for the log of each container in {@code /var/log/containers}, where log collectors look; made beside the default
 * {@code /var/log/pods} and other directories of that name. Where {@code containers} is itself a link, which a pod with the
 * logs of the host may have made, nothing is made or removed behind it. A link that cannot be made is no reason for a container not to
 * run. Safe for use by many threads.
 */
final class LogLinks {

    private static final Logger LOG = LoggerFactory.getLogger(LogLinks.class);
    private static final String SUFFIX = ".log";
    private static final int LONGEST_NAME = 255;
    private static final Set<PosixFilePermission> READABLE = PosixFilePermissions.fromString("rwxr-xr-x");

    private final Optional<Path> directory;

    /** @param podLogs where the log directories of pods are */
    LogLinks(Path podLogs) {
        this.directory =
                podLogs.endsWith("pods") ? Optional.of(podLogs.resolveSibling("containers")) : Optional.empty();
    }

    /** Makes the link of one instance; leaves one that is there as it is. */
    void add(PodName pod, String node, String container, ContainerId id, Path log) {
        if (directory.isEmpty()) {
            return;
        }
        try (SafeDirectory links = opened(directory.get())) {
            String link = link(pod, node, container, id);
            try {
                Files.createSymbolicLink(links.resolve(link), log);
            } catch (FileAlreadyExistsException _) {
                LOG.debug("{} is there already", link);
            }
        } catch (IOException e) {
            LOG.warn("log collectors will not find {}: {}", log, e.toString());
        }
    }

    private static SafeDirectory opened(Path directory) throws IOException {
        String name = directory.getFileName().toString();
        try {
            return SafeDirectory.open(directory.getParent(), name);
        } catch (NoSuchFileException _) {
            try (SafeDirectory parent = SafeDirectory.open(directory.getParent())) {
                return parent.enterOrMake(name, READABLE);
            }
        }
    }

    /** Removes the link of one instance; done when there is none. */
    void remove(PodName pod, String node, String container, ContainerId id) throws IOException {
        if (directory.isPresent() && Files.isDirectory(directory.get(), LinkOption.NOFOLLOW_LINKS)) {
            try (SafeDirectory links = opened(directory.get())) {
                links.delete(link(pod, node, container, id));
            }
        }
    }

    /** Removes the links to logs of one pod version, whose log directory is about to go. */
    void removeAll(Path podLogs) throws IOException {
        if (directory.isEmpty() || !Files.isDirectory(directory.get(), LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (SafeDirectory opened = opened(directory.get());
                DirectoryStream<Path> links = Files.newDirectoryStream(opened.path(), Files::isSymbolicLink)) {
            for (Path link : links) {
                if (Files.readSymbolicLink(link).startsWith(podLogs)) {
                    Files.deleteIfExists(link);
                }
            }
        }
    }

    private static String link(PodName pod, String node, String container, ContainerId id) {
        String name = pod.onNode(node) + "_" + pod.namespace() + "_" + container + "-" + id.value();
        int most = LONGEST_NAME - SUFFIX.length();
        return (name.length() > most ? name.substring(0, most) : name) + SUFFIX;
    }
}
