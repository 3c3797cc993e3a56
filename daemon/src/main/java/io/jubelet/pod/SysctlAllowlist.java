package io.jubelet.pod;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which kernel parameters pods may set: those that are safe on every node, and those that its
 * administrator allows.
 *
 * <p>Source: the kubelet 1.36. It drops some that kernels before 4.15 had for the whole node only;
 * those are not looked for here. Immutable.
 */
public final class SysctlAllowlist {

    /** The reason of a refusal, in the word of the kubelet. */
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
     * @param unsafe names beside those that are safe, or beginnings of names with {@code *} behind
     * @throws IllegalArgumentException when one is no such name, or belongs to no namespace
     */
    public SysctlAllowlist(List<String> unsafe) {
        List<String> dotted = new ArrayList<>();
        for (String pattern : unsafe) {
            String wrong = check(pattern);
            if (wrong != null) {
                throw new IllegalArgumentException(wrong);
            }
            dotted.add(Sysctls.dotted(pattern));
        }
        this.unsafe = List.copyOf(dotted);
    }

    /** Null when a pattern can be allowed, else a sentence about it. */
    public static String check(String pattern) {
        boolean prefix = pattern.endsWith("*");
        String name = prefix ? pattern.substring(0, pattern.length() - 1) : pattern;
        boolean wholeSegments = name.endsWith(".") || name.endsWith("/") || name.endsWith("-") || name.endsWith("_");
        if (!Sysctls.isName(prefix && wholeSegments ? name + "x" : name)) {
            return "\"" + pattern + "\" is not the name of a sysctl, nor the beginning of one with a * behind it";
        }
        return Sysctls.namespace(Sysctls.dotted(name)) == Sysctls.Namespace.NONE
                ? "the sysctl \"" + pattern + "\" is one of the whole node: pods can set those of net, kernel.shm*,"
                        + " kernel.msg*, kernel.sem and fs.mqueue"
                : null;
    }

    /** Why a pod may not set what it wants to; empty when it may. */
    public Optional<String> refusal(PodSpec spec) {
        Map<String, String> sysctls = spec.security().sysctls();
        return sysctls.keySet().stream()
                .map(name -> refusal(name, spec))
                .flatMap(Optional::stream)
                .findFirst()
                .map(why -> "forbidden sysctl: " + why);
    }

    private Optional<String> refusal(String name, PodSpec spec) {
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
