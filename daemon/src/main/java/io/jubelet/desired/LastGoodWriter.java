/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import io.jubelet.document.FileProblem;
import io.jubelet.manifest.ManifestFile;
import io.jubelet.manifest.ObjectKey;
import io.jubelet.manifest.PodIdentity;
import io.jubelet.node.UnfinishedWork;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores the last good content of manifests. It is written at once, so that a kill of the daemon
 * loses nothing, and synced to the disk a little later for many files together, so that starting
 * pods do not wait for the disk. A removal takes effect at once, so that a pod that was stopped
 * does not start again after a crash.
 *
 * <p>Confined to the thread of {@link ManifestDirectory}; only {@link Batch} runs elsewhere,
 * because a slow disk must not delay the next change.
 */
final class LastGoodWriter {

    private static final Logger LOG = LoggerFactory.getLogger(LastGoodWriter.class);

    /** How long after its start to check at the earliest whether a batch has finished. */
    private static final Duration POLL = Duration.ofMillis(100);

    /** About how long a batch takes for one file. Each check scans the whole directory. */
    private static final Duration POLL_PER_WRITE = Duration.ofMillis(1);

    /** After how many files a batch leaves the processors to the pods that start meanwhile. */
    private static final int PACE = 128;

    /** How much longer than its work the pauses of a batch take. */
    private static final int PAUSE_FACTOR = 3;

    /**
     * How long a change may wait for the disk. Only a crash of the machine within this time loses
     * it.
     */
    private static final Duration SETTLE = Duration.ofSeconds(1);

    private static final Duration RETRY_DELAY = Duration.ofSeconds(10);

    private final LastGoodStore store;
    private final Executor disk;
    private final Map<String, Stored> stored = new HashMap<>();
    private final Map<String, Stored> wanted = new HashMap<>();
    private final Set<String> unsynced = new HashSet<>();
    private @Nullable Instant syncAt;
    private Instant retryAt = Instant.MIN;
    private @Nullable Batch running;
    private @Nullable Instant nextScanAt;
    private boolean failing;

    /**
     * @param digest of the text on disk, which avoids writing the same text again; empty before the
     *     text was made
     */
    private record Stored(List<ManifestFile.Document> lastGood, Set<String> owns, Optional<String> digest) {

        boolean same(@Nullable Stored other) {
            return other != null && lastGood == other.lastGood && owns.equals(other.owns);
        }

        LastGoodStore.Content content(String source) {
            List<String> documents = new ArrayList<>(lastGood.size());
            for (ManifestFile.Document document : lastGood) {
                documents.add(document.json());
            }
            return new LastGoodStore.Content(source, owns, documents);
        }

        /** Leaves out the content, which may be secret. */
        @Override
        public String toString() {
            return owns + " " + digest.orElse("");
        }
    }

    /** Writes files and then syncs them, on a thread that can wait for the disk. */
    private static final class Batch implements Runnable {
        private final LastGoodStore store;
        private final Map<String, Stored> writes;
        private final Map<String, String> digestsBefore;
        private final Set<String> toSync;
        private final boolean paced;
        private final Map<String, Stored> written = new HashMap<>();
        private boolean synced;
        private String failure = "";
        /** Written last: a thread that reads true sees all other fields. */
        private volatile boolean done;

        /** @param paced whether the batch pauses, because something else waits for a processor */
        Batch(
                LastGoodStore store,
                Map<String, Stored> writes,
                Map<String, String> digestsBefore,
                Set<String> toSync,
                boolean paced) {
            this.store = store;
            this.writes = writes;
            this.digestsBefore = digestsBefore;
            this.toSync = toSync;
            this.paced = paced;
        }

        @Override
        public void run() {
            try {
                long begin = System.nanoTime();
                for (Map.Entry<String, Stored> each : writes.entrySet()) {
                    String source = each.getKey();
                    Stored next = each.getValue();
                    String text = LastGoodStore.text(next.content(source));
                    String digest = PodIdentity.sha256(text);
                    if (!digest.equals(digestsBefore.get(source))) {
                        store.write(source, text);
                    }
                    written.put(source, new Stored(next.lastGood(), next.owns(), Optional.of(digest)));
                    if (paced && written.size() % PACE == 0) {
                        LockSupport.parkNanos((System.nanoTime() - begin) * PAUSE_FACTOR);
                        begin = System.nanoTime();
                    }
                }
                if (!toSync.isEmpty()) {
                    store.sync(toSync);
                    synced = true;
                }
            } catch (IOException e) {
                failure = FileProblem.of(e);
            } finally {
                done = true;
            }
        }
    }

    LastGoodWriter(LastGoodStore store, Executor disk) {
        this.store = store;
        this.disk = disk;
    }

    /** Reads all stored content, as {@link LastGoodStore#load}. */
    void load(UnfinishedWork unfinished, Consumer<LastGoodStore.Content> each) {
        store.load(unfinished, content -> {
            String digest = PodIdentity.sha256(LastGoodStore.text(content));
            stored.put(content.source(), new Stored(List.of(), Set.of(), Optional.of(digest)));
            unsynced.add(content.source());
            each.accept(content);
        });
    }

    /** Records the state after a scan and starts to write it, even while changes continue. */
    void update(Collection<ManifestEntry> entries, ObjectOwnership decided, Instant now) {
        finish(now);
        for (ManifestEntry entry : entries) {
            if (entry.lastGood().isEmpty()) {
                continue;
            }
            Stored next = new Stored(entry.lastGood(), owned(entry, decided), Optional.empty());
            String source = entry.path().toString();
            if (!next.same(wanted.getOrDefault(source, stored.get(source)))) {
                wanted.put(source, next);
            }
        }
        boolean sync = syncAt != null && !now.isBefore(syncAt);
        if (running == null && (!wanted.isEmpty() || sync) && !now.isBefore(retryAt)) {
            running = batch(sync ? Set.copyOf(unsynced) : Set.of(), true);
            disk.execute(running);
            finish(now);
        }
        nextScanAt = next(now);
    }

    private @Nullable Instant next(Instant now) {
        if (running != null) {
            Duration writing = POLL_PER_WRITE.multipliedBy(running.writes.size());
            return now.plus(writing.compareTo(POLL) > 0 ? writing : POLL);
        }
        Instant work = wanted.isEmpty() ? syncAt : now;
        return work != null && work.isBefore(retryAt) ? retryAt : work;
    }

    private static Set<String> owned(ManifestEntry entry, ObjectOwnership decided) {
        Set<String> owns = new HashSet<>();
        for (ObjectKey key : decided.of(entry)) {
            owns.add(key.toString());
        }
        return owns;
    }

    private Batch batch(Set<String> toSync, boolean paced) {
        Map<String, String> digests = new HashMap<>();
        for (String source : wanted.keySet()) {
            Stored before = stored.get(source);
            if (before != null && before.digest().isPresent()) {
                digests.put(source, before.digest().get());
            }
        }
        return new Batch(store, Map.copyOf(wanted), digests, toSync, paced);
    }

    /** Records what a batch has written, if it has finished. */
    private void finish(Instant now) {
        if (running == null || !running.done) {
            return;
        }
        for (Map.Entry<String, Stored> each : running.written.entrySet()) {
            String source = each.getKey();
            Stored expected = wanted.get(source);
            stored.put(source, each.getValue());
            if (expected == null) {
                forget(source);
            } else if (expected.same(each.getValue())) {
                wanted.remove(source);
            }
        }
        unsynced.addAll(running.written.keySet());
        if (running.synced) {
            unsynced.removeAll(running.toSync);
        }
        if (unsynced.isEmpty()) {
            syncAt = null;
        } else if (syncAt == null || running.synced) {
            syncAt = now.plus(SETTLE);
        }
        boolean failed = !running.failure.isEmpty();
        if (failed && !failing) {
            LOG.warn("cannot store the last good content of manifests: {}", running.failure);
        }
        failing = failed;
        retryAt = failed ? now.plus(RETRY_DELAY) : Instant.MIN;
        running = null;
    }

    /** When the next write is due; null if everything is written. */
    @Nullable
    Instant nextScanAt() {
        return nextScanAt;
    }

    /** Writes and syncs everything. Blocks. */
    void save() {
        Set<String> everything = new HashSet<>(unsynced);
        everything.addAll(wanted.keySet());
        if (!everything.isEmpty()) {
            batch(everything, false).run();
        }
    }

    /** Removes the content of a manifest that is gone. */
    void forget(String source) {
        wanted.remove(source);
        unsynced.remove(source);
        if (stored.remove(source) == null) {
            return;
        }
        try {
            store.remove(source);
        } catch (IOException e) {
            LOG.warn("cannot remove the last good content of {}: {}", source, FileProblem.of(e));
        }
    }
}
