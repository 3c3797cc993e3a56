/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

/**
 * Names of kernel parameters, and the kernel namespaces that they belong to.
 *
 * <p>Source: validation of the API server 1.36, and the table of namespaced sysctls of its
 * component helpers. Pure.
 */
public final class Sysctls {

    private static final int MAX_LENGTH = 253;

    /** The namespace of the kernel that a parameter belongs to. */
    public enum Namespace {
        NETWORK("Net"),
        IPC("IPC"),
        /** The parameter is not namespaced: it is the same for the whole node. */
        NONE("");

        private final String word;

        Namespace(String word) {
            this.word = word;
        }

        /** The name in messages of the kubelet. */
        public String word() {
            return word;
        }
    }

    private Sysctls() {}

    /**
     * Whether a name consists of segments of lower-case letters, digits, dashes and underscores,
     * separated by dots or slashes.
     */
    public static boolean isName(String name) {
        if (name.isEmpty() || name.length() > MAX_LENGTH) {
            return false;
        }
        boolean edge = true; // a segment starts and ends with a letter or digit
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
            boolean separator = c == '.' || c == '/';
            boolean atEnd = i + 1 == name.length() || name.charAt(i + 1) == '.' || name.charAt(i + 1) == '/';
            if (separator ? edge : !plain && (edge || atEnd || (c != '-' && c != '_'))) {
                return false;
            }
            edge = separator;
        }
        return !edge;
    }

    /**
     * The name with dots as separators. When the first separator is a slash, dots and slashes are
     * swapped, as in {@code net/ipv4/conf/eth0.1/rp_filter}.
     */
    public static String dotted(String name) {
        int slash = name.indexOf('/');
        int dot = name.indexOf('.');
        if (slash < 0 || (dot >= 0 && dot < slash)) {
            return name;
        }
        return name.replace('.', '\0').replace('/', '.').replace('\0', '/');
    }

    /**
     * The namespace of a parameter.
     *
     * @param dotted a name with dots, or a prefix of one
     */
    public static Namespace namespace(String dotted) {
        return switch (dotted) {
            case "kernel.sem",
                    "kernel.shm",
                    "kernel.shmall",
                    "kernel.shmmax",
                    "kernel.shmmni",
                    "kernel.shm_rmid_forced",
                    "kernel.msg",
                    "kernel.msgmax",
                    "kernel.msgmnb",
                    "kernel.msgmni" -> Namespace.IPC;
            default -> {
                if (dotted.startsWith("net.")) {
                    yield Namespace.NETWORK;
                }
                yield dotted.startsWith("fs.mqueue.") ? Namespace.IPC : Namespace.NONE;
            }
        };
    }
}
