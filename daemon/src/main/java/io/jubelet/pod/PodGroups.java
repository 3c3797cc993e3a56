/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The group ids that a pod gives its processes and its volumes.
 *
 * @param supplemental {@code supplementalGroups}: further groups of first processes, in the order
 *     of the manifest
 * @param policy whether the groups that the image gives the user count too
 * @param fsGroup a further group, which owns the volumes that belong to the pod
 * @param fsGroupChangePolicy when the files of these volumes are given to {@code fsGroup}
 */
public record PodGroups(
        List<Long> supplemental,
        SupplementalGroupsPolicy policy,
        Optional<Long> fsGroup,
        FsGroupChangePolicy fsGroupChangePolicy) {

    /** Nothing is set; the policies are the v1 defaults. */
    public static final PodGroups UNSET =
            new PodGroups(List.of(), SupplementalGroupsPolicy.Merge, Optional.empty(), FsGroupChangePolicy.Always);

    /** Which supplemental groups a process has. The constants are spelled as in the API. */
    public enum SupplementalGroupsPolicy {
        /** The groups of the manifest, and those that the image's group file gives the user. */
        Merge,
        /** The groups of the manifest alone. */
        Strict
    }

    /** When the files of a volume are given to fsGroup. The constants are spelled as in the API. */
    public enum FsGroupChangePolicy {
        /** Each time the volume is set up. */
        Always,
        /** Only when the owner or mode of the volume's root is not what it should be. */
        OnRootMismatch
    }

    public PodGroups {
        supplemental = List.copyOf(supplemental);
        Objects.requireNonNull(policy, "policy");
        Objects.requireNonNull(fsGroup, "fsGroup");
        Objects.requireNonNull(fsGroupChangePolicy, "fsGroupChangePolicy");
    }
}
