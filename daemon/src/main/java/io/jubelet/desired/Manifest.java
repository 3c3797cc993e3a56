/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import io.jubelet.document.Finding;
import io.jubelet.pod.PodName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * One entry of the manifest directory and its state.
 *
 * @param path absolute
 * @param state its state
 * @param pods the pods that this file keeps running: its own, or those of its last good content
 * @param configs the ConfigMaps and Secrets of this file in the same way, such as {@code ConfigMap
 *     default/web}
 * @param problems why it is refused, ignored, in conflict or not read yet; warnings if it is
 *     accepted
 * @param since when it entered this state
 * @param held the pods among {@code pods} that run from last good content because of errors in the file
 */
public record Manifest(
        String path,
        State state,
        List<PodName> pods,
        List<String> configs,
        List<Finding> problems,
        Instant since,
        List<PodName> held) {

    /** The state of a file. */
    public enum State {
        /** It is valid, and its pods run. */
        ACCEPTED,
        /** It has errors; its last good content, if any, keeps running. */
        REFUSED,
        /** Some of its documents have errors; the others run, unless one pod uses both. */
        PARTLY_REFUSED,
        /** Not a manifest: a backup, an editor's file, a directory, a FIFO, another extension. */
        IGNORED,
        /** Looks like a pod, but only a kubelet reads a file of its name; or a directory with more entries than are read. */
        NOT_READ,
        /** It contains an object that another file owns. */
        CONFLICT,
        /** A process is still writing it; its last good content, if any, keeps running. */
        BEING_WRITTEN,
        /**
         * The directory itself cannot be read, does not exist, or was replaced and lacks manifests; its pods keep running.
         */
        UNREADABLE,
        /** The directory itself contains no manifest. */
        EMPTY
    }

    public Manifest {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(state, "state");
        pods = List.copyOf(pods);
        configs = List.copyOf(configs);
        problems = List.copyOf(problems);
        Objects.requireNonNull(since, "since");
        held = List.copyOf(held);
    }

    /** Creates a manifest none of whose pods is held up by errors. */
    public Manifest(
            String path, State state, List<PodName> pods, List<String> configs, List<Finding> problems, Instant since) {
        this(path, state, pods, configs, problems, since, List.of());
    }

    /** Creates a manifest without ConfigMaps and Secrets. */
    public Manifest(String path, State state, List<PodName> pods, List<Finding> problems, Instant since) {
        this(path, state, pods, List.of(), problems, since);
    }

    /** The same manifest with other problems. */
    public Manifest withProblems(List<Finding> others) {
        return new Manifest(path, state, pods, configs, others, since, held);
    }

    /** The names of all its objects: pods as {@code default/web}, then the others. */
    public List<String> objects() {
        List<String> all = new ArrayList<>();
        pods.forEach(pod -> all.add(pod.toString()));
        all.addAll(configs);
        return all;
    }
}
