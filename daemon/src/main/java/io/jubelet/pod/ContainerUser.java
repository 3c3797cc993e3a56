/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.List;

/**
 * The user and the groups of the first process of a container when it started.
 *
 * @param uid the user, zero or more
 * @param gid the primary group, zero or more
 * @param supplementalGroups the other groups, in the order of the runtime
 */
public record ContainerUser(long uid, long gid, List<Long> supplementalGroups) {
    public ContainerUser {
        supplementalGroups = List.copyOf(supplementalGroups);
    }
}
