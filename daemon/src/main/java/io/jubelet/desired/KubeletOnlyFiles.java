/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds files that a kubelet would run and that are not read here because of the suffix of their
 * names. Loaded when a directory contains a file with another suffix. Confined to the thread of
 * {@link ManifestDirectory}.
 */
final class KubeletOnlyFiles {

    /**
     * How long a file must stay unchanged, because tools write temporary files beside a manifest and
     * rename them. The files of the first scan are reported at once.
     */
    static final Duration UNCHANGED = Duration.ofSeconds(3);

    /** A manifest has its kind near its beginning; a larger file need not be read to its end. */
    private static final int BYTES = 1 << 16;

    private static final Pattern POD = Pattern.compile("(?<![\\w.-])[\"']?kind[\"']?\\s*:\\s*[\"']?Pod(?![\\w.-])");

    private Map<Path, Seen> files = new HashMap<>();
    private boolean waits;
    private @Nullable Instant nextScanAt;

    /** @param waits whether the first files may still change; false for those that a first scan finds */
    KubeletOnlyFiles(boolean waits) {
        this.waits = waits;
    }

    /** @param judgeAt when it is read to see what it is */
    private record Seen(DirectoryEntry.Stamp stamp, Instant judgeAt, boolean judged, boolean pod) {}

    /** When the next file has been unchanged long enough; null if none is waited for. */
    @Nullable
    Instant nextScanAt() {
        return nextScanAt;
    }

    /** Returns the paths among {@code ignored} of files that look like pods. */
    Set<Path> find(List<DirectoryEntry> ignored, Instant now) {
        Map<Path, Seen> next = new HashMap<>();
        Set<Path> pods = new HashSet<>();
        nextScanAt = null;
        for (DirectoryEntry file : ignored) {
            if (!file.isReadByKubeletOnly()) {
                continue;
            }
            DirectoryEntry.Stamp stamp = file.manifestStamp();
            Seen seen = files.get(file.path());
            if (seen == null || !seen.stamp().equals(stamp)) {
                seen = new Seen(stamp, waits ? now.plus(UNCHANGED) : now, false, false);
            }
            if (!seen.judged() && !now.isBefore(seen.judgeAt())) {
                seen = new Seen(stamp, seen.judgeAt(), true, looksLikePod(file.path()));
            }
            if (!seen.judged() && (nextScanAt == null || seen.judgeAt().isBefore(nextScanAt))) {
                nextScanAt = seen.judgeAt();
            }
            if (seen.pod()) {
                pods.add(file.path());
            }
            next.put(file.path(), seen);
        }
        files = next;
        waits = true;
        return pods;
    }

    /** Whether a file looks like a pod; false if it cannot be read. */
    static boolean looksLikePod(Path file) {
        try (var in = Files.newInputStream(file)) {
            // ISO 8859-1 decodes every byte.
            String text = new String(in.readNBytes(BYTES), StandardCharsets.ISO_8859_1);
            return text.contains("apiVersion") && POD.matcher(text).find();
        } catch (IOException e) {
            return false;
        }
    }
}
