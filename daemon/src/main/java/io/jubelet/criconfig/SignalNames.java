/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.criconfig;

import io.jubelet.cri.Signal;
import java.util.Map;
import java.util.Optional;

/**
 * Maps the signal names of {@code lifecycle.stopSignal} to the constants of the CRI and the numbers
 * of Linux. Pure.
 */
public final class SignalNames {

    /** The numbers on x86-64 and arm64. */
    private static final Map<String, Integer> NUMBERS = Map.ofEntries(
            Map.entry("SIGHUP", 1),
            Map.entry("SIGINT", 2),
            Map.entry("SIGQUIT", 3),
            Map.entry("SIGILL", 4),
            Map.entry("SIGTRAP", 5),
            Map.entry("SIGABRT", 6),
            Map.entry("SIGIOT", 6),
            Map.entry("SIGBUS", 7),
            Map.entry("SIGFPE", 8),
            Map.entry("SIGKILL", 9),
            Map.entry("SIGUSR1", 10),
            Map.entry("SIGSEGV", 11),
            Map.entry("SIGUSR2", 12),
            Map.entry("SIGPIPE", 13),
            Map.entry("SIGALRM", 14),
            Map.entry("SIGTERM", 15),
            Map.entry("SIGSTKFLT", 16),
            Map.entry("SIGCHLD", 17),
            Map.entry("SIGCLD", 17),
            Map.entry("SIGCONT", 18),
            Map.entry("SIGSTOP", 19),
            Map.entry("SIGTSTP", 20),
            Map.entry("SIGTTIN", 21),
            Map.entry("SIGTTOU", 22),
            Map.entry("SIGURG", 23),
            Map.entry("SIGXCPU", 24),
            Map.entry("SIGXFSZ", 25),
            Map.entry("SIGVTALRM", 26),
            Map.entry("SIGPROF", 27),
            Map.entry("SIGWINCH", 28),
            Map.entry("SIGIO", 29),
            Map.entry("SIGPOLL", 29),
            Map.entry("SIGPWR", 30),
            Map.entry("SIGSYS", 31));

    private static final int RTMIN = 34;
    private static final int RTMAX = 64;

    private SignalNames() {}

    /**
     * The signal of a name such as {@code SIGUSR1} or {@code SIGRTMIN+3}; empty if there is none.
     */
    public static Optional<Signal> signal(String name) {
        String constant = name.replace("+", "PLUS").replace("-", "MINUS");
        for (Signal signal : Signal.values()) {
            if (signal.name().equals(constant) && signal != Signal.RUNTIME_DEFAULT) {
                return Optional.of(signal);
            }
        }
        return Optional.empty();
    }

    /** The number of a signal of that name on x86-64 and arm64; 0 if there is none. */
    public static int number(String name) {
        Integer plain = NUMBERS.get(name);
        if (plain != null) {
            return plain;
        }
        if (signal(name).isEmpty()) {
            return 0;
        }
        if (name.startsWith("SIGRTMIN")) {
            return RTMIN + (name.length() > 9 ? Integer.parseInt(name.substring(9)) : 0);
        }
        return RTMAX - (name.length() > 9 ? Integer.parseInt(name.substring(9)) : 0);
    }
}
