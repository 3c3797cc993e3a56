/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import io.jubelet.document.Finding;
import io.jubelet.manifest.ObjectKey;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds the published snapshot, with the state of every file and the time of its last change, and
 * logs each change once. Confined to the thread of {@link ManifestDirectory}.
 */
final class ManifestReport {

    private static final Logger LOG = LoggerFactory.getLogger(ManifestDirectory.class);

    private final InstantSource clock;
    private final Map<String, Manifest> known = new HashMap<>();
    private List<Manifest> ignoredBefore = List.of();
    private String directoryProblem = "";

    ManifestReport(InstantSource clock) {
        this.clock = clock;
    }

    /** Why the directory cannot be read; empty if it can. */
    String directoryProblem() {
        return directoryProblem;
    }

    void directoryProblem(String problem) {
        directoryProblem = problem;
    }

    /**
     * Returns the snapshot after a scan, or {@code before} itself if nothing changed.
     *
     * @param ignored null if the directory could not be read: the entries that were ignored before
     *     stay listed
     */
    DesiredPods update(
            DesiredPods before,
            Path directory,
            Collection<ManifestEntry> entries,
            @Nullable List<DirectoryEntry> ignored,
            ObjectOwnership decided) {
        List<Manifest> manifests = new ArrayList<>();
        if (!directoryProblem.isEmpty()) {
            manifests.add(manifest(
                    directory.toString(),
                    Manifest.State.UNREADABLE,
                    ownedBy(directory, entries, decided),
                    List.of(Finding.ofFile("the manifest directory cannot be read: " + directoryProblem
                            + "; its pods keep running, and it is read as soon as it is there"))));
        }
        for (ManifestEntry entry : entries) {
            boolean eventsAvailable =
                    !directoryProblem.isEmpty() && entry.path().equals(directory);
            if (!eventsAvailable && (entry.state() != null || !entry.lastGood().isEmpty())) {
                manifests.add(ofEntry(entry, decided));
            }
        }
        if (ignored != null) {
            ignoredBefore = new ArrayList<>();
            for (DirectoryEntry file : ignored) {
                ignoredBefore.add(manifest(
                        file.path().toString(),
                        Manifest.State.IGNORED,
                        OwnedObjects.NOTHING,
                        List.of(Finding.ofFile(file.ignoredReason()))));
            }
        }
        manifests.addAll(ignoredBefore);
        manifests.sort(Comparator.comparing(Manifest::path));
        boolean sameConfig = decided.localConfig() == before.localConfig()
                || decided.localConfig().equals(before.localConfig());
        if (sameConfig && same(manifests, before.manifests()) && same(decided.pods(), before.pods())) {
            return before;
        }
        log(manifests);
        return new DesiredPods(decided.pods(), manifests, sameConfig ? before.localConfig() : decided.localConfig());
    }

    /** The objects of the single file whose path cannot be read now. */
    private static OwnedObjects ownedBy(Path path, Collection<ManifestEntry> entries, ObjectOwnership decided) {
        return entries.stream()
                .filter(entry -> entry.path().equals(path))
                .findFirst()
                .map(entry -> OwnedObjects.of(decided.of(entry)))
                .orElse(OwnedObjects.NOTHING);
    }

    private Manifest ofEntry(ManifestEntry entry, ObjectOwnership decided) {
        String path = entry.path().toString();
        OwnedObjects owned = OwnedObjects.NOTHING;
        List<ObjectKey> stored = decided.of(entry);
        if (!stored.isEmpty()) {
            owned = OwnedObjects.of(stored);
        }
        if (entry.state() == null) {
            return manifest(
                    path,
                    directoryProblem.isEmpty() ? Manifest.State.BEING_WRITTEN : Manifest.State.UNREADABLE,
                    owned,
                    List.of(Finding.ofFile(
                            "not read yet since the daemon started; its last good content keeps running")));
        }
        List<Finding> conflicts = decided.conflicts().get(path);
        if (conflicts == null || entry.state() != Manifest.State.ACCEPTED) {
            return manifest(path, entry.state(), owned, entry.problems());
        }
        List<Finding> problems = new ArrayList<>(conflicts);
        problems.addAll(entry.problems());
        return manifest(path, Manifest.State.CONFLICT, owned, problems);
    }

    /** The objects that a file owns. */
    private record OwnedObjects(List<PodName> pods, List<String> configs) {
        private static final OwnedObjects NOTHING = new OwnedObjects(List.of(), List.of());

        static OwnedObjects of(List<ObjectKey> keys) {
            List<PodName> pods = new ArrayList<>();
            List<String> configs = new ArrayList<>();
            for (ObjectKey key : keys) {
                if (key.isPod()) {
                    pods.add(new PodName(key.namespace(), key.name()));
                } else {
                    configs.add(key.toString());
                }
            }
            return new OwnedObjects(pods, configs);
        }
    }

    /** Returns the manifest of the snapshot before if nothing has changed. */
    private Manifest manifest(String path, Manifest.State state, OwnedObjects owned, List<Finding> problems) {
        Manifest before = known.get(path);
        if (before == null || before.state() != state) {
            return new Manifest(path, state, owned.pods(), owned.configs(), problems, clock.instant());
        }
        boolean same = before.problems().equals(problems)
                && before.pods().equals(owned.pods())
                && before.configs().equals(owned.configs());
        return same ? before : new Manifest(path, state, owned.pods(), owned.configs(), problems, before.since());
    }

    // Unlike equals of lists and maps, these compare entries without their identity first; PodName
    // says what the first use costs.

    private static boolean same(List<Manifest> some, List<Manifest> others) {
        boolean same = some.size() == others.size();
        for (int i = 0; same && i < some.size(); i++) {
            same = Objects.equals(some.get(i), others.get(i));
        }
        return same;
    }

    private static boolean same(Map<PodName, Pod> some, Map<PodName, Pod> others) {
        return some.size() == others.size()
                && some.keySet().stream().allMatch(name -> Objects.equals(some.get(name), others.get(name)));
    }

    private void log(List<Manifest> manifests) {
        Map<String, Manifest> now = new HashMap<>();
        for (Manifest manifest : manifests) {
            now.put(manifest.path(), manifest);
            if (known.get(manifest.path()) != manifest) {
                log(manifest);
            }
        }
        for (String path : known.keySet()) {
            if (!now.containsKey(path)) {
                LOG.info("{} was removed", path);
            }
        }
        known.clear();
        known.putAll(now);
    }

    private static void log(Manifest manifest) {
        String path = manifest.path();
        switch (manifest.state()) {
            case ACCEPTED -> LOG.info("{} is accepted: {}", path, manifest.objects());
            case IGNORED ->
                LOG.info("{} is ignored: {}", path, manifest.problems().getFirst());
            case BEING_WRITTEN -> LOG.info("{} is being written", path);
            case REFUSED -> LOG.warn("{} is refused; last good version keeps running: {}", path, manifest.objects());
            case CONFLICT -> LOG.warn("{} is in conflict; running from it: {}", path, manifest.objects());
            case UNREADABLE -> LOG.warn("{}: {}", path, manifest.problems().getFirst());
        }
        boolean detailed = switch (manifest.state()) {
            case ACCEPTED, REFUSED, CONFLICT -> true;
            case IGNORED, BEING_WRITTEN, UNREADABLE -> false;
        };
        if (detailed) {
            for (Finding problem : manifest.problems()) {
                LOG.warn("{}{}{}", path, problem.line() > 0 ? ":" : ": ", problem);
            }
        }
    }
}
