/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import io.jubelet.document.Finding;
import io.jubelet.events.EventRecorder;
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
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds the published snapshot, with the state of every file and the time of its last change, and
 * logs each change once. Confined to the thread of {@link ManifestDirectory}.
 */
final class ManifestReport {

    private static final Logger LOG = LoggerFactory.getLogger(ManifestDirectory.class);

    /** What a user can do about a file that looks like a pod and is not read because of its name. */
    static final String WAY_OUT = "; rename it, or start with --manifest-names=kubelet to read files as a kubelet does";

    private final InstantSource clock;
    private final Map<String, Manifest> known = new HashMap<>();
    private List<Manifest> ignoredBefore = List.of();
    private final EventRecorder events;
    private final String directory;
    private final String node;
    private DirectoryState directoryState = DirectoryState.READABLE;
    private Optional<String> directoryProblem = Optional.empty();
    private boolean announced;

    /** The state of the manifest directory itself. */
    enum DirectoryState {
        READABLE,
        UNREADABLE,
        /** It was replaced and lacks manifests, whose pods keep running for a while. */
        REPLACED,
        EMPTY,
        /** It has more entries than are looked at. */
        CROWDED,
        /** Other users can put manifests into it. */
        EXPOSED
    }

    ManifestReport(ManifestSource source, InstantSource clock, EventRecorder events) {
        this.clock = clock;
        this.events = events;
        this.directory = source.path().toString();
        this.node = source.nodes().current();
    }

    DirectoryState directoryState() {
        return directoryState;
    }

    /**
     * Sets the state of the directory, and logs and records a change.
     *
     * @param problem one sentence; empty if the directory is readable
     */
    void directory(DirectoryState state, Optional<String> problem) {
        boolean changed = state != directoryState || !problem.equals(directoryProblem);
        boolean first = !announced;
        directoryProblem = problem;
        announced = true;
        if (!changed) {
            return;
        }
        DirectoryState before = directoryState;
        directoryState = state;
        switch (state) {
            case UNREADABLE -> warn("ManifestDirectoryUnreadable");
            case REPLACED -> warn("ManifestDirectoryReplaced");
            case CROWDED -> warn("ManifestDirectoryCrowded");
            case EXPOSED -> warn("ManifestDirectoryExposed");
            case EMPTY -> {
                String what = problem.orElseThrow();
                LOG.info("{}: {}", directory, what);
                if (!first) {
                    events.normal(node, "ManifestDirectoryEmpty", directory + ": " + what);
                }
            }
            case READABLE -> {
                if (before == DirectoryState.EXPOSED) {
                    LOG.info("{}: only the daemon's user and root can change the manifest directory now", directory);
                } else if (before != DirectoryState.EMPTY) {
                    LOG.info("{}: the manifest directory is complete again", directory);
                    events.normal(
                            node,
                            "ManifestDirectoryReadable",
                            directory + ": the manifest directory is complete again");
                }
            }
        }
    }

    private void warn(String reason) {
        String problem = directoryProblem.orElseThrow();
        LOG.warn("{}: {}", directory, problem);
        events.warning(node, reason, directory + ": " + problem);
    }

    /**
     * Returns the snapshot after a scan, or {@code before} itself if nothing changed.
     *
     * @param ignored null if the directory could not be read: the entries that were ignored before
     *     stay listed
     * @param kubeletPods those among {@code ignored} that a kubelet would run
     */
    DesiredPods update(
            DesiredPods before,
            Collection<ManifestEntry> entries,
            @Nullable List<DirectoryEntry> ignored,
            Set<Path> kubeletPods,
            ObjectOwnership decided) {
        List<Manifest> manifests = new ArrayList<>();
        if (directoryProblem.isPresent()) {
            manifests.add(manifest(
                    directory,
                    ofDirectory(directoryState),
                    ownedBy(entries, decided),
                    List.of(Finding.ofFile(directoryProblem.get()))));
        }
        for (ManifestEntry entry : entries) {
            boolean listed =
                    directoryProblem.isPresent() && entry.path().toString().equals(directory);
            if (!listed && (entry.state() != null || !entry.lastGood().isEmpty())) {
                manifests.add(ofEntry(entry, decided));
            }
        }
        if (ignored != null) {
            ignoredBefore = new ArrayList<>();
            for (DirectoryEntry file : ignored) {
                boolean pod = kubeletPods.contains(file.path());
                String reason = file.ignoredReason().orElseThrow();
                ignoredBefore.add(manifest(
                        file.path().toString(),
                        pod ? Manifest.State.NOT_READ : Manifest.State.IGNORED,
                        OwnedObjects.NOTHING,
                        List.of(Finding.ofFile(pod ? "looks like a pod, but " + reason + WAY_OUT : reason))));
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
        return new DesiredPods(
                decided.pods(), manifests, sameConfig ? before.localConfig() : decided.localConfig(), directoryProblem);
    }

    private static Manifest.State ofDirectory(DirectoryState state) {
        return switch (state) {
            case EMPTY -> Manifest.State.EMPTY;
            case CROWDED -> Manifest.State.NOT_READ;
            case EXPOSED -> Manifest.State.ACCEPTED;
            case UNREADABLE, REPLACED, READABLE -> Manifest.State.UNREADABLE;
        };
    }

    /** The objects of the single file whose path cannot be read now. */
    private OwnedObjects ownedBy(Collection<ManifestEntry> entries, ObjectOwnership decided) {
        for (ManifestEntry entry : entries) {
            if (entry.path().toString().equals(directory)) {
                return OwnedObjects.of(decided.of(entry), entry.held());
            }
        }
        return OwnedObjects.NOTHING;
    }

    private Manifest ofEntry(ManifestEntry entry, ObjectOwnership decided) {
        String path = entry.path().toString();
        OwnedObjects owned = OwnedObjects.NOTHING;
        List<ObjectKey> stored = decided.of(entry);
        if (!stored.isEmpty()) {
            owned = OwnedObjects.of(stored, entry.held());
        }
        if (entry.state() == null) {
            return manifest(
                    path,
                    directoryState == DirectoryState.UNREADABLE
                            ? Manifest.State.UNREADABLE
                            : Manifest.State.BEING_WRITTEN,
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

    /** The objects that a file owns, and the pods among them that errors hold up. */
    private record OwnedObjects(List<PodName> pods, List<String> configs, List<PodName> held) {
        private static final OwnedObjects NOTHING = new OwnedObjects(List.of(), List.of(), List.of());

        static OwnedObjects of(List<ObjectKey> keys, Set<ObjectKey> heldUp) {
            List<PodName> pods = new ArrayList<>();
            List<String> configs = new ArrayList<>();
            List<PodName> held = new ArrayList<>();
            for (ObjectKey key : keys) {
                if (key.isPod()) {
                    PodName pod = new PodName(key.namespace(), key.name());
                    pods.add(pod);
                    if (heldUp.contains(key)) {
                        held.add(pod);
                    }
                } else {
                    configs.add(key.toString());
                }
            }
            return new OwnedObjects(pods, configs, held);
        }
    }

    /** Returns the manifest of the snapshot before if nothing has changed. */
    private Manifest manifest(String path, Manifest.State state, OwnedObjects owned, List<Finding> problems) {
        Manifest before = known.get(path);
        if (before == null || before.state() != state) {
            return new Manifest(path, state, owned.pods(), owned.configs(), problems, clock.instant(), owned.held());
        }
        boolean same = before.problems().equals(problems)
                && before.pods().equals(owned.pods())
                && before.configs().equals(owned.configs())
                && before.held().equals(owned.held());
        return same
                ? before
                : new Manifest(path, state, owned.pods(), owned.configs(), problems, before.since(), owned.held());
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
            if (known.get(manifest.path()) != manifest && !isDirectory(manifest)) {
                log(manifest);
            }
        }
        for (String path : known.keySet()) {
            if (!now.containsKey(path) && !isDirectory(known.get(path))) {
                LOG.info("{} was removed", path);
            }
        }
        known.clear();
        known.putAll(now);
    }

    /** Whether it stands for the directory itself, whose changes {@link #directory} logs. */
    private boolean isDirectory(@Nullable Manifest manifest) {
        return manifest != null
                && manifest.path().equals(directory)
                && (manifest.state() == Manifest.State.UNREADABLE
                        || manifest.state() == Manifest.State.NOT_READ
                        || (manifest.state() == Manifest.State.ACCEPTED && directoryState == DirectoryState.EXPOSED)
                        || manifest.state() == Manifest.State.EMPTY);
    }

    private static void log(Manifest manifest) {
        String path = manifest.path();
        switch (manifest.state()) {
            case ACCEPTED -> LOG.info("{} is accepted: {}", path, manifest.objects());
            case IGNORED ->
                LOG.info("{} is ignored: {}", path, manifest.problems().getFirst());
            case NOT_READ ->
                LOG.warn("{} is not read: it {}", path, manifest.problems().getFirst());
            case BEING_WRITTEN -> LOG.info("{} is being written", path);
            case REFUSED -> LOG.warn("{} is refused; last good version keeps running: {}", path, manifest.objects());
            case PARTLY_REFUSED ->
                LOG.warn(
                        "{} is refused in part; running from it: {}, of these in their last good version: {}",
                        path,
                        manifest.objects(),
                        manifest.held());
            case CONFLICT -> LOG.warn("{} is in conflict; running from it: {}", path, manifest.objects());
            case UNREADABLE, EMPTY ->
                LOG.warn("{}: {}", path, manifest.problems().getFirst());
        }
        boolean detailed = switch (manifest.state()) {
            case ACCEPTED, REFUSED, PARTLY_REFUSED, CONFLICT -> true;
            case IGNORED, NOT_READ, BEING_WRITTEN, UNREADABLE, EMPTY -> false;
        };
        if (detailed) {
            for (Finding problem : manifest.problems()) {
                LOG.warn("{}{}{}", path, problem.line() > 0 ? ":" : ": ", problem);
            }
        }
    }
}
