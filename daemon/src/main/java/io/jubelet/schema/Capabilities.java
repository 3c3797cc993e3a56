/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.schema;

import io.jubelet.document.Spelling;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The Linux capabilities. An unknown name is refused here because runtimes ignore it silently.
 */
public final class Capabilities {

    /** Source: capabilities(7), up to Linux 5.9, which added the last one. */
    private static final List<String> NAMES =
            List.of(("ALL AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE"
                            + " DAC_READ_SEARCH FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN"
                            + " MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE NET_BROADCAST NET_RAW PERFMON SETFCAP"
                            + " SETGID SETPCAP SETUID SYSLOG SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT"
                            + " SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG WAKE_ALARM")
                    .split(" "));

    private Capabilities() {}

    /** Null for a capability; otherwise a message that says what would be right. */
    public static @Nullable String check(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        if (NAMES.contains(upper)) {
            return null;
        }
        if (upper.startsWith("CAP_") && NAMES.contains(upper.substring(4))) {
            return "\"" + name + "\" must be written without its prefix, as " + upper.substring(4);
        }
        String close = Spelling.closest(upper, NAMES);
        return "\"" + name + "\" is not a Linux capability"
                + (close == null ? "; write for example NET_ADMIN" : "; did you mean \"" + close + "\"?");
    }
}
