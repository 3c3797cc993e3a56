/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.events;

import io.jubelet.pod.PodName;
import java.time.Instant;
import java.util.Objects;

/**
 * Something that happened to a pod or to the node, once or repeatedly.
 *
 * @param id unique on this node; grows with the time of the first occurrence
 * @param object what it happened to
 * @param warning whether its type is Warning; otherwise it is Normal
 * @param reason one CamelCase word, the kubelet's where it has one
 * @param message one sentence for people
 * @param series how often and when it happened
 */
public record Event(
        long id, InvolvedObject object, boolean warning, String reason, String message, EventSeries series) {

    public Event {
        Objects.requireNonNull(object, "object");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(series, "series");
    }

    /** The pod, or the name of the node as {@link InvolvedObject#pod} gives it. */
    public PodName pod() {
        return object.pod();
    }

    /** How often it happened, at least once. */
    public int count() {
        return series.count();
    }

    /** When it happened last. */
    public Instant last() {
        return series.last();
    }

    /** The same event after one more occurrence, with the message of that. */
    Event next(Instant now, String latest) {
        return new Event(id, object, warning, reason, latest, series.next(now));
    }
}
