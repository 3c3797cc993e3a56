/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What the container runtime offers to pods beyond what every runtime does, as it reports it in the CRI call Status. Immutable.
 *
 * @param handlers the handlers of sandboxes; empty if the runtime does not report them
 * @param supplementalGroupsPolicy whether pods can leave out the groups that an image gives to its user; empty if the runtime
 *     does not report it
 */
public record RuntimeOffer(List<Handler> handlers, Optional<Boolean> supplementalGroupsPolicy) {

    /** Of a runtime that reports nothing. */
    public static final RuntimeOffer NONE = new RuntimeOffer(List.of(), Optional.empty());

    /**
     * A handler of sandboxes.
     *
     * @param name empty for the default handler
     * @param features empty if the runtime does not report them
     */
    public record Handler(String name, Optional<Features> features) {
        public Handler {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(features, "features");
        }
    }

    /** The features of a handler. */
    public record Features(boolean recursiveReadOnlyMounts, boolean userNamespaces) {}

    public RuntimeOffer {
        handlers = List.copyOf(handlers);
        Objects.requireNonNull(supplementalGroupsPolicy, "supplementalGroupsPolicy");
    }
}
