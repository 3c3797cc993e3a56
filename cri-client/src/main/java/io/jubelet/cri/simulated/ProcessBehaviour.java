/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import java.util.List;

/**
 * Determines what the processes of an image do. Called for the process of a container and for each
 * exec in it.
 */
@FunctionalInterface
public interface ProcessBehaviour {
    /**
     * Returns the behaviour of a process. Must not block and must not call the runtime.
     *
     * @param command the command line; empty if the container uses the entry point of its image
     */
    SimulatedProcess start(List<String> command);
}
