/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Notices that the manifest directory is another one than before, or could not be read until now,
 * and decides how long its missing manifests count as not readable yet. A directory is replaced by
 * making an empty one and filling it, and an unmounted one is empty, so an empty directory alone does
 * not say that its pods are to end. Files that vanish from the same directory are removed as ever.
 * Confined to the thread of {@link ManifestDirectory}.
 */
final class DirectoryReplacement {

    /** How long to wait for the manifests of a directory that was empty, or could not be read. */
    static final Duration WAIT_IF_EMPTY = Duration.ofSeconds(30);

    /**
     * How long to wait for the manifests that another directory lacks, when it contained some of them at the first
     * look: it was probably swapped as a whole.
     */
    static final Duration WAIT_IF_FILLED = Duration.ofSeconds(2);

    /** Which directory it is. */
    record Identity(Object inode, Object device) {

        static Identity of(Path directory) throws IOException {
            Map<String, Object> attributes = Files.readAttributes(directory, "unix:ino,dev");
            return new Identity(
                    Objects.requireNonNull(attributes.get("ino"), "ino"),
                    Objects.requireNonNull(attributes.get("dev"), "dev"));
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Identity that && inode.equals(that.inode) && device.equals(that.device);
        }

        @Override
        public int hashCode() {
            return inode.hashCode();
        }
    }

    private @Nullable Identity known;
    private boolean unreadable;
    private Duration wait = Duration.ZERO;
    private @Nullable Instant until;
    private int missingBefore;
    private String change = "";

    /** Records that the directory cannot be read. */
    void unreadable() {
        unreadable = true;
        until = null;
    }

    /**
     * Records what a scan has found.
     *
     * @param identity of the directory
     * @param recreated whether this directory is known to be a new one although its identity might be the same
     * @param missing how many manifests were there before and are not now
     * @param empty whether it contains no manifest
     * @return whether the missing manifests count as not readable yet
     */
    boolean waits(Identity identity, boolean recreated, int missing, boolean empty, Instant now) {
        boolean other = known != null && (recreated || !identity.equals(known));
        if (unreadable || other) {
            change = change(identity, other);
            wait = empty || unreadable ? WAIT_IF_EMPTY : WAIT_IF_FILLED;
            until = now.plus(wait);
        } else if (until != null && missing < missingBefore) {
            until = now.plus(wait);
        }
        known = identity;
        unreadable = false;
        missingBefore = missing;
        if (missing == 0 || (until != null && !now.isBefore(until))) {
            until = null;
        }
        return until != null;
    }

    private String change(Identity identity, boolean other) {
        // A directory that is made anew often has the inode of the one before, so the identity says nothing here.
        if (unreadable || !other || known == null) {
            return "could not be read until now";
        }
        return identity.device().equals(known.device())
                ? "was replaced by another directory"
                : "is on another file system than before, as after an unmount or a mount";
    }

    /** When the missing manifests are given up; null if there are none to wait for. */
    @Nullable
    Instant until() {
        return until;
    }

    /** What happened to the directory, as a predicate, and until when pods keep running. */
    String message() {
        String which = missingBefore == 1 ? "1 manifest is" : missingBefore + " manifests are";
        return "the manifest directory " + change + ", and " + which
                + " missing since; what they declared keeps running" + " and ends if they are not there "
                + wait.toSeconds() + "s after the last change";
    }
}
