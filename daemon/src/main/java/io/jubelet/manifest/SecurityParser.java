/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.FieldReader;
import io.jubelet.document.FieldTable;
import io.jubelet.document.Node;
import io.jubelet.pod.ContainerSecurity;
import io.jubelet.pod.PodGroups;
import io.jubelet.pod.PodSecurity;
import io.jubelet.pod.Profile;
import io.jubelet.pod.RunAs;
import io.jubelet.pod.SecurityProfiles;
import io.jubelet.pod.SelinuxLabel;
import io.jubelet.pod.Sysctls;
import io.jubelet.schema.Capabilities;
import io.jubelet.schema.Names;
import io.jubelet.schema.SecurityFields;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** Parses and validates the securityContext of pods and containers. */
final class SecurityParser {

    private static final long MAX_ID = Integer.MAX_VALUE;
    private static final int MAX_PATH = 4095;

    private enum ProfileType {
        RuntimeDefault,
        Localhost,
        Unconfined
    }

    private enum ProcMount {
        Default,
        Unmasked
    }

    /** The accepted values; MountOption needs a feature gate that is off by default. */
    private enum SelinuxChangePolicy {
        Recursive
    }

    private SecurityParser() {}

    /** The securityContext of a pod. Errors become findings. */
    static PodSecurity ofPod(FieldReader spec, boolean hostNetwork, boolean hostIpc) {
        FieldReader security = spec.mapping("securityContext", SecurityFields.POD);
        if (security == null) {
            return PodSecurity.NONE;
        }
        choice(security, "seLinuxChangePolicy", SelinuxChangePolicy.values(), SelinuxChangePolicy.Recursive);
        refuseWindows(security);
        return new PodSecurity(
                runAs(security),
                new PodGroups(
                        ids(security, "supplementalGroups"),
                        choice(
                                security,
                                "supplementalGroupsPolicy",
                                PodGroups.SupplementalGroupsPolicy.values(),
                                PodGroups.SupplementalGroupsPolicy.Merge),
                        id(security, "fsGroup"),
                        choice(
                                security,
                                "fsGroupChangePolicy",
                                PodGroups.FsGroupChangePolicy.values(),
                                PodGroups.FsGroupChangePolicy.Always)),
                profiles(security),
                sysctls(security, hostNetwork, hostIpc));
    }

    /** The securityContext of a container. Errors become findings. */
    static ContainerSecurity ofContainer(FieldReader container, boolean hostUsers) {
        FieldReader security = container.mapping("securityContext", SecurityFields.CONTAINER);
        if (security == null) {
            return ContainerSecurity.NONE;
        }
        refuseWindows(security);
        boolean privileged = security.flag("privileged", false);
        boolean escalation = security.flag("allowPrivilegeEscalation", true);
        FieldReader capabilities = security.mapping("capabilities", SecurityFields.CAPABILITIES);
        List<String> add = capabilities == null ? List.of() : capabilities(capabilities, "add");
        List<String> drop = capabilities == null ? List.of() : capabilities(capabilities, "drop");
        if (!escalation && (privileged || add.contains("CAP_SYS_ADMIN"))) {
            security.error(
                    "allowPrivilegeEscalation",
                    "cannot be false with \""
                            + (privileged ? "privileged: true" : "CAP_SYS_ADMIN")
                            + "\" beside it; leave out one of them");
        }
        ProcMount procMount = choice(security, "procMount", ProcMount.values(), ProcMount.Default);
        if (procMount == ProcMount.Unmasked && hostUsers) {
            security.error("procMount", "can be Unmasked only with \"hostUsers: false\" in the spec of the pod");
        }
        return new ContainerSecurity(
                runAs(security),
                add,
                drop,
                new ContainerSecurity.Privilege(
                        privileged,
                        !escalation,
                        security.flag("readOnlyRootFilesystem", false),
                        procMount == ProcMount.Unmasked),
                profiles(security));
    }

    private static RunAs runAs(FieldReader security) {
        return new RunAs(id(security, "runAsUser"), id(security, "runAsGroup"), flag(security, "runAsNonRoot"));
    }

    private static SecurityProfiles profiles(FieldReader security) {
        return new SecurityProfiles(seccomp(security), appArmor(security), selinux(security));
    }

    /** Refuses also empty options, which the table accepts. */
    private static void refuseWindows(FieldReader security) {
        Node options = security.get("windowsOptions");
        if (options != null && options.isEmpty()) {
            security.error("windowsOptions", "must be left out because this node runs Linux");
        }
    }

    private static Optional<Long> id(FieldReader security, String name) {
        return security.has(name) ? Optional.of(security.integer(name, 0, 0, MAX_ID)) : Optional.empty();
    }

    private static Optional<Boolean> flag(FieldReader security, String name) {
        return security.has(name) ? Optional.of(security.flag(name, false)) : Optional.empty();
    }

    /** Like {@link FieldReader#choice}, but an empty string is an error. */
    private static <E extends Enum<E>> E choice(FieldReader reader, String name, E[] choices, E absent) {
        if (reader.has(name) && reader.text(name, "?").isEmpty()) {
            reader.error(name, "must not be empty; write one of " + List.of(choices) + ", or leave it out");
        }
        return reader.choice(name, choices, absent);
    }

    private static List<Long> ids(FieldReader security, String name) {
        List<Long> ids = new ArrayList<>();
        int index = 0;
        for (Node item : security.items(name)) {
            String path = security.path(name) + "[" + index++ + "]";
            String digits =
                    item instanceof Node.Scalar scalar && scalar.type() == Node.Type.INTEGER ? scalar.value() : "";
            boolean fits = !digits.isEmpty()
                    && digits.length() < 19
                    && Long.parseLong(digits) >= 0
                    && Long.parseLong(digits) <= MAX_ID;
            if (fits) {
                ids.add(Long.parseLong(digits));
            } else {
                security.findings()
                        .error(item, path, "must be a group id from 0 to " + MAX_ID + ", but is " + item.describe());
            }
        }
        return ids;
    }

    private static List<String> capabilities(FieldReader capabilities, String name) {
        List<String> names = capabilities.texts(name);
        int index = 0;
        for (Node item : capabilities.items(name)) {
            String path = capabilities.path(name) + "[" + index++ + "]";
            if (item instanceof Node.Scalar scalar && scalar.type() == Node.Type.STRING) {
                String wrong = Capabilities.check(scalar.value());
                if (wrong != null) {
                    capabilities.findings().error(item, path, wrong);
                }
            }
        }
        return names;
    }

    private static Optional<SelinuxLabel> selinux(FieldReader security) {
        FieldReader label = security.mapping("seLinuxOptions", SecurityFields.SELINUX);
        return label == null
                ? Optional.empty()
                : Optional.of(new SelinuxLabel(
                        label.text("user", ""),
                        label.text("role", ""),
                        label.text("type", ""),
                        label.text("level", "")));
    }

    // --- profiles

    private static Optional<Profile> seccomp(FieldReader security) {
        return profile(security, "seccompProfile", SecurityFields.SECCOMP, "profiles/audit.json", SecurityParser::path);
    }

    private static Optional<Profile> appArmor(FieldReader security) {
        return profile(security, "appArmorProfile", SecurityFields.APP_ARMOR, "my-profile", SecurityParser::loaded);
    }

    private interface NameCheck {
        /** Null for a valid name, otherwise a message. */
        @Nullable
        String wrong(String name);
    }

    private static Optional<Profile> profile(
            FieldReader security, String field, FieldTable table, String example, NameCheck check) {
        FieldReader profile = security.mapping(field, table);
        if (profile == null) {
            return Optional.empty();
        }
        if (!profile.has("type") || profile.text("type", "?").isEmpty()) {
            profile.error("type", "is required; write one of " + List.of(ProfileType.values()));
        }
        ProfileType type = profile.choice("type", ProfileType.values());
        if (type != ProfileType.Localhost) {
            if (profile.has("localhostProfile")) {
                profile.error("localhostProfile", "can be set only with \"type: Localhost\"");
            }
        } else {
            // An empty name must never result in a weaker profile.
            String name = profile.requiredText("localhostProfile", example);
            if (name == null) {
                return Optional.empty();
            }
            profile.note("localhostProfile", check.wrong(name));
            return Optional.of(new Profile.Localhost(name));
        }
        return Optional.ofNullable(type)
                .map(t -> t == ProfileType.Unconfined ? new Profile.Unconfined() : new Profile.RuntimeDefault());
    }

    private static @Nullable String path(String name) {
        if (name.startsWith("/")) {
            return "must be relative to the directory of seccomp profiles; leave out the leading '/'";
        }
        return Names.goesUp(name) ? "must not contain \"..\"; write the path below the directory of profiles" : null;
    }

    private static @Nullable String loaded(String name) {
        if (!name.strip().equals(name)) {
            return "must not begin or end with spaces";
        }
        return name.length() > MAX_PATH
                ? "is " + name.length() + " characters long; at most " + MAX_PATH + " are allowed"
                : null;
    }

    // --- sysctls

    private static SequencedMap<String, String> sysctls(FieldReader security, boolean hostNetwork, boolean hostIpc) {
        SequencedMap<String, String> sysctls = new LinkedHashMap<>();
        for (FieldReader sysctl : security.mappings("sysctls", SecurityFields.SYSCTL)) {
            String name = sysctl.requiredText("name", "net.ipv4.ip_unprivileged_port_start");
            String value = sysctl.freeText("value", "");
            if (name == null) {
                continue;
            }
            if (!Sysctls.isName(name)) {
                sysctl.error(
                        "name",
                        "\"" + name + "\" is not the name of a sysctl: write lower-case letters, digits, '-' and '_'"
                                + " between dots, such as net.core.somaxconn");
                continue;
            }
            String dotted = Sysctls.dotted(name);
            Sysctls.Namespace namespace = Sysctls.namespace(dotted);
            if (hostNetwork && namespace == Sysctls.Namespace.NETWORK) {
                sysctl.error(
                        "name", "would change the node because the pod has \"hostNetwork: true\"; set it on the node");
            }
            if (hostIpc && namespace == Sysctls.Namespace.IPC) {
                sysctl.error("name", "would change the node because the pod has \"hostIPC: true\"; set it on the node");
            }
            if (sysctls.putIfAbsent(dotted, value) != null) {
                sysctl.error("name", "is set twice in this pod");
            }
        }
        return sysctls;
    }
}
