/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.SequencedMap;

/**
 * The securityContext of a pod: what its containers share, and what applies to those that do not
 * say otherwise.
 *
 * @param runAs the user and group of containers that name none; unset for those of the image
 * @param groups never null
 * @param profiles unset for what the node and the runtime do by default
 * @param sysctls by names with dots, in the order of the manifest
 */
public record PodSecurity(
        RunAs runAs, PodGroups groups, SecurityProfiles profiles, SequencedMap<String, String> sysctls) {

    /** Nothing is set. */
    public static final PodSecurity NONE =
            new PodSecurity(RunAs.UNSET, PodGroups.UNSET, SecurityProfiles.UNSET, new LinkedHashMap<>());

    public PodSecurity {
        Objects.requireNonNull(runAs, "runAs");
        Objects.requireNonNull(groups, "groups");
        Objects.requireNonNull(profiles, "profiles");
        sysctls = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(sysctls));
    }
}
