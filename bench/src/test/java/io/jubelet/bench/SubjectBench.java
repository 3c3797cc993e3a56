/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

/** The measurements of one subject. Each removes all pods when it succeeds. */
interface SubjectBench {
    Subject subject();

    /** The start of single pods. */
    void start() throws Exception;

    /** The restart of a container that crashed. */
    void restart() throws Exception;

    /** The replacement of a pod whose manifest was edited. */
    void edit() throws Exception;

    /** The removal of a pod. */
    void delete() throws Exception;

    /** One round of starting many pods at once. */
    void many(Round round) throws Exception;

    /** An idle daemon without pods; does nothing for the floor. */
    default void idle() throws Exception {}

    /** The start of single pods with init containers, a sidecar and probes; does nothing for the floor. */
    default void life() throws Exception {}

    /** The start of single pods with volumes; the floor starts pods without volumes. */
    void volumes() throws Exception;

    /** Many pods with a probe each second; does nothing for the floor. */
    default void probes() throws Exception {}

    /** The update of a mounted ConfigMap; only Jubelet has one for static pods. */
    default void config() throws Exception {}

    /** The pull of an image of 200 MB from a registry on the loopback. */
    default void pull() throws Exception {}

    /** The cost of being in a cluster; only Jubelet runs with and without one. */
    default void cluster() throws Exception {}

    /** Commands in containers and forwarded ports; only Jubelet has clients of its own, which the floor is compared with. */
    default void streams() throws Exception {}

    /** The start of the daemon; does nothing for the floor. */
    default void startup() throws Exception {}
}
