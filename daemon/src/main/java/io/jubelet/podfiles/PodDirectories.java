/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.podfiles;

import io.jubelet.cri.ContainerId;
import io.jubelet.node.Mounts;
import io.jubelet.node.SafeDirectory;
import io.jubelet.node.SecureDirectories;
import io.jubelet.node.TreeRemoval;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.volume.PodDirectory;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The directories of pod versions: for each version one below the root directory of the daemon,
 * with the kubelet's layout, and one for its logs.
 *
 * <p>Safe for use by many threads, provided that one thread at a time works on a pod version.
 */
public final class PodDirectories {

    private static final String PODS = "pods";
    private static final Pattern UID = Pattern.compile("[0-9a-f]{32}");
    /** A log or a rotated one; a container that mounts the logs of the node can make others. */
    private static final Pattern LOG = Pattern.compile("([0-9]{1,8})\\.log(\\..*)?");

    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwxr-x---");
    private static final Set<PosixFilePermission> READABLE = PosixFilePermissions.fromString("rwxr-xr-x");
    private static final Set<PosixFilePermission> SECRET = PosixFilePermissions.fromString("rw-------");
    /** Contains one line of JSON, and then the path of the manifest that it came from. */
    private static final String MANIFEST = "manifest.json";

    private static final String CONDITION_TIMES = "condition-times";
    private static final String END = "end";
    /** Larger than the largest manifest that is accepted, and small enough for the heap. */
    private static final int MAX_BYTES = 8 << 20;

    /** The longest name of a file on Linux, in bytes; names of pods and nodes are ASCII. */
    private static final int LONGEST_NAME = 255;

    private final Path pods;
    private final Path logs;
    private final TreeRemoval removal;
    private final LogLinks links;
    private final MountedFiles mountedFiles;

    /**
     * A pod version as it was stored, not yet parsed.
     *
     * @param document its content as one line of JSON
     * @param source the path of the manifest
     */
    public record StoredManifest(String document, String source) {}

    private PodDirectories(Path pods, Path logs, Mounts mounts) {
        this.pods = pods;
        this.logs = logs;
        this.removal = new TreeRemoval(mounts);
        this.links = new LogLinks(logs);
        this.mountedFiles = new MountedFiles(pods);
    }

    /**
     * Opens the directories of pods, and creates those that are missing.
     *
     * @param rootDir the daemon's own directory, such as {@code /var/lib/jubelet}
     * @param podLogsDir where log collectors look, such as {@code /var/log/pods}
     */
    public static PodDirectories open(Path rootDir, Path podLogsDir, Mounts mounts) throws IOException {
        Path pods = directory(rootDir.resolve(PODS), PRIVATE).toRealPath();
        return new PodDirectories(pods, directory(podLogsDir, READABLE), Objects.requireNonNull(mounts, "mounts"));
    }

    /**
     * The name of the log directory of a pod version. The name of the pod in it is cut if it would be
     * longer than a file system allows.
     *
     * @param node the name that the node had when the version was made
     */
    public static String logDirectoryName(PodName name, String node, String uid) {
        String fullName = name.onNode(node);
        int room = LONGEST_NAME - name.namespace().length() - uid.length() - 2;
        return name.namespace() + "_" + fullName.substring(0, Math.min(fullName.length(), room)) + "_" + uid;
    }

    /** The name of the log directory of a pod version that was made under one of these names of the node. */
    public String logDirectoryName(PodName name, NodeNames nodes, String uid) {
        return logDirectoryName(name, nodeOfLogs(name, nodes, uid), uid);
    }

    private String nodeOfLogs(PodName name, NodeNames nodes, String uid) {
        for (String former : nodes.former()) {
            if (Files.isDirectory(logs.resolve(logDirectoryName(name, former, uid)), LinkOption.NOFOLLOW_LINKS)) {
                return former;
            }
        }
        return nodes.current();
    }

    /** The directory for the logs of a pod version; it need not exist. */
    public Path logDirectory(Pod pod) {
        return logs.resolve(logDirectoryName(pod.name(), pod.originalNode(), pod.uid()));
    }

    /** The log file of one instance of a container; it need not exist. */
    public Path log(PodName name, String node, String uid, String container, int attempt) {
        return logs.resolve(logDirectoryName(name, node, requireUid(uid)))
                .resolve(container)
                .resolve(attempt + ".log");
    }

    /** The directory with the log directories of pods. */
    public Path logs() {
        return logs;
    }

    // --- one version

    /**
     * Creates the directories of a version and stores its manifest in them, before anything of it
     * runs.
     */
    public void make(Pod pod) throws IOException {
        try (SafeDirectory all = openOrCreate(logs, READABLE)) {
            all.enterOrCreate(logDirectoryName(pod.name(), pod.originalNode(), pod.uid()), READABLE)
                    .close();
        }
        try (SafeDirectory all = openOrCreate(pods, PRIVATE);
                SafeDirectory podDirectory = all.enterOrCreate(requireUid(pod.uid()), PRIVATE)) {
            store(podDirectory, MANIFEST, pod.document() + "\n" + pod.source());
        }
    }

    /** Opens a trusted directory, and creates it again if it was deleted while the daemon runs. */
    private static SafeDirectory openOrCreate(Path path, Set<PosixFilePermission> permissions) throws IOException {
        try {
            return SafeDirectory.open(path);
        } catch (NoSuchFileException _) {
            return SafeDirectory.open(directory(path, permissions));
        }
    }

    private static void store(SafeDirectory podDirectory, String name, String content) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        if (podDirectory.contains(name, bytes)) {
            return; // a full or read-only disk must not hold up what is there already
        }
        String fresh = name + ".tmp";
        podDirectory.replace(fresh, bytes, SECRET);
        podDirectory.rename(fresh, name);
    }

    /** The text of a file that {@link #store} wrote; empty if there is none. */
    private Optional<String> text(String uid, String name) throws IOException {
        try (SafeDirectory podDirectory = SafeDirectory.open(pods, requireUid(uid))) {
            // Nearly no pod has some of these files, and a failure takes longer.
            return podDirectory.has(name) ? text(podDirectory, name) : Optional.empty();
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    private static Optional<String> text(SafeDirectory podDirectory, String name) throws IOException {
        try (SafeDirectory.Opened file = podDirectory.open(name, StandardOpenOption.READ)) {
            if (file.channel().size() > MAX_BYTES) {
                throw new IOException(name + " is larger than " + MAX_BYTES + " bytes, so it is not what was stored");
            }
            byte[] bytes = Channels.newInputStream(file.channel()).readAllBytes();
            return Optional.of(new String(bytes, StandardCharsets.UTF_8));
        }
    }

    /** The stored manifest of a version; empty if there is none. */
    public Optional<StoredManifest> storedManifest(String uid) throws IOException {
        return text(uid, MANIFEST).filter(text -> text.indexOf('\n') >= 0).map(text -> {
            int end = text.indexOf('\n');
            return new StoredManifest(text.substring(0, end), text.substring(end + 1));
        });
    }

    /** The stored times of a version's conditions; empty if there are none. */
    public Optional<String> conditionTimes(String uid) throws IOException {
        return text(uid, CONDITION_TIMES);
    }

    /**
     * Stores the times of a version's conditions; does nothing if the directory of the version is
     * gone.
     */
    public void storeConditionTimes(String uid, String text) throws IOException {
        try (SafeDirectory podDirectory = SafeDirectory.open(pods, requireUid(uid))) {
            store(podDirectory, CONDITION_TIMES, text);
        } catch (NoSuchFileException _) {
            // the pod has been removed
        }
    }

    /** How a version has ended, as it was stored; empty if it has not. */
    Optional<String> end(String uid) throws IOException {
        return text(uid, END);
    }

    /** Stores durably how a version has ended, also when its directory is gone: its deadline can pass without it. */
    void storeEnd(String uid, String text) throws IOException {
        try (SafeDirectory all = openOrCreate(pods, PRIVATE);
                SafeDirectory podDirectory = all.enterOrCreate(requireUid(uid), PRIVATE)) {
            store(podDirectory, END, text);
            podDirectory.sync(END);
        }
    }

    /** The directory of a version; it need not exist. */
    public PodDirectory podDirectory(String uid) {
        return new PodDirectory(pod(uid));
    }

    /** The files of pods that are mounted individually into containers. */
    public MountedFiles mountedFiles() {
        return mountedFiles;
    }

    /**
     * Creates the directory for the logs of a container, and removes a symbolic link in the place
     * of an instance's log: the runtime, which gets a path, would follow it.
     */
    public void makeLogDirectory(Pod pod, String container, int attempt) throws IOException {
        try (SafeDirectory all = openOrCreate(logs, READABLE);
                SafeDirectory ofPod =
                        all.enterOrCreate(logDirectoryName(pod.name(), pod.originalNode(), pod.uid()), READABLE);
                SafeDirectory ofContainer = ofPod.enterOrCreate(container, READABLE)) {
            String log = attempt + ".log";
            if (ofContainer.linkTarget(log).isPresent()) {
                ofContainer.delete(log);
            }
        }
    }

    /**
     * The first restart count of a container that has no log yet and is greater than all that have one. The runtime might show
     * none of those instances any more, because an administrator removed them.
     */
    int nextAttempt(Pod pod, String container) throws IOException {
        int next = 0;
        String ofPod = logDirectoryName(pod.name(), pod.originalNode(), pod.uid());
        try (SafeDirectory ofContainer = SafeDirectory.open(logs, ofPod, container)) {
            for (String log : ofContainer.names()) {
                Matcher name = LOG.matcher(log);
                if (name.matches()) {
                    next = Math.max(next, Integer.parseInt(name.group(1)) + 1);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException _) {
            return 0; // it has never logged
        }
        return next;
    }

    /** Links the log of a running instance to where log collectors look for it. */
    public void link(Pod pod, String container, int attempt, ContainerId id) {
        Path log = log(pod.name(), pod.originalNode(), pod.uid(), container, attempt);
        links.add(pod.name(), pod.originalNode(), container, id, log);
    }

    // --- removal

    /** Removes the link to the log of an instance. */
    public void unlink(PodName name, String node, String container, ContainerId id) throws IOException {
        links.remove(name, node, container, id);
    }

    /**
     * Removes the logs and the termination log of one instance.
     *
     * @param ran whether the instance ran as far as the runtime knows; if it did not, its logs stay unless all are empty, because
     *     they show that its process wrote something before the runtime ended it
     */
    public void removeInstance(PodName name, String node, String uid, String container, int attempt, boolean ran)
            throws IOException {
        try (LogDirectory directory =
                LogDirectory.open(logs, logDirectoryName(name, node, requireUid(uid)), container)) {
            List<String> files = directory.filesOf(attempt);
            if (ran || !anyContent(directory, files)) {
                for (String file : files) {
                    directory.delete(file);
                }
            }
        } catch (NoSuchFileException _) {
            // never logged, or removed before
        }
        mountedFiles.removeTerminationLog(uid, container, attempt);
    }

    private static boolean anyContent(LogDirectory directory, List<String> files) throws IOException {
        for (String file : files) {
            if (directory.isRegularFile(file) && directory.attributes(file).size() > 0) {
                return true;
            }
        }
        return false;
    }

    /** Unmounts and removes the volumes of a version, which starts with empty ones again. */
    public void removeVolumes(String uid) throws IOException {
        try (SafeDirectory podDirectory = SafeDirectory.open(pods, requireUid(uid))) {
            for (String part : List.of("volume-subpaths", "volumes", "plugins")) {
                removal.remove(podDirectory.path(), part);
            }
        } catch (NoSuchFileException _) {
            // the version has been removed
        }
    }

    /**
     * Removes everything of a version: volumes, logs and manifest. Nothing outside of its
     * directories is touched.
     */
    public void remove(PodName name, String node, String uid) throws IOException {
        removeLogs(name, node, uid);
        removal.remove(pods, requireUid(uid));
    }

    /** Removes the logs of a version that was made under a name of the node. */
    public void removeLogs(PodName name, String node, String uid) throws IOException {
        String ofPod = logDirectoryName(name, node, requireUid(uid));
        links.removeAll(logs.resolve(ofPod));
        removal.remove(logs, ofPod);
    }

    /** Whether a pod version has a directory. */
    public boolean exists(String uid) {
        return UID.matcher(uid).matches() && Files.isDirectory(pods.resolve(uid), LinkOption.NOFOLLOW_LINKS);
    }

    /** Whether a pod version has a directory below a root directory that might not have been opened yet. */
    static boolean existsIn(Path rootDir, String uid) {
        return UID.matcher(uid).matches()
                && Files.isDirectory(rootDir.resolve(PODS).resolve(uid), LinkOption.NOFOLLOW_LINKS);
    }

    /** Whether any pod version has a directory below a root directory that might not exist. */
    static boolean anyIn(Path rootDir) throws IOException {
        try {
            return names(rootDir.resolve(PODS)).stream()
                    .anyMatch(name -> UID.matcher(name).matches());
        } catch (NoSuchFileException _) {
            return false;
        }
    }

    /** The UIDs of versions that have a directory and are not among those known. */
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
     * Removes the directories of versions that are not among those known. Called at start, before
     * workers run.
     *
     * @param known UIDs of versions that are on the runtime or wanted
     * @return the UIDs of those removed
     */
    public List<String> removeOrphans(Set<String> known) throws IOException {
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
            for (Path entry : SecureDirectories.entries(entries)) {
                names.add(entry.getFileName().toString());
            }
        }
        return names;
    }

    private Path pod(String uid) {
        return pods.resolve(requireUid(uid));
    }

    private static String requireUid(String uid) {
        if (!UID.matcher(uid).matches()) {
            throw new IllegalArgumentException("not the UID of a pod version: " + uid);
        }
        return uid;
    }

    /**
     * Creates a directory with these permissions, whatever the umask; leaves an existing one as it
     * is. The path is trusted.
     */
    private static Path directory(Path path, Set<PosixFilePermission> permissions) throws IOException {
        if (!Files.isDirectory(path)) {
            Files.createDirectories(path);
            Files.setPosixFilePermissions(path, permissions);
        }
        return path;
    }
}
