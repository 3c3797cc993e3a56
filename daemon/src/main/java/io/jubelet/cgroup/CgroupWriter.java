/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cgroup;

import java.io.IOException;
import java.util.List;

/**
 * Creates and removes cgroups by name, in the way of one {@link CgroupDriver}. Safe for use by many
 * threads.
 */
sealed interface CgroupWriter permits CgroupfsWriter, SystemdWriter {

    /**
     * Creates a cgroup and those above it, and sets its limits; only sets the limits if it exists.
     */
    void make(List<String> name, CgroupLimits limits) throws IOException;

    /** Sets the limits of a cgroup that exists. */
    void set(List<String> name, CgroupLimits limits) throws IOException;

    /**
     * Removes a cgroup and the cgroups below it; done if there is none.
     *
     * @throws IOException if there are processes in it
     */
    void remove(List<String> name) throws IOException;
}
