/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cluster;

/** Records events of the node. */
@FunctionalInterface
interface NodeEventRecorder {

    /**
     * Records an event; must not block.
     *
     * @param warning whether it is of type Warning
     * @param reason one CamelCase word, the kubelet's if it has one
     * @param message one sentence
     */
    void event(boolean warning, String reason, String message);
}
