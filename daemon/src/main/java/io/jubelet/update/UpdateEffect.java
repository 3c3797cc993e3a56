/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.update;

import java.util.Optional;

/** What the daemon does with a pod when its manifest gets other content. This is the one place that classifies an edit. */
public enum UpdateEffect {
    /** The content of the version is the same: comments, the order of keys, defaults and status are no part of it. */
    NONE("nothing changes"),
    /** The version that runs is wanted again, and an edit that was accepted and waits is dropped. */
    KEPT("the running version is kept, and the accepted edit that waits is dropped"),
    /** No version of the pod is there. */
    STARTED("the pod is started"),
    /** The old version stops and the new one starts. */
    REPLACED(
            "the pod is replaced: the new version is prepared while the old one runs, then the old one stops within its"
                    + " grace period and the new one starts"),
    /** The manifest has the pod no more. */
    STOPPED("the pod is stopped within its grace period and removed");

    private final String text;

    UpdateEffect(String text) {
        this.text = text;
    }

    /**
     * Classifies an edit. An edit of any field replaces the pod.
     *
     * @param running the hash of a version other than the accepted one that still runs; empty if there is none
     * @param accepted the hash of the version that the daemon has accepted; empty if there is none
     * @param next the hash of the new version; empty if the pod goes
     */
    public static UpdateEffect of(Optional<String> running, Optional<String> accepted, Optional<String> next) {
        if (next.isEmpty()) {
            return running.isEmpty() && accepted.isEmpty() ? NONE : STOPPED;
        }
        if (next.equals(accepted)) {
            return NONE;
        }
        if (next.equals(running)) {
            return KEPT;
        }
        return running.isEmpty() && accepted.isEmpty() ? STARTED : REPLACED;
    }

    /** One clause for users. */
    public String text() {
        return text;
    }
}
