package io.jubelet.mirror;

import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.time.Instant;
import java.util.Objects;

/** One request about one pod of the API server. */
sealed interface MirrorAction {

    /** Whose it is. */
    NamespacedName name();

    /** What makes two of them the same attempt: one that was refused waits, another one does not. */
    String attempt();

    /**
     * Deletes a pod at once, but no other one that has got its name meanwhile.
     *
     * @param why half a sentence
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
     * Creates a mirror.
     *
     * @param nodeUid of the Node that owns it
     * @param since when this version was seen first
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
     * Writes the status of a mirror.
     *
     * @param uid of the mirror
     * @param status a digest of what is written
     */
    record PatchStatus(NamespacedName name, PodName pod, String uid, String status) implements MirrorAction {
        public PatchStatus {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(pod, "pod");
            Objects.requireNonNull(uid, "uid");
            Objects.requireNonNull(status, "status");
        }

        /** How all attempts begin to write a status to a mirror. */
        static String attempt(String uid) {
            return "status " + uid + " ";
        }

        @Override
        public String attempt() {
            return attempt(uid) + status;
        }
    }
}
