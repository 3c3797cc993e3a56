package io.jubelet.desired;

import io.jubelet.document.FileProblem;
import io.jubelet.manifest.ManifestFile;
import io.jubelet.manifest.ObjectKey;
import io.jubelet.node.OpenWriters;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executor;

/**
 * One look at the whole manifest directory after the other. Has no thread and no wait of its own: each turn is told the
 * time and tells when the next one is due. Confined to the thread of {@link ManifestDirectory}.
 */
final class DirectoryScan {

    private static final Duration RESTLESS = Duration.ofSeconds(1);

    private final Path path;
    private final String node;
    private final boolean localConfig;
    private final Duration rescan;
    private final OpenWriters writers;
    private final LastGoodWriter keeper;
    private final ManifestReport report;

    private final TreeMap<Path, ManifestEntry> entries = new TreeMap<>();
    private Map<ObjectKey, String> owners = new HashMap<>();
    private DesiredPods current = DesiredPods.NONE;
    private Instant due = Instant.MIN;
    private boolean links;

    DirectoryScan(
            Path path,
            String node,
            boolean localConfig,
            Duration rescan,
            InstantSource clock,
            OpenWriters writers,
            LastGoodStore store,
            Executor disk) {
        this.path = path;
        this.node = node;
        this.localConfig = localConfig;
        this.rescan = rescan;
        this.writers = writers;
        this.keeper = new LastGoodWriter(store, disk);
        this.report = new ManifestReport(clock);
    }

    /** Takes over the last good content of the manifests below the path. To be called once, before the first turn. */
    void restore() {
        for (LastGoodStore.Content content : keeper.load()) {
            Path source = Path.of(content.source());
            if (!source.equals(path) && !path.equals(source.getParent())) {
                continue;
            }
            ManifestFile.Source from = new ManifestFile.Source(content.source(), node, localConfig, Optional.empty());
            List<ManifestFile.Document> documents = new ArrayList<>();
            for (String document : content.documents()) {
                Optional<ManifestFile.Content> restored = ManifestFile.restore(document, from);
                restored.ifPresent(value -> documents.add(new ManifestFile.Document(value, 0, 0)));
            }
            ManifestEntry entry = new ManifestEntry(source, node, localConfig, writers);
            entry.restore(documents);
            entries.put(source, entry);
            for (ManifestFile.Document document : documents) {
                if (content.owns().contains(document.key().toString())) {
                    owners.put(document.key(), content.source());
                }
            }
        }
    }

    /** When to take the next turn if nothing happens before. */
    Instant due() {
        return due;
    }

    /** Whether every file was read, or given up, since the start. */
    boolean settled() {
        for (ManifestEntry entry : entries.values()) {
            if (entry.isGone() || entry.state() == null) {
                return !report.directoryProblem().isEmpty();
            }
        }
        return true;
    }

    /**
     * Looks at everything.
     *
     * @param told whether changes are told by events, or nothing but the rescan is wanted
     * @return the same object as before when nothing changed
     */
    DesiredPods take(Instant now, boolean told) {
        List<DirectoryEntry> ignored = new ArrayList<>();
        boolean restless = !told;
        try {
            lookAt(list(), ignored, now);
            report.directoryProblem("");
            restless |= links;
        } catch (IOException | DirectoryIteratorException e) {
            IOException cause = e instanceof DirectoryIteratorException d ? d.getCause() : (IOException) e;
            report.directoryProblem(FileProblem.reason(cause));
            ignored = null;
            restless = true;
        }
        ObjectOwnership decided = ObjectOwnership.decide(entries.values(), owners);
        owners = decided.paths();
        current = report.update(current, path, entries.values(), ignored, decided);
        keeper.update(entries.values(), decided, now);
        due = now.plus(restless && RESTLESS.compareTo(rescan) < 0 ? RESTLESS : rescan);
        for (ManifestEntry entry : entries.values()) {
            nearer(entry.due());
        }
        nearer(keeper.due());
        return current;
    }

    private void nearer(Instant other) {
        if (other != null && other.isBefore(due)) {
            due = other;
        }
    }

    /** Writes what is not yet kept. */
    void save() {
        keeper.save();
    }

    private List<DirectoryEntry> list() throws IOException {
        List<DirectoryEntry> found = new ArrayList<>();
        links = !path.equals(realPath());
        if (Files.isRegularFile(path) || isOneFileThatWent()) {
            add(found, DirectoryEntry.look(path, true));
            return found;
        }
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(path)) {
            for (Path each : stream) {
                add(found, DirectoryEntry.look(each, false));
            }
        }
        return found;
    }

    private void add(List<DirectoryEntry> found, DirectoryEntry file) {
        if (file != null) {
            found.add(file);
            links |= file.link();
        }
    }

    private Path realPath() {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            return path;
        }
    }

    private boolean isOneFileThatWent() {
        return entries.containsKey(path) && Files.notExists(path) && Files.isDirectory(path.getParent());
    }

    private void lookAt(List<DirectoryEntry> found, List<DirectoryEntry> ignored, Instant now) {
        Map<Path, DirectoryEntry> candidates = new HashMap<>();
        for (DirectoryEntry file : found) {
            boolean named = file.path().equals(path);
            if (named
                    || DirectoryEntry.notManifestByName(
                                    file.path().getFileName().toString())
                            .isEmpty()) {
                candidates.put(file.path(), file);
                entries.computeIfAbsent(file.path(), each -> new ManifestEntry(each, node, localConfig, writers))
                        .observe(file, now);
            } else {
                ignored.add(file);
            }
        }
        for (Iterator<ManifestEntry> each = entries.values().iterator(); each.hasNext(); ) {
            ManifestEntry entry = each.next();
            if (!candidates.containsKey(entry.path()) && entry.vanish(now, hasBackup(entry, ignored))) {
                keeper.forget(entry.path().toString());
                each.remove();
            }
        }
    }

    private static boolean hasBackup(ManifestEntry entry, List<DirectoryEntry> ignored) {
        for (DirectoryEntry file : ignored) {
            if (file.stamp() != null && entry.lastReadFrom(file.stamp())) {
                return true;
            }
        }
        return false;
    }
}
