package io.jubelet.desired;

import io.jubelet.document.Finding;
import io.jubelet.pod.PodName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * One entry of the manifest directory and what became of it.
 *
 * @param path absolute
 * @param state what became of it
 * @param pods the pods that this file keeps running: its own, or those of its last good content
 * @param configs the ConfigMaps and Secrets that this file keeps in the same way, such as {@code ConfigMap default/web}
 * @param problems why it is refused, ignored, in conflict or waited for; warnings when it is accepted
 * @param since when it came into this state
 */
public record Manifest(
        String path, State state, List<PodName> pods, List<String> configs, List<Finding> problems, Instant since) {

    /** What became of a file. */
    public enum State {
        /** Its pods are wanted. */
        ACCEPTED,
        /** It has errors; its last good content, if any, stays wanted. */
        REFUSED,
        /** Not a manifest: a backup, an editor's file, a directory, a FIFO, another extension. */
        IGNORED,
        /** It names a pod that another file already keeps. */
        CONFLICT,
        /** Somebody is still writing it; its last good content, if any, stays wanted. */
        BEING_WRITTEN,
        /** The directory itself cannot be read or does not exist; what ran keeps running. */
        UNREADABLE
    }

    public Manifest {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(state, "state");
        pods = List.copyOf(pods);
        configs = List.copyOf(configs);
        problems = List.copyOf(problems);
        Objects.requireNonNull(since, "since");
    }

    /** One without any ConfigMap or Secret. */
    public Manifest(String path, State state, List<PodName> pods, List<Finding> problems, Instant since) {
        this(path, state, pods, List.of(), problems, since);
    }

    /** Everything it keeps, in words: pods as {@code default/web}, then the others. */
    public List<String> objects() {
        List<String> all = new ArrayList<>();
        pods.forEach(pod -> all.add(pod.toString()));
        all.addAll(configs);
        return all;
    }
}
