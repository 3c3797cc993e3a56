/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.schema;

import io.jubelet.document.FieldTable;

/**
 * The fields of security contexts. Apart from {@link PodFields} so that the class is loaded only
 * for manifests with such fields.
 */
public final class SecurityFields {

    private static final String WINDOWS = "must be left out because this node runs Linux";

    public static final FieldTable POD = FieldTable.of("the securityContext of a pod")
            .honoured(
                    "runAsUser",
                    "runAsGroup",
                    "runAsNonRoot",
                    "supplementalGroups",
                    "supplementalGroupsPolicy",
                    "fsGroup",
                    "fsGroupChangePolicy",
                    "seccompProfile",
                    "appArmorProfile",
                    "seLinuxOptions",
                    "sysctls")
            .noEffect("it applies to volumes of storage drivers, which a static pod cannot have", "seLinuxChangePolicy")
            .refused(WINDOWS, "windowsOptions");

    public static final FieldTable CONTAINER = FieldTable.of("the securityContext of a container")
            .honoured(
                    "runAsUser",
                    "runAsGroup",
                    "runAsNonRoot",
                    "capabilities",
                    "privileged",
                    "allowPrivilegeEscalation",
                    "readOnlyRootFilesystem",
                    "procMount",
                    "seccompProfile",
                    "appArmorProfile",
                    "seLinuxOptions")
            .refused(WINDOWS, "windowsOptions");

    public static final FieldTable CAPABILITIES = FieldTable.of("capabilities").honoured("add", "drop");

    public static final FieldTable SECCOMP = FieldTable.of("seccompProfile").honoured("type", "localhostProfile");

    public static final FieldTable APP_ARMOR = FieldTable.of("appArmorProfile").honoured("type", "localhostProfile");

    public static final FieldTable SELINUX = FieldTable.of("seLinuxOptions").honoured("user", "role", "type", "level");

    public static final FieldTable SYSCTL = FieldTable.of("a sysctl").honoured("name", "value");

    private SecurityFields() {}
}
