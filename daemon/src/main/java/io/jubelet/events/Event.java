package io.jubelet.events;

import io.jubelet.pod.PodName;
import java.time.Instant;
import java.util.Objects;

/**
 * Something that happened to a pod, once or again and again.
 *
 * @param id unique on this node, growing with the first time
 * @param pod whose event it is
 * @param ofNode whether it happened to the node, and no pod: {@code pod} then only carries the name of the node
 * @param uid of the version it happened to; empty when unknown
 * @param container whose event it is; empty when it is the pod's as a whole
 * @param init whether that is an init container
 * @param warning whether somebody should look at it
 * @param reason one CamelCase word of the kubelet's
 * @param message one sentence for people
 * @param count how often, at least once
 * @param first when it happened first
 * @param last when it happened last
 */
public record Event(
        long id,
        PodName pod,
        boolean ofNode,
        String uid,
        String container,
        boolean init,
        boolean warning,
        String reason,
        String message,
        int count,
        Instant first,
        Instant last) {

    public Event {
        Objects.requireNonNull(pod, "pod");
        Objects.requireNonNull(uid, "uid");
        Objects.requireNonNull(container, "container");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(first, "first");
        Objects.requireNonNull(last, "last");
    }

    /** The part of the pod it is about, as the API has it: {@code spec.containers{app}}; empty for the pod as a whole. */
    public String fieldPath() {
        return container.isEmpty() ? "" : (init ? "spec.initContainers{" : "spec.containers{") + container + "}";
    }

    /** The same once more. */
    Event again(Instant now) {
        return new Event(id, pod, ofNode, uid, container, init, warning, reason, message, count + 1, first, now);
    }
}
