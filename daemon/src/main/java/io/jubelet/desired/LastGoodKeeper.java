package io.jubelet.desired;

import io.jubelet.pod.PodName;
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
 * Decides when last good content goes to disk: many changes together, so that pods started at once do not wait for the
 * disk, but soon, as a kill of the daemon before then forgets it; a removal at once, so that a pod which was stopped is not wanted again after a crash.
 *
 * <p>Confined to the thread of {@link ManifestDirectory}; only {@link Batch} runs elsewhere, as a disk that takes its time
 * must not hold up the next change.
 */
final class LastGoodKeeper {

    private static final Logger LOG = LoggerFactory.getLogger(LastGoodKeeper.class);

    /** So long changes are gathered; a daemon that is killed within this time forgets them. */
    private static final Duration GATHER = Duration.ofMillis(100);

    private static final Duration RETRY = Duration.ofSeconds(10);

    private final LastGoodManifests store;
    private final Executor disk;
    private final Map<String, Kept> kept = new HashMap<>();
    private final Map<String, Kept> wanted = new HashMap<>();
    private Batch running;
    private Instant due;
    private boolean failing;

    /** @param digest of the text on disk, by which rewriting the same is avoided; empty before it was made */
    private record Kept(List<ManifestFile.Document> good, Set<String> owns, String digest) {

        boolean same(Kept other) {
            return other != null && good == other.good && owns.equals(other.owns);
        }

        LastGoodManifests.Content content(String source) {
            List<String> documents = new ArrayList<>(good.size());
            for (ManifestFile.Document document : good) {
                documents.add(document.pod().document());
            }
            return new LastGoodManifests.Content(source, owns, documents);
        }
    }

    /** What is written in one go, on a thread that may wait for the disk. */
    private static final class Batch implements Runnable {
        private final LastGoodManifests store;
        private final Map<String, Kept> work;
        private final Map<String, String> digestsBefore;
        private final Map<String, Kept> written = new HashMap<>();
        private String failure = "";
        /** Published last: whoever sees it set sees everything else. */
        private volatile boolean done;

        Batch(LastGoodManifests store, Map<String, Kept> work, Map<String, String> digestsBefore) {
            this.store = store;
            this.work = work;
            this.digestsBefore = digestsBefore;
        }

        @Override
        public void run() {
            try {
                for (Map.Entry<String, Kept> each : work.entrySet()) {
                    String source = each.getKey();
                    Kept next = each.getValue();
                    String text = LastGoodManifests.text(next.content(source));
                    String digest = PodIdentity.sha256(text);
                    if (!digest.equals(digestsBefore.get(source))) {
                        store.save(source, text);
                    }
                    written.put(source, new Kept(next.good(), next.owns(), digest));
                }
                store.sync();
            } catch (IOException e) {
                failure = e.toString();
            } finally {
                done = true;
            }
        }
    }

    LastGoodKeeper(LastGoodManifests store, Executor disk) {
        this.store = store;
        this.disk = disk;
    }

    List<LastGoodManifests.Content> load() {
        List<LastGoodManifests.Content> contents = store.load();
        for (LastGoodManifests.Content content : contents) {
            String digest = PodIdentity.sha256(LastGoodManifests.text(content));
            kept.put(content.source(), new Kept(List.of(), Set.of(), digest));
        }
        return contents;
    }

    /** Takes note of the state after a turn; has it written soon, also while changes go on. */
    void update(Collection<ManifestEntry> entries, PodOwners decided, Instant now) {
        finish(now);
        boolean changed = false;
        for (ManifestEntry entry : entries) {
            if (entry.good().isEmpty()) {
                continue;
            }
            Kept next = new Kept(entry.good(), owned(entry, decided), "");
            String source = entry.path().toString();
            if (!next.same(wanted.getOrDefault(source, kept.get(source)))) {
                wanted.put(source, next);
                changed = true;
            }
        }
        if (changed && due == null) {
            due = now.plus(GATHER);
        } else if (running == null && due != null && !now.isBefore(due)) {
            running = batch();
            disk.execute(running);
            due = now.plus(GATHER);
            finish(now);
        }
    }

    private static Set<String> owned(ManifestEntry entry, PodOwners decided) {
        Set<String> owns = new HashSet<>();
        for (ManifestFile.Document document : entry.good()) {
            PodName name = document.pod().name();
            if (decided.owners().get(name) == entry) {
                owns.add(name.toString());
            }
        }
        return owns;
    }

    private Batch batch() {
        Map<String, String> digests = new HashMap<>();
        for (String source : wanted.keySet()) {
            Kept before = kept.get(source);
            if (before != null) {
                digests.put(source, before.digest());
            }
        }
        return new Batch(store, Map.copyOf(wanted), digests);
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
        boolean failed = !running.failure.isEmpty();
        if (failed && !failing) {
            LOG.warn("cannot keep the last good content of manifests: {}", running.failure);
        }
        failing = failed;
        running = null;
        due = wanted.isEmpty() ? null : now.plus(failed ? RETRY : GATHER);
    }

    /** When something is to be written; null when all is. */
    Instant due() {
        return due;
    }

    /** Writes everything that is not yet on disk; waits for the disk. */
    void save() {
        if (!wanted.isEmpty()) {
            batch().run();
        }
    }

    /** Forgets a manifest that is gone. */
    void forget(String source) {
        wanted.remove(source);
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
