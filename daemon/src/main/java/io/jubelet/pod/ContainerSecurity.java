/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.List;
import java.util.Objects;

/**
 * The securityContext of one container. What is not set here applies as the pod sets it.
 *
 * @param runAs the user and group of the container
 * @param addedCapabilities {@code capabilities.add} as written; ALL for all
 * @param droppedCapabilities {@code capabilities.drop} as written; ALL for all
 * @param privilege how far the container is confined
 * @param profiles profiles and label of the container
 */
public record ContainerSecurity(
        RunAs runAs,
        List<String> addedCapabilities,
        List<String> droppedCapabilities,
        Privilege privilege,
        SecurityProfiles profiles) {

    /** Nothing is set. */
    public static final ContainerSecurity NONE =
            new ContainerSecurity(RunAs.UNSET, List.of(), List.of(), Privilege.DEFAULT, SecurityProfiles.UNSET);

    /**
     * How far a container is confined.
     *
     * @param privileged whether nothing confines it
     * @param noNewPrivileges whether no program can have more rights than the one that started it
     * @param readOnlyRoot whether the file system of the image is read-only
     * @param unmaskedProc whether nothing of {@code /proc} is hidden or read-only
     */
    public record Privilege(boolean privileged, boolean noNewPrivileges, boolean readOnlyRoot, boolean unmaskedProc) {

        /** The v1 defaults. */
        public static final Privilege DEFAULT = new Privilege(false, false, false, false);
    }

    public ContainerSecurity {
        Objects.requireNonNull(runAs, "runAs");
        addedCapabilities = List.copyOf(addedCapabilities);
        droppedCapabilities = List.copyOf(droppedCapabilities);
        Objects.requireNonNull(privilege, "privilege");
        Objects.requireNonNull(profiles, "profiles");
    }

    /** Whether nothing confines the container. */
    public boolean privileged() {
        return privilege.privileged();
    }
}
