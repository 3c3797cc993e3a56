/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.time.Instant;
import java.util.Objects;

/** A request that changes one pod of the API server. */
sealed interface MirrorAction {

    /** Returns the pod that it changes. */
    NamespacedName name();

    /**
     * Returns a key that equals that of a repeated attempt. Only the repetition of a failed attempt
     * waits.
     */
    String attempt();

    /**
     * Deletes a pod immediately, but not a later pod of the same name.
     *
     * @param why the reason, half a sentence
     */
    record Delete(NamespacedName name, String uid, String why) implements MirrorAction {
        public Delete {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(uid, "uid");
            Objects.requireNonNull(why, "why");
        }

        @Override
        public String attempt() {
            return "delete " + uid;
        }
    }

    /**
     * Creates a mirror pod.
     *
     * @param nodeUid the UID of the Node that owns it
     * @param since when this version of the static pod was first seen
     */
    record Create(NamespacedName name, Pod pod, String nodeUid, Instant since) implements MirrorAction {
        public Create {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(pod, "pod");
            Objects.requireNonNull(nodeUid, "nodeUid");
            Objects.requireNonNull(since, "since");
        }

        @Override
        public String attempt() {
            return "create " + pod.uid() + " " + nodeUid;
        }
    }

    /**
     * Writes the status of a mirror pod.
     *
     * @param uid the UID of the mirror pod
     * @param status the digest of the status
     */
    record PatchStatus(NamespacedName name, PodName pod, String uid, String status) implements MirrorAction {
        public PatchStatus {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(pod, "pod");
            Objects.requireNonNull(uid, "uid");
            Objects.requireNonNull(status, "status");
        }

        /** Returns the common prefix of all attempts to write a status to a mirror pod. */
        static String attempt(String uid) {
            return "status " + uid + " ";
        }

        @Override
        public String attempt() {
            return attempt(uid) + status;
        }
    }
}
