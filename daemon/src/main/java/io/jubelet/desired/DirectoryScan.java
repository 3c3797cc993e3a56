/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
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
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Scans the whole manifest directory, again and again. It has no thread and does not wait: each
 * scan gets the time and sets when the next one is due. Confined to the thread of {@link
 * ManifestDirectory}.
 */
final class DirectoryScan {

    private static final Duration POLL_PERIOD = Duration.ofSeconds(1);

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
    private Instant nextScanAt = Instant.MIN;
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

    /**
     * Restores the last good content of the manifests below the path. Must be called once, before
     * the first scan.
     */
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

    /** When the next scan is due if nothing happens before. */
    Instant nextScanAt() {
        return nextScanAt;
    }

    /** Whether every file has been read, or found unreadable, since the start. */
    boolean allRead() {
        for (ManifestEntry entry : entries.values()) {
            if (entry.isGone() || entry.state() == null) {
                return !report.directoryProblem().isEmpty();
            }
        }
        return true;
    }

    /**
     * Scans the directory.
     *
     * @param eventsAvailable whether file events report changes, or only the regular rescan is
     *     wanted
     * @return the same object as before if nothing changed
     */
    DesiredPods take(Instant now, boolean eventsAvailable) {
        @Nullable List<DirectoryEntry> ignored = new ArrayList<>();
        boolean polls = !eventsAvailable;
        try {
            observeAll(list(), ignored, now);
            report.directoryProblem("");
            polls |= links;
        } catch (IOException | DirectoryIteratorException e) {
            IOException cause = e instanceof DirectoryIteratorException d ? d.getCause() : (IOException) e;
            report.directoryProblem(FileProblem.reason(Objects.requireNonNull(cause)));
            ignored = null;
            polls = true;
        }
        ObjectOwnership decided = ObjectOwnership.decide(entries.values(), owners);
        owners = decided.paths();
        current = report.update(current, path, entries.values(), ignored, decided);
        keeper.update(entries.values(), decided, now);
        nextScanAt = now.plus(polls && POLL_PERIOD.compareTo(rescan) < 0 ? POLL_PERIOD : rescan);
        for (ManifestEntry entry : entries.values()) {
            dueBy(entry.nextScanAt());
        }
        dueBy(keeper.nextScanAt());
        return current;
    }

    private void dueBy(@Nullable Instant other) {
        if (other != null && other.isBefore(nextScanAt)) {
            nextScanAt = other;
        }
    }

    /** Writes the last good content that is not on the disk yet. */
    void save() {
        keeper.save();
    }

    private List<DirectoryEntry> list() throws IOException {
        List<DirectoryEntry> found = new ArrayList<>();
        links = !path.equals(realPath());
        if (Files.isRegularFile(path) || isMissingFile()) {
            add(found, DirectoryEntry.stat(path, true));
            return found;
        }
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(path)) {
            for (Path each : stream) {
                add(found, DirectoryEntry.stat(each, false));
            }
        }
        return found;
    }

    private void add(List<DirectoryEntry> found, @Nullable DirectoryEntry file) {
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

    private boolean isMissingFile() {
        return entries.containsKey(path)
                && Files.notExists(path)
                && path.getParent() != null
                && Files.isDirectory(path.getParent());
    }

    private void observeAll(List<DirectoryEntry> found, List<DirectoryEntry> ignored, Instant now) {
        Map<Path, DirectoryEntry> candidates = new HashMap<>();
        for (DirectoryEntry file : found) {
            boolean named = file.path().equals(path);
            if (named
                    || DirectoryEntry.ignoredByName(file.path().getFileName().toString())
                            .isEmpty()) {
                candidates.put(file.path(), file);
                entries.computeIfAbsent(file.path(), each -> new ManifestEntry(each, node, localConfig, writers))
                        .markPresent(file, now);
            } else {
                ignored.add(file);
            }
        }
        for (Iterator<ManifestEntry> each = entries.values().iterator(); each.hasNext(); ) {
            ManifestEntry entry = each.next();
            if (!candidates.containsKey(entry.path()) && entry.markAbsent(now, hasBackupOf(entry, ignored))) {
                keeper.forget(entry.path().toString());
                each.remove();
            }
        }
    }

    private static boolean hasBackupOf(ManifestEntry entry, List<DirectoryEntry> ignored) {
        for (DirectoryEntry file : ignored) {
            if (file.stamp() != null && entry.lastReadFrom(file.stamp())) {
                return true;
            }
        }
        return false;
    }
}
