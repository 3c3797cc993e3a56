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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides when last good content goes to disk: once things are quiet, so that many pods started at once do not wait for
 * the disk; but a removal at once, so that a pod which was stopped is not wanted again after a crash. Confined to the
 * thread of {@link ManifestDirectory}.
 */
final class LastGoodKeeper {

    private static final Logger LOG = LoggerFactory.getLogger(LastGoodKeeper.class);

    private static final Duration QUIET = Duration.ofMillis(500);
    private static final Duration RETRY = Duration.ofSeconds(10);

    private final LastGoodManifests store;
    private final Map<String, Kept> kept = new HashMap<>();
    private final Map<String, Kept> wanted = new HashMap<>();
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

    LastGoodKeeper(LastGoodManifests store) {
        this.store = store;
    }

    List<LastGoodManifests.Content> load() {
        List<LastGoodManifests.Content> contents = store.load();
        for (LastGoodManifests.Content content : contents) {
            String digest = PodIdentity.sha256(LastGoodManifests.text(content));
            kept.put(content.source(), new Kept(List.of(), Set.of(), digest));
        }
        return contents;
    }

    /** Takes note of the state after a turn; writes it when nothing has changed for a while. */
    void update(Collection<ManifestEntry> entries, PodOwners decided, Instant now) {
        boolean changed = false;
        for (ManifestEntry entry : entries) {
            if (entry.good().isEmpty()) {
                continue;
            }
            Set<String> owns = new HashSet<>();
            for (ManifestFile.Document document : entry.good()) {
                PodName name = document.pod().name();
                if (decided.owners().get(name) == entry) {
                    owns.add(name.toString());
                }
            }
            Kept next = new Kept(entry.good(), owns, "");
            String source = entry.path().toString();
            if (!next.same(wanted.getOrDefault(source, kept.get(source)))) {
                wanted.put(source, next);
                changed = true;
            }
        }
        if (changed) {
            due = now.plus(QUIET);
        } else if (due != null && !now.isBefore(due)) {
            save();
            due = failing ? now.plus(RETRY) : null;
        }
    }

    /** When something is to be written; null when all is. */
    Instant due() {
        return due;
    }

    /** Writes everything that is not yet on disk. */
    void save() {
        boolean failed = false;
        for (Map.Entry<String, Kept> each : List.copyOf(wanted.entrySet())) {
            String source = each.getKey();
            Kept next = each.getValue();
            String text = LastGoodManifests.text(next.content(source));
            String digest = PodIdentity.sha256(text);
            Kept before = kept.get(source);
            try {
                if (before == null || !before.digest().equals(digest)) {
                    store.save(source, text);
                }
                kept.put(source, new Kept(next.good(), next.owns(), digest));
                wanted.remove(source);
            } catch (IOException e) {
                failed = true;
                if (!failing) {
                    LOG.warn("cannot keep the last good content of {}: {}", source, e.toString());
                }
            }
        }
        failing = failed;
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
