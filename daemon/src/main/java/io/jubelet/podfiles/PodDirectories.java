package io.jubelet.podfiles;

import io.jubelet.cri.ContainerId;
import io.jubelet.node.Mounts;
import io.jubelet.node.SafeDirectory;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.volume.PodDirectory;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The files of pods: one directory for each pod version below the root directory, laid out as the kubelet's, and one for
 * its logs.
 *
 * <p>Safe for use by many threads, as long as each pod version is in the hands of one of them at a time.
 */
public final class PodDirectories {

    private static final Pattern UID = Pattern.compile("[0-9a-f]{32}");
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwxr-x---");
    private static final Set<PosixFilePermission> READABLE = PosixFilePermissions.fromString("rwxr-xr-x");
    private static final Set<PosixFilePermission> SECRET = PosixFilePermissions.fromString("rw-------");
    /** One line of JSON, and then the path of the file that it came from. */
    private static final String MANIFEST = "manifest.json";

    private static final String CONDITION_TIMES = "condition-times";
    /** More than the largest manifest there may be, and still no danger to the heap. */
    private static final int MOST_BYTES = 8 << 20;

    private final Path pods;
    private final Path logs;
    private final TreeRemoval removal;
    private final LogLinks links;
    private final MountedFiles mountedFiles;

    /** A pod version as it was kept, not yet read. */
    public record StoredManifest(String document, String source) {}

    private PodDirectories(Path pods, Path logs, Mounts mounts) {
        this.pods = pods;
        this.logs = logs;
        this.removal = new TreeRemoval(mounts);
        this.links = new LogLinks(logs);
        this.mountedFiles = new MountedFiles(pods);
    }

    /**
     * Makes the two directories where they are missing.
     *
     * @param rootDir the daemon's own directory, such as {@code /var/lib/jubelet}
     * @param podLogsDir where log collectors look, such as {@code /var/log/pods}
     */
    public static PodDirectories open(Path rootDir, Path podLogsDir, Mounts mounts) throws IOException {
        Path pods = directory(rootDir.resolve("pods"), PRIVATE).toRealPath();
        return new PodDirectories(pods, directory(podLogsDir, READABLE), Objects.requireNonNull(mounts, "mounts"));
    }

    /** The name of a pod version's log directory. */
    public static String logDirectoryName(PodName name, String node, String uid) {
        return name.namespace() + "_" + name.onNode(node) + "_" + uid;
    }

    /** The directory for the logs of a pod version; it need not exist. */
    public Path logDirectory(Pod pod) {
        return logs.resolve(logDirectoryName(pod.name(), pod.node(), pod.uid()));
    }

    /** The log file of one instance of a container; it need not exist. */
    public Path log(PodName name, String node, String uid, String container, int attempt) {
        return logs.resolve(logDirectoryName(name, node, requireUid(uid)))
                .resolve(container)
                .resolve(attempt + ".log");
    }

    /** Where the log directories of pods are. */
    public Path logs() {
        return logs;
    }

    // --- one version

    /** Makes the directories of a version and keeps its content in them, before anything of it runs. */
    public void make(Pod pod) throws IOException {
        try (SafeDirectory all = SafeDirectory.open(logs)) {
            all.enterOrMake(logDirectoryName(pod.name(), pod.node(), pod.uid()), READABLE)
                    .close();
        }
        try (SafeDirectory all = SafeDirectory.open(pods);
                SafeDirectory podDirectory = all.enterOrMake(requireUid(pod.uid()), PRIVATE)) {
            store(podDirectory, MANIFEST, pod.document() + "\n" + pod.source());
        }
    }

    private static void store(SafeDirectory podDirectory, String name, String content) throws IOException {
        String fresh = name + ".tmp";
        podDirectory.replace(fresh, content.getBytes(StandardCharsets.UTF_8), SECRET);
        Files.move(podDirectory.resolve(fresh), podDirectory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    /** The text of a file that {@code store} wrote; empty when there is none. */
    private Optional<String> text(String uid, String name) throws IOException {
        try (SafeDirectory podDirectory = SafeDirectory.open(pods, requireUid(uid));
                SafeDirectory.Opened file = podDirectory.open(name, StandardOpenOption.READ)) {
            if (file.channel().size() > MOST_BYTES) {
                throw new IOException(name + " is larger than what is ever kept");
            }
            byte[] bytes = Channels.newInputStream(file.channel()).readAllBytes();
            return Optional.of(new String(bytes, StandardCharsets.UTF_8));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    /** The content of a version; empty when nothing is kept of it. */
    public Optional<StoredManifest> storedManifest(String uid) throws IOException {
        return text(uid, MANIFEST).filter(text -> text.indexOf('\n') >= 0).map(text -> {
            int end = text.indexOf('\n');
            return new StoredManifest(text.substring(0, end), text.substring(end + 1));
        });
    }

    /** What was kept of the times of a version's conditions; empty when nothing was. */
    public Optional<String> conditionTimes(String uid) throws IOException {
        return text(uid, CONDITION_TIMES);
    }

    /** Keeps the times of a version's conditions; not of one whose directory is gone. */
    public void storeConditionTimes(String uid, String text) throws IOException {
        try (SafeDirectory podDirectory = SafeDirectory.open(pods, requireUid(uid))) {
            store(podDirectory, CONDITION_TIMES, text);
        } catch (NoSuchFileException _) {
            // a pod that is over
        }
    }

    /** The directory of a version, as its volumes see it; it need not exist. */
    public PodDirectory podDirectory(String uid) {
        return new PodDirectory(pod(uid));
    }

    /** The files of pods that containers have mounted one by one. */
    public MountedFiles mountedFiles() {
        return mountedFiles;
    }

    /**
     * Makes the directory for the logs of a container, and takes away a link that somebody put where the log of an instance
     * will be: the runtime, which gets a path, would follow it.
     */
    public void makeLogDirectory(Pod pod, String container, int attempt) throws IOException {
        try (SafeDirectory all = SafeDirectory.open(logs);
                SafeDirectory ofPod = all.enterOrMake(logDirectoryName(pod.name(), pod.node(), pod.uid()), READABLE);
                SafeDirectory ofContainer = ofPod.enterOrMake(container, READABLE)) {
            String log = attempt + ".log";
            if (Files.isSymbolicLink(ofContainer.resolve(log))) {
                ofContainer.delete(log);
            }
        }
    }

    /** Lets log collectors find the log of an instance that runs. */
    public void link(Pod pod, String container, int attempt, ContainerId id) {
        Path log = log(pod.name(), pod.node(), pod.uid(), container, attempt);
        links.add(pod.name(), pod.node(), container, id, log);
    }

    // --- what is over

    /** Removes what leads log collectors to the log of an instance. */
    public void unlink(PodName name, String node, String container, ContainerId id) throws IOException {
        links.remove(name, node, container, id);
    }

    /** Removes the logs and the last words of one instance. */
    public void removeInstance(PodName name, String node, String uid, String container, int attempt)
            throws IOException {
        try (LogDirectory directory =
                LogDirectory.open(logs, logDirectoryName(name, node, requireUid(uid)), container)) {
            for (String file : directory.filesOf(attempt)) {
                directory.delete(file);
            }
        } catch (NoSuchFileException _) {
            // never logged, or removed before
        }
        mountedFiles.removeTerminationLog(uid, container, attempt);
    }

    /** Removes what a version has in its volumes, and what was mounted of them, so that it finds them as at its first start. */
    public void removeVolumes(String uid) throws IOException, InterruptedException {
        try (SafeDirectory podDirectory = SafeDirectory.open(pods, requireUid(uid))) {
            for (String part : List.of("volume-subpaths", "volumes", "plugins")) {
                removal.remove(podDirectory.path(), part);
            }
        } catch (NoSuchFileException _) {
            // removed as a whole before
        }
    }

    /** Removes everything of a version: volumes, logs, content. Nothing outside of its directories is touched. */
    public void remove(PodName name, String node, String uid) throws IOException, InterruptedException {
        String ofPod = logDirectoryName(name, node, requireUid(uid));
        links.removeAll(logs.resolve(ofPod));
        removal.remove(logs, ofPod);
        removal.remove(pods, requireUid(uid));
    }

    /** Whether there is a directory of a pod version. */
    public boolean exists(String uid) {
        return UID.matcher(uid).matches() && Files.isDirectory(pods.resolve(uid));
    }

    /** The versions that have a directory and are not among those known. */
    public List<String> orphans(Set<String> known) throws IOException {
        List<String> orphans = new ArrayList<>();
        for (String name : names(pods)) {
            if (UID.matcher(name).matches() && !known.contains(name)) {
                orphans.add(name);
            }
        }
        return orphans;
    }

    /**
     * Removes the directories of versions that nobody knows any more. For the start, before workers run.
     *
     * @param known versions that are on the runtime or wanted
     * @return the UIDs of those removed
     */
    public List<String> removeOrphans(Set<String> known) throws IOException, InterruptedException {
        List<String> removed = new ArrayList<>();
        for (String name : names(pods)) {
            boolean orphans = UID.matcher(name).matches() && !known.contains(name);
            if (orphans) {
                for (String log : names(logs)) {
                    if (log.endsWith("_" + name)) {
                        links.removeAll(logs.resolve(log));
                        removal.remove(logs, log);
                    }
                }
            }
            if (orphans || name.startsWith(TreeRemoval.PIECE)) {
                removal.remove(pods, name);
                removed.add(name);
            }
        }
        return removed;
    }

    private static List<String> names(Path directory) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        }
        return names;
    }

    private Path pod(String uid) {
        return pods.resolve(requireUid(uid));
    }

    private static String requireUid(String uid) {
        if (!UID.matcher(uid).matches()) {
            throw new IllegalArgumentException("not the UID of a pod of ours: " + uid);
        }
        return uid;
    }

    /** Makes a directory whose path is trusted, whatever the umask, and leaves one that is there as it is. */
    private static Path directory(Path path, Set<PosixFilePermission> permissions) throws IOException {
        if (!Files.isDirectory(path)) {
            Files.createDirectories(path);
            Files.setPosixFilePermissions(path, permissions);
        }
        return path;
    }
}
