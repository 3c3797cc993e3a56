package io.jubelet.runtime;

import io.jubelet.pod.Pod;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where the files of pods lie: the kubelet's layout below the root directory, and the log directories.
 *
 * <p>Safe for use by many threads, one a pod.
 */
public final class PodDirectories {

    private static final String MANIFEST = "manifest.json";

    private final Path pods;
    private final Path logs;

    /**
     * @param rootDir the daemon's own directory; pods lie in {@code pods/<uid>} below it
     * @param podLogsDir where log collectors look, usually {@code /var/log/pods}
     */
    public PodDirectories(Path rootDir, Path podLogsDir) {
        this.pods = rootDir.resolve("pods");
        this.logs = podLogsDir;
    }

    Path of(String uid) {
        if (!uid.matches("[0-9a-zA-Z-]+")) {
            throw new IllegalArgumentException("\"" + uid + "\" is no UID");
        }
        return pods.resolve(uid);
    }

    /** The log directory of a version: {@code <namespace>_<full name>_<uid>}. */
    public Path logs(Pod pod) {
        return logs.resolve(pod.name().namespace() + "_" + pod.fullName() + "_" + pod.uid());
    }

    /** Where an emptyDir lies. */
    Path emptyDir(String uid, String volume) {
        return of(uid).resolve("volumes").resolve("kubernetes.io~empty-dir").resolve(volume);
    }

    /** Makes the directories of a version and keeps its document there, for {@link #recall}. */
    void prepare(Pod pod) throws IOException {
        Path directory = Files.createDirectories(of(pod.uid()));
        Files.createDirectories(logs(pod));
        Path temporary = directory.resolve(MANIFEST + ".new");
        Files.writeString(temporary, pod.source() + "\n" + pod.document());
        Files.move(temporary, directory.resolve(MANIFEST), StandardCopyOption.ATOMIC_MOVE);
    }

    /** What {@link #prepare} kept: the source, a line break, the document. */
    Optional<String> recall(String uid) {
        try {
            return Optional.of(Files.readString(of(uid).resolve(MANIFEST), StandardCharsets.UTF_8));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Removes everything of a version. Symbolic links are removed, never followed.
     *
     * @throws IOException when something could not be removed, such as a mount point
     */
    void remove(String uid) throws IOException {
        removeTree(of(uid));
        for (Path directory : logDirectories(uid)) {
            removeTree(directory);
        }
    }

    /** Removes what is left of versions that nobody knows any more. */
    public void removeAllBut(Set<String> uids) throws IOException {
        for (Path directory : children(pods)) {
            String uid = directory.getFileName().toString();
            if (!uids.contains(uid)) {
                remove(uid);
            }
        }
    }

    private List<Path> logDirectories(String uid) throws IOException {
        return children(logs).stream()
                .filter(d -> d.getFileName().toString().endsWith("_" + uid))
                .toList();
    }

    private static List<Path> children(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return new ArrayList<>(entries.toList());
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    private static void removeTree(Path top) throws IOException {
        if (!Files.exists(top, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(top, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException problem) throws IOException {
                if (problem != null) {
                    throw problem;
                }
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
