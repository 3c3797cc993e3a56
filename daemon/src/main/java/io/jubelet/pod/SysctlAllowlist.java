/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 *
 * The kernel parameters that pods are allowed to set: the safe ones, and those that the administrator of the node allows.
 *
 * <p>Source: the kubelet 1.36. It drops some that are not namespaced in kernels before 4.15; this
 * class does not check the version of the kernel. Immutable.
 */
public final class SysctlAllowlist {

    /** The kubelet's reason of the rejection. */
    public static final String REASON = "SysctlForbidden";

    private static final List<String> SAFE = List.of(
            "kernel.shm_rmid_forced",
            "net.ipv4.ip_local_port_range",
            "net.ipv4.tcp_syncookies",
            "net.ipv4.ping_group_range",
            "net.ipv4.ip_unprivileged_port_start",
            "net.ipv4.ip_local_reserved_ports",
            "net.ipv4.tcp_keepalive_time",
            "net.ipv4.tcp_fin_timeout",
            "net.ipv4.tcp_keepalive_intvl",
            "net.ipv4.tcp_keepalive_probes",
            "net.ipv4.tcp_rmem",
            "net.ipv4.tcp_wmem");

    private final List<String> unsafe;

    /**
     * @param unsafe names of allowed unsafe parameters, or prefixes followed by {@code *}
     * @throws IllegalArgumentException when an entry is not such a name, or is not namespaced
     */
    public SysctlAllowlist(List<String> unsafe) {
        List<String> dotted = new ArrayList<>();
        for (String pattern : unsafe) {
            String error = check(pattern);
            if (error != null) {
                throw new IllegalArgumentException(error);
            }
            dotted.add(Sysctls.dotted(pattern));
        }
        this.unsafe = List.copyOf(dotted);
    }

    /** Null when a pattern can be allowed, otherwise a message for the user. */
    public static @Nullable String check(String pattern) {
        boolean prefix = pattern.endsWith("*");
        String name = prefix ? pattern.substring(0, pattern.length() - 1) : pattern;
        boolean wholeSegments = name.endsWith(".") || name.endsWith("/") || name.endsWith("-") || name.endsWith("_");
        if (!Sysctls.isName(prefix && wholeSegments ? name + "x" : name)) {
            return "\"" + pattern + "\" is not the name of a sysctl, or a prefix of one followed by *";
        }
        return Sysctls.namespace(Sysctls.dotted(name)) == Sysctls.Namespace.NONE
                ? "the sysctl \"" + pattern + "\" is not namespaced; pods can set net.*, kernel.shm*,"
                        + " kernel.msg*, kernel.sem and fs.mqueue.*"
                : null;
    }

    /** Why a pod is not allowed to set its sysctls; empty when it is. */
    public Optional<String> rejection(PodSpec spec) {
        Map<String, String> sysctls = spec.security().sysctls();
        return sysctls.keySet().stream()
                .map(name -> rejection(name, spec))
                .flatMap(Optional::stream)
                .findFirst()
                .map(why -> "forbidden sysctl: " + why);
    }

    private Optional<String> rejection(String name, PodSpec spec) {
        if (!SAFE.contains(name) && unsafe.stream().noneMatch(pattern -> matches(pattern, name))) {
            return Optional.of("\"" + name + "\" not allowlisted; the node allows it when it is started with"
                    + " --allowed-unsafe-sysctls=" + name);
        }
        Sysctls.Namespace namespace = Sysctls.namespace(name);
        boolean ofNode = (namespace == Sysctls.Namespace.NETWORK && spec.hostNetwork())
                || (namespace == Sysctls.Namespace.IPC && spec.isolation().hostIpc());
        return ofNode
                ? Optional.of("\"" + name + "\" not allowed with host " + namespace.word() + " enabled")
                : Optional.empty();
    }

    private static boolean matches(String pattern, String name) {
        return pattern.endsWith("*")
                ? name.startsWith(pattern.substring(0, pattern.length() - 1))
                : name.equals(pattern);
    }
}
