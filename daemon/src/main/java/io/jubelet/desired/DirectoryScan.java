/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import io.jubelet.document.FileProblem;
import io.jubelet.events.EventRecorder;
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
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scans the whole manifest directory, again and again. It has no thread and does not wait: each
 * scan gets the time and sets when the next one is due. Confined to the thread of {@link
 * ManifestDirectory}.
 */
final class DirectoryScan {

    private static final Logger LOG = LoggerFactory.getLogger(ManifestDirectory.class);

    /**
     * How many entries of the directory are looked at: those that were looked at before, then manifests, then others, each in the
     * order of their names. Each takes about 2 kB of memory, and each scan asks the kernel about it.
     */
    static final int MAX_ENTRIES = 10_000;

    private static final Duration POLL_PERIOD = Duration.ofSeconds(1);

    private final ManifestSource source;
    private final Path path;
    private final OpenWriters writers;
    private final ManifestBudget budget;
    private final LastGoodWriter keeper;
    private final ManifestReport report;
    private final DirectoryReplacement replacement = new DirectoryReplacement();

    private final TreeMap<Path, ManifestEntry> entries = new TreeMap<>();
    private Map<ObjectKey, String> owners = new HashMap<>();
    private DesiredPods current = DesiredPods.NONE;
    private Instant nextScanAt = Instant.MIN;
    private boolean links;
    /** What the listing left out; empty if nothing. */
    private Optional<String> leftOut = Optional.empty();

    private long released;
    /** Null until the directory contains a file that a kubelet might read. */
    private @Nullable KubeletOnlyFiles kubeletOnly;

    private boolean kubeletFilesAreNew;

    DirectoryScan(
            ManifestSource source,
            InstantSource clock,
            OpenWriters writers,
            LastGoodStore store,
            Executor disk,
            ManifestBudget budget,
            EventRecorder events) {
        this.source = source;
        this.budget = budget;
        this.path = source.path();
        this.writers = writers;
        this.keeper = new LastGoodWriter(store, disk);
        this.report = new ManifestReport(source, clock, events);
    }

    /**
     * Restores the last good content of the manifests below the path. Must be called once, before
     * the first scan.
     */
    void restore() {
        keeper.load(budget.unfinished(), content -> {
            try {
                restore(content);
            } catch (RuntimeException | StackOverflowError e) {
                // One odd entry must not keep the daemon from starting. The manifest itself is read all the same.
                LOG.error("cannot restore the last good content of {}: {}", content.source(), e.toString());
            }
        });
    }

    private void restore(LastGoodStore.Content content) {
        Path file = Path.of(content.source());
        if (!file.equals(path) && !path.equals(file.getParent())) {
            return;
        }
        ManifestFile.Source from =
                new ManifestFile.Source(content.source(), source.nodes(), source.localConfig(), Optional.empty());
        List<ManifestFile.Document> documents = new ArrayList<>();
        for (String document : content.documents()) {
            Optional<ManifestFile.Content> restored = ManifestFile.restore(document, from);
            restored.ifPresent(value -> documents.add(new ManifestFile.Document(value, 0, 0)));
        }
        ManifestEntry entry = newEntry(file);
        entry.restore(documents);
        entries.put(file, entry);
        for (ManifestFile.Document document : documents) {
            if (content.owns().contains(document.key().toString())) {
                owners.put(document.key(), content.source());
            }
        }
    }

    private ManifestEntry newEntry(Path file) {
        return new ManifestEntry(file, source, writers, budget);
    }

    /** When the next scan is due if nothing happens before. */
    Instant nextScanAt() {
        return nextScanAt;
    }

    /** Whether every file has been read, or found unreadable, since the start. */
    boolean allRead() {
        for (ManifestEntry entry : entries.values()) {
            if (entry.isGone() || entry.state() == null) {
                return report.directoryState() == ManifestReport.DirectoryState.UNREADABLE
                        || report.directoryState() == ManifestReport.DirectoryState.REPLACED;
            }
        }
        return true;
    }

    /**
     * Scans the directory.
     *
     * @param eventsAvailable whether file events report changes, or only the regular rescan is
     *     wanted
     * @param recreated whether the watch of the directory has ended because the directory was deleted or unmounted
     * @return the same object as before if nothing changed
     */
    DesiredPods take(Instant now, boolean eventsAvailable, boolean recreated) {
        @Nullable List<DirectoryEntry> ignored = new ArrayList<>();
        boolean polls = !eventsAvailable;
        try {
            DirectoryReplacement.Identity identity = DirectoryReplacement.Identity.of(directory());
            observeAll(list(), ignored, now, identity, recreated);
            polls |= links || entries.isEmpty() || replacement.until() != null;
        } catch (IOException | DirectoryIteratorException e) {
            IOException cause = e instanceof DirectoryIteratorException d ? d.getCause() : (IOException) e;
            replacement.unreadable();
            entries.values().forEach(ManifestEntry::markUnknown);
            report.directory(
                    ManifestReport.DirectoryState.UNREADABLE,
                    Optional.of("the manifest directory cannot be read: "
                            + FileProblem.reason(Objects.requireNonNull(cause))
                            + "; its pods keep running, and it is read as soon as it is there"));
            ignored = null;
            polls = true;
        }
        ObjectOwnership decided = ObjectOwnership.decide(entries.values(), owners);
        owners = decided.paths();
        Set<Path> kubeletPods = ignored == null ? Set.of() : kubeletPods(ignored, now);
        current = report.update(current, entries.values(), ignored, kubeletPods, decided);
        keeper.update(entries.values(), decided, now);
        retryIfRoom(now);
        Duration rescan = source.checkFrequency();
        nextScanAt = now.plus(polls && POLL_PERIOD.compareTo(rescan) < 0 ? POLL_PERIOD : rescan);
        for (ManifestEntry entry : entries.values()) {
            dueBy(entry.nextScanAt());
        }
        dueBy(keeper.nextScanAt());
        dueBy(replacement.until());
        dueBy(kubeletOnly == null ? null : kubeletOnly.nextScanAt());
        return current;
    }

    /** Has files read again for which there was no room, if others have given some back. */
    private void retryIfRoom(Instant now) {
        if (budget.released() != released) {
            released = budget.released();
            for (ManifestEntry entry : entries.values()) {
                entry.retryIfRefusedForRoom(now);
            }
        }
    }

    private Set<Path> kubeletPods(List<DirectoryEntry> ignored, Instant now) {
        if (kubeletOnly == null && !containsOneForKubelet(ignored)) {
            kubeletFilesAreNew = true;
            return Set.of();
        }
        if (kubeletOnly == null) {
            kubeletOnly = new KubeletOnlyFiles(kubeletFilesAreNew);
        }
        return kubeletOnly.find(ignored, now);
    }

    private static boolean containsOneForKubelet(List<DirectoryEntry> ignored) {
        for (DirectoryEntry file : ignored) {
            if (file.isReadByKubeletOnly()) {
                return true;
            }
        }
        return false;
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

    /** The directory that contains the manifests. */
    private Path directory() {
        Path parent = path.getParent();
        return parent != null && (Files.isRegularFile(path) || isMissingFile()) ? parent : path;
    }

    private List<DirectoryEntry> list() throws IOException {
        List<DirectoryEntry> found = new ArrayList<>();
        links = !path.equals(realPath());
        if (Files.isRegularFile(path) || isMissingFile()) {
            add(found, DirectoryEntry.statNamed(path));
            return found;
        }
        List<Path> paths = new ArrayList<>();
        leftOut = Optional.empty();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(path)) {
            Iterator<Path> all = stream.iterator();
            while (all.hasNext() && paths.size() <= MAX_ENTRIES) {
                paths.add(all.next());
            }
            if (paths.size() > MAX_ENTRIES) {
                paths = first(paths, all);
            }
        }
        paths.sort(null); // the order in which they share the budget
        for (Path each : paths) {
            add(found, DirectoryEntry.stat(each, source.names()));
        }
        return found;
    }

    /** The first {@link #MAX_ENTRIES} paths, in constant memory. */
    private List<Path> first(List<Path> some, Iterator<Path> others) {
        TreeMap<String, Path> first = new TreeMap<>();
        for (Path each : some) {
            first.put(rank(each), each);
        }
        int count = some.size();
        while (true) {
            while (first.size() > MAX_ENTRIES) {
                first.pollLastEntry();
            }
            if (!others.hasNext()) {
                leftOut = Optional.of("has " + count + " entries, of which " + MAX_ENTRIES
                        + " are read: those that were there before and the first manifests by name, the last of them "
                        + first.lastEntry().getValue().getFileName() + "; move what is no manifest elsewhere");
                return new ArrayList<>(first.values());
            }
            Path next = others.next();
            first.put(rank(next), next);
            count++;
        }
    }

    private String rank(Path file) {
        String name = file.getFileName().toString();
        String rank = entries.containsKey(file)
                ? "0"
                : source.names().ignoredReason(name).isEmpty() ? "1" : "2";
        return rank + name;
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

    private void observeAll(
            List<DirectoryEntry> found,
            List<DirectoryEntry> ignored,
            Instant now,
            DirectoryReplacement.Identity identity,
            boolean recreated)
            throws IOException {
        Map<Path, DirectoryEntry> candidates = new HashMap<>();
        ParallelParsing parsing = new ParallelParsing(found.size());
        for (DirectoryEntry file : found) {
            boolean named = file.path().equals(path);
            if (named
                    || source.names()
                            .ignoredReason(file.path().getFileName().toString())
                            .isEmpty()) {
                candidates.put(file.path(), file);
                UnparsedContent content =
                        entries.computeIfAbsent(file.path(), this::newEntry).markPresent(file, now);
                if (content != null) {
                    parsing.add(content);
                }
            } else {
                ignored.add(file);
            }
        }
        parsing.finish();
        List<ManifestEntry> missing = new ArrayList<>();
        for (ManifestEntry entry : entries.values()) {
            if (!candidates.containsKey(entry.path())) {
                missing.add(entry);
            }
        }
        if (replacement.waits(identity, recreated, missing.size(), candidates.isEmpty(), now)) {
            missing.forEach(ManifestEntry::markUnknown);
            report.directory(ManifestReport.DirectoryState.REPLACED, Optional.of(replacement.message()));
            return;
        }
        for (ManifestEntry entry : missing) {
            if (entry.markAbsent(now, hasBackupOf(entry, ignored))) {
                keeper.forget(entry.path().toString());
                entry.release();
                entries.remove(entry.path());
            }
        }
        if (entries.isEmpty()) {
            report.directory(
                    ManifestReport.DirectoryState.EMPTY, Optional.of("the manifest directory contains no manifest"));
        } else if (leftOut.isPresent()) {
            report.directory(ManifestReport.DirectoryState.CROWDED, leftOut);
        } else {
            Optional<String> exposed = exposed();
            report.directory(
                    exposed.isPresent()
                            ? ManifestReport.DirectoryState.EXPOSED
                            : ManifestReport.DirectoryState.READABLE,
                    exposed);
        }
    }

    /** Which users besides root can put manifests into the directory; empty if there are none, or it is a single file. */
    private Optional<String> exposed() throws IOException {
        if (!path.equals(directory())) {
            return Optional.empty();
        }
        Optional<String> exposed = DirectoryEntry.ofDirectory(path).exposed(path.toString());
        return exposed.isEmpty() ? exposed : Optional.of("the manifest directory " + exposed.get());
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
