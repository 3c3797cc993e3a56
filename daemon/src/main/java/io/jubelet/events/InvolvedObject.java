/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.events;

import io.jubelet.pod.PodName;
import java.util.Objects;
import java.util.Optional;

/**
 * The object that an event is about.
 *
 * @param pod the pod; of an event of the node, a name that carries the name of the node
 * @param ofNode whether the event is about the node and not about a pod
 * @param uid of the version of the pod; of an event of the node, its name
 * @param container the container that the event is about; empty when it is about the pod as a whole
 * @param init whether that is an init container
 */
public record InvolvedObject(PodName pod, boolean ofNode, String uid, Optional<String> container, boolean init) {

    public InvolvedObject {
        Objects.requireNonNull(pod, "pod");
        Objects.requireNonNull(uid, "uid");
        Objects.requireNonNull(container, "container");
    }

    static InvolvedObject node(String name) {
        return new InvolvedObject(new PodName("default", name), true, name, Optional.empty(), false);
    }

    /** The part of the pod, as the API writes it: {@code spec.containers{app}}; empty for the pod as a whole. */
    public Optional<String> fieldPath() {
        return container.map(name -> (init ? "spec.initContainers{" : "spec.containers{") + name + "}");
    }

    // Written out for the reason that PodName gives. Whether a container is an init container follows from its name.

    @Override
    public boolean equals(Object other) {
        return other instanceof InvolvedObject that
                && ofNode == that.ofNode
                && pod.equals(that.pod)
                && uid.equals(that.uid)
                && container.equals(that.container);
    }

    @Override
    public int hashCode() {
        return 31 * uid.hashCode() + container.hashCode();
    }
}
