package io.jubelet.desired;

import io.jubelet.manifest.ManifestFile;
import io.jubelet.manifest.ObjectKey;
import io.jubelet.manifest.PodIdentity;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has last good content kept: written at once, so that a kill of the daemon forgets nothing; brought to the disk a little
 * later and many files together, so that pods which start do not wait for the disk; and a removal at once, so that a pod
 * which was stopped is not wanted again after a crash.
 *
 * <p>Confined to the thread of {@link ManifestDirectory}; only {@link Batch} runs elsewhere, as a disk that takes its time
 * must not hold up the next change.
 */
final class LastGoodWriter {

    private static final Logger LOG = LoggerFactory.getLogger(LastGoodWriter.class);

    /** When to look whether a batch is done. */
    private static final Duration LOOK = Duration.ofMillis(100);

    /** So long a change may wait for the disk; only a crash of the machine within this time loses it. */
    private static final Duration SETTLE = Duration.ofSeconds(1);

    private static final Duration RETRY = Duration.ofSeconds(10);

    private final LastGoodStore store;
    private final Executor disk;
    private final Map<String, Kept> kept = new HashMap<>();
    private final Map<String, Kept> wanted = new HashMap<>();
    private final Set<String> unsettled = new HashSet<>();
    private Instant settleAt;
    private Instant retryAt = Instant.MIN;
    private Batch running;
    private Instant due;
    private boolean failing;

    /** @param digest of the text on disk, by which rewriting the same is avoided; empty before it was made */
    private record Kept(List<ManifestFile.Document> good, Set<String> owns, String digest) {

        boolean same(Kept other) {
            return other != null && good == other.good && owns.equals(other.owns);
        }

        LastGoodStore.Content content(String source) {
            List<String> documents = new ArrayList<>(good.size());
            for (ManifestFile.Document document : good) {
                documents.add(document.json());
            }
            return new LastGoodStore.Content(source, owns, documents);
        }

        /** Without what is kept. */
        @Override
        public String toString() {
            return owns + " " + digest;
        }
    }

    /** What is done in one go, on a thread that may wait for the disk: writes, then what is to reach the disk. */
    private static final class Batch implements Runnable {
        private final LastGoodStore store;
        private final Map<String, Kept> writes;
        private final Map<String, String> digestsBefore;
        private final Set<String> settles;
        private final Map<String, Kept> written = new HashMap<>();
        private boolean settled;
        private String failure = "";
        /** Published last: whoever sees it set sees everything else. */
        private volatile boolean done;

        Batch(LastGoodStore store, Map<String, Kept> writes, Map<String, String> digestsBefore, Set<String> settles) {
            this.store = store;
            this.writes = writes;
            this.digestsBefore = digestsBefore;
            this.settles = settles;
        }

        @Override
        public void run() {
            try {
                for (Map.Entry<String, Kept> each : writes.entrySet()) {
                    String source = each.getKey();
                    Kept next = each.getValue();
                    String text = LastGoodStore.text(next.content(source));
                    String digest = PodIdentity.sha256(text);
                    if (!digest.equals(digestsBefore.get(source))) {
                        store.write(source, text);
                    }
                    written.put(source, new Kept(next.good(), next.owns(), digest));
                }
                if (!settles.isEmpty()) {
                    store.settle(settles);
                    settled = true;
                }
            } catch (IOException e) {
                failure = e.toString();
            } finally {
                done = true;
            }
        }
    }

    LastGoodWriter(LastGoodStore store, Executor disk) {
        this.store = store;
        this.disk = disk;
    }

    List<LastGoodStore.Content> load() {
        List<LastGoodStore.Content> contents = store.load();
        for (LastGoodStore.Content content : contents) {
            String digest = PodIdentity.sha256(LastGoodStore.text(content));
            kept.put(content.source(), new Kept(List.of(), Set.of(), digest));
            unsettled.add(content.source());
        }
        return contents;
    }

    /** Takes note of the state after a turn; has it written soon, also while changes go on. */
    void update(Collection<ManifestEntry> entries, ObjectOwnership decided, Instant now) {
        finish(now);
        for (ManifestEntry entry : entries) {
            if (entry.good().isEmpty()) {
                continue;
            }
            Kept next = new Kept(entry.good(), owned(entry, decided), "");
            String source = entry.path().toString();
            if (!next.same(wanted.getOrDefault(source, kept.get(source)))) {
                wanted.put(source, next);
            }
        }
        boolean settle = settleAt != null && !now.isBefore(settleAt);
        if (running == null && (!wanted.isEmpty() || settle) && !now.isBefore(retryAt)) {
            running = batch(settle ? Set.copyOf(unsettled) : Set.of());
            disk.execute(running);
            finish(now);
        }
        due = next(now);
    }

    private Instant next(Instant now) {
        if (running != null) {
            return now.plus(LOOK);
        }
        Instant work = wanted.isEmpty() ? settleAt : now;
        return work != null && work.isBefore(retryAt) ? retryAt : work;
    }

    private static Set<String> owned(ManifestEntry entry, ObjectOwnership decided) {
        Set<String> owns = new HashSet<>();
        for (ObjectKey key : decided.of(entry)) {
            owns.add(key.toString());
        }
        return owns;
    }

    private Batch batch(Set<String> settles) {
        Map<String, String> digests = new HashMap<>();
        for (String source : wanted.keySet()) {
            Kept before = kept.get(source);
            if (before != null) {
                digests.put(source, before.digest());
            }
        }
        return new Batch(store, Map.copyOf(wanted), digests, settles);
    }

    /** Takes over what a batch wrote, when it is done. */
    private void finish(Instant now) {
        if (running == null || !running.done) {
            return;
        }
        for (Map.Entry<String, Kept> each : running.written.entrySet()) {
            String source = each.getKey();
            Kept expected = wanted.get(source);
            kept.put(source, each.getValue());
            if (expected == null) {
                forget(source);
            } else if (expected.same(each.getValue())) {
                wanted.remove(source);
            }
        }
        unsettled.addAll(running.written.keySet());
        if (running.settled) {
            unsettled.removeAll(running.settles);
        }
        if (unsettled.isEmpty()) {
            settleAt = null;
        } else if (settleAt == null || running.settled) {
            settleAt = now.plus(SETTLE);
        }
        boolean failed = !running.failure.isEmpty();
        if (failed && !failing) {
            LOG.warn("cannot keep the last good content of manifests: {}", running.failure);
        }
        failing = failed;
        retryAt = failed ? now.plus(RETRY) : Instant.MIN;
        running = null;
    }

    /** When something is to be written; null when all is. */
    Instant due() {
        return due;
    }

    /** Brings everything to the disk; waits for it. */
    void save() {
        Set<String> everything = new HashSet<>(unsettled);
        everything.addAll(wanted.keySet());
        if (!everything.isEmpty()) {
            batch(everything).run();
        }
    }

    /** Forgets a manifest that is gone. */
    void forget(String source) {
        wanted.remove(source);
        unsettled.remove(source);
        if (kept.remove(source) == null) {
            return;
        }
        try {
            store.remove(source);
        } catch (IOException e) {
            LOG.warn("cannot forget the last good content of {}: {}", source, e.toString());
        }
    }
}
