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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the published snapshot: what became of every file, since when, and logs each change once. Confined to the thread
 * of {@link ManifestDirectory}.
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

    /** Why the directory cannot be read; empty when it can. */
    String directoryProblem() {
        return directoryProblem;
    }

    void directoryProblem(String problem) {
        directoryProblem = problem;
    }

    /**
     * The snapshot after a turn; {@code before} itself when nothing changed.
     *
     * @param ignored null when the directory could not be read: then what was ignored before stays shown
     */
    DesiredPods update(
            DesiredPods before,
            Path directory,
            Collection<ManifestEntry> entries,
            List<DirectoryEntry> ignored,
            ObjectOwnership decided) {
        List<Manifest> manifests = new ArrayList<>();
        if (!directoryProblem.isEmpty()) {
            manifests.add(manifest(
                    directory.toString(),
                    Manifest.State.UNREADABLE,
                    heldBy(directory, entries, decided),
                    List.of(Finding.ofFile("the manifest directory cannot be read: " + directoryProblem
                            + "; what ran keeps running, and the directory is watched for"))));
        }
        for (ManifestEntry entry : entries) {
            boolean told = !directoryProblem.isEmpty() && entry.path().equals(directory);
            if (!told && (entry.state() != null || !entry.good().isEmpty())) {
                manifests.add(ofEntry(entry, decided));
            }
        }
        if (ignored != null) {
            ignoredBefore = new ArrayList<>();
            for (DirectoryEntry file : ignored) {
                ignoredBefore.add(manifest(
                        file.path().toString(),
                        Manifest.State.IGNORED,
                        Holds.NOTHING,
                        List.of(Finding.ofFile(file.notManifest()))));
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

    /** What is kept of the one file that stood where nothing can be read now. */
    private static Holds heldBy(Path path, Collection<ManifestEntry> entries, ObjectOwnership decided) {
        return entries.stream()
                .filter(entry -> entry.path().equals(path))
                .findFirst()
                .map(entry -> Holds.of(decided.of(entry)))
                .orElse(Holds.NOTHING);
    }

    private Manifest ofEntry(ManifestEntry entry, ObjectOwnership decided) {
        String path = entry.path().toString();
        Holds holds = Holds.NOTHING;
        List<ObjectKey> kept = decided.of(entry);
        if (!kept.isEmpty()) {
            holds = Holds.of(kept);
        }
        if (entry.state() == null) {
            return manifest(
                    path,
                    directoryProblem.isEmpty() ? Manifest.State.BEING_WRITTEN : Manifest.State.UNREADABLE,
                    holds,
                    List.of(Finding.ofFile("not read yet since the daemon started; its last good content runs")));
        }
        List<Finding> conflicts = decided.conflicts().get(path);
        if (conflicts == null || entry.state() != Manifest.State.ACCEPTED) {
            return manifest(path, entry.state(), holds, entry.problems());
        }
        List<Finding> problems = new ArrayList<>(conflicts);
        problems.addAll(entry.problems());
        return manifest(path, Manifest.State.CONFLICT, holds, problems);
    }

    /** What a file keeps. */
    private record Holds(List<PodName> pods, List<String> configs) {
        private static final Holds NOTHING = new Holds(List.of(), List.of());

        static Holds of(List<ObjectKey> keys) {
            List<PodName> pods = new ArrayList<>();
            List<String> configs = new ArrayList<>();
            for (ObjectKey key : keys) {
                if (key.isPod()) {
                    pods.add(new PodName(key.namespace(), key.name()));
                } else {
                    configs.add(key.toString());
                }
            }
            return new Holds(pods, configs);
        }
    }

    /** The one before where nothing has changed. */
    private Manifest manifest(String path, Manifest.State state, Holds holds, List<Finding> problems) {
        Manifest before = known.get(path);
        if (before == null || before.state() != state) {
            return new Manifest(path, state, holds.pods(), holds.configs(), problems, clock.instant());
        }
        boolean same = before.problems().equals(problems)
                && before.pods().equals(holds.pods())
                && before.configs().equals(holds.configs());
        return same ? before : new Manifest(path, state, holds.pods(), holds.configs(), problems, before.since());
    }

    // Other than equals of lists and maps, these do not ask what is the same object: PodName tells what the first time
    // costs.

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
                LOG.info("{} is gone", path);
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
            case REFUSED -> LOG.warn("{} is refused; running on: {}", path, manifest.objects());
            case CONFLICT -> LOG.warn("{} is in conflict; running of it: {}", path, manifest.objects());
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
