/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import io.jubelet.document.Finding;
import io.jubelet.manifest.ManifestFile;
import io.jubelet.node.UnfinishedWork;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodSpec;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The memory that the content of all manifests and their problems may take together. A file has what it needs or is refused: its
 * last good content stays, and others are not affected. Confined to the thread of {@link ManifestDirectory}.
 */
public final class ManifestBudget {

    /** Enough for 110 pods with manifests of 20 kB and nine ConfigMaps of 1 MiB beside them. */
    public static final long DEFAULT_BYTES = 24 << 20;

    /** The memory in bytes for the problems of all files. With less room, a file shows the first one only. */
    static final long PROBLEM_BYTES = 4 << 20;

    /** What a document takes beside its content: its records here, in the worker and in the status. */
    private static final int DOCUMENT_BYTES = 2048;

    /** What a container takes in the status, the view of the runtime, and the probes. */
    private static final int CONTAINER_BYTES = 4096;

    /** A character is in the text of a document, and once more in the object that was parsed. */
    private static final int COPIES = 2;

    /** What a value of the parsed object takes beside its characters. */
    private static final int VALUE_BYTES = 100;

    private static final int FINDING_BYTES = 128;
    private static final int MAX_FIRST = 512;

    private final long limit;
    private final UnfinishedWork unfinished;
    private long used;
    private long problemsUsed;
    private long released;

    /**
     * @param limit in bytes
     * @param unfinished remembers which large file is being read
     */
    public ManifestBudget(long limit, UnfinishedWork unfinished) {
        this.limit = limit;
        this.unfinished = Objects.requireNonNull(unfinished, "unfinished");
    }

    UnfinishedWork unfinished() {
        return unfinished;
    }

    /** About how many bytes of memory documents take. */
    static long bytes(List<ManifestFile.Document> documents) {
        long bytes = 0;
        for (ManifestFile.Document document : documents) {
            bytes += bytes(document.json());
            if (document.content() instanceof ManifestFile.OfPod(Pod pod)) {
                PodSpec spec = pod.spec();
                bytes += (long) CONTAINER_BYTES
                        * (spec.initContainers().size() + spec.containers().size());
            }
        }
        return bytes;
    }

    private static long bytes(String json) {
        int width = 1;
        int values = 1;
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (c == ',') {
                values++; // or a comma of a string, which errs on the safe side
            } else if (c > 0xff) {
                width = 2;
            }
        }
        return DOCUMENT_BYTES + (long) COPIES * width * json.length() + (long) VALUE_BYTES * values;
    }

    /**
     * Replaces the content of a file.
     *
     * @param before what its content takes now, in bytes
     * @param after what it will take
     * @return why it must not be replaced; empty when it is
     */
    Optional<String> replace(long before, long after) {
        if (after > before && used - before + after > limit) {
            return Optional.of(
                    "needs about " + kib(after) + " KiB of memory, and " + (Math.max(0, limit - used + before) >> 10)
                            + " KiB are free of the " + (limit >> 10)
                            + " KiB for all manifests; remove others, or give the daemon a larger heap"
                            + " (JUBELET_JAVA_OPTS=-Xmx256m)");
        }
        restore(before, after);
        return Optional.empty();
    }

    /** As {@link #replace}, for what was accepted before: it always has its place. */
    void restore(long before, long after) {
        used += after - before;
        released += Math.max(0, before - after);
    }

    /** How many bytes have been given back since the start; a change means that a refused file might fit now. */
    long released() {
        return released;
    }

    private static long kib(long bytes) {
        return (bytes + 1023) >> 10;
    }

    /**
     * The problems of a file as far as there is room for them: all, or the first.
     *
     * @param before those that it showed until now, which go
     */
    List<Finding> problems(List<Finding> before, List<Finding> after) {
        problemsUsed -= bytesOf(before);
        long bytes = bytesOf(after);
        List<Finding> shown = after;
        if (problemsUsed + bytes > PROBLEM_BYTES && bytes > FINDING_BYTES + MAX_FIRST) {
            shown = List.of(shortened(after.getFirst(), after.size() - 1));
        }
        problemsUsed += bytesOf(shown);
        return List.copyOf(shown);
    }

    private static long bytesOf(List<Finding> findings) {
        long bytes = 0;
        for (Finding finding : findings) {
            bytes += FINDING_BYTES
                    + finding.message().length()
                    + finding.field().map(String::length).orElse(0);
        }
        return bytes;
    }

    private static Finding shortened(Finding finding, int others) {
        String text = (finding.field().isPresent() ? finding.field().get() + ": " : "") + finding.message();
        String start = text.length() <= MAX_FIRST / 2 ? text : text.substring(0, MAX_FIRST / 2) + " [...]";
        String rest = others == 0 ? "" : "; " + others + " more are not shown because so many files have problems";
        return new Finding(finding.line(), finding.column(), Optional.empty(), start + rest);
    }
}
