/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.FieldReader;
import io.jubelet.pod.Handler;
import io.jubelet.pod.LifecycleHooks;
import io.jubelet.pod.Probe;
import io.jubelet.pod.Probes;
import io.jubelet.schema.PodFields;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Parses and validates the probes and hooks of one container, and applies the v1 defaults. */
final class LifecycleParser {

    private static final long MAX_SECONDS = Integer.MAX_VALUE;

    private LifecycleParser() {}

    static Probes probes(FieldReader container) {
        if (!container.has("startupProbe") && !container.has("livenessProbe") && !container.has("readinessProbe")) {
            return Probes.NONE;
        }
        return new Probes(
                probe(container, "startupProbe"),
                probe(container, "livenessProbe"),
                probe(container, "readinessProbe"));
    }

    /**
     * Parses the hooks.
     *
     * @param grace the grace period of the pod in seconds
     */
    static LifecycleHooks hooks(FieldReader container, long grace) {
        FieldReader lifecycle = container.mapping("lifecycle", PodFields.LIFECYCLE);
        if (lifecycle == null) {
            return LifecycleHooks.NONE;
        }
        return new LifecycleHooks(
                hook(lifecycle, "postStart", grace), hook(lifecycle, "preStop", grace), stopSignal(lifecycle));
    }

    private static Optional<Probe> probe(FieldReader container, String name) {
        FieldReader probe = container.mapping(name, PodFields.PROBE);
        if (probe == null) {
            return Optional.empty();
        }
        Optional<Handler> handler = HandlerParser.parse(container, name, probe);
        boolean readiness = name.equals("readinessProbe");
        Duration initialDelay = Duration.ofSeconds(probe.integer("initialDelaySeconds", 0, 0, MAX_SECONDS));
        Duration timeout = Duration.ofSeconds(number(probe, "timeoutSeconds", 1));
        Duration period = Duration.ofSeconds(number(probe, "periodSeconds", 10));
        int successes = number(probe, "successThreshold", 1);
        if (successes != 1 && !readiness) {
            probe.error("successThreshold", "must be 1 except in a readinessProbe, but is " + successes);
        }
        int failures = number(probe, "failureThreshold", 3);
        Optional<Duration> grace = Optional.empty();
        if (probe.has("terminationGracePeriodSeconds")) {
            grace = Optional.of(Duration.ofSeconds(probe.integer("terminationGracePeriodSeconds", 1, 1, MAX_SECONDS)));
            if (readiness) {
                probe.error(
                        "terminationGracePeriodSeconds",
                        "must not be set in a readinessProbe, which stops no container");
            }
        }
        return handler.isEmpty()
                ? Optional.empty()
                : Optional.of(new Probe(handler.get(), initialDelay, timeout, period, successes, failures, grace));
    }

    /** Zero is the same as absent because Go programs write it for a field that is not set. */
    private static int number(FieldReader probe, String name, int absent) {
        int value = (int) probe.integer(name, absent, 0, MAX_SECONDS);
        return value == 0 ? absent : value;
    }

    private static Optional<Handler> hook(FieldReader lifecycle, String name, long grace) {
        FieldReader hook = lifecycle.mapping(name, PodFields.HOOK);
        if (hook == null) {
            return Optional.empty();
        }
        Optional<Handler> handler = HandlerParser.parse(lifecycle, name, hook);
        if (handler.orElse(null) instanceof Handler.Sleep sleep && sleep.time().toSeconds() > grace) {
            hook.error("sleep", "must not be longer than terminationGracePeriodSeconds, which is " + grace);
        }
        return handler;
    }

    private static String stopSignal(FieldReader lifecycle) {
        if (!lifecycle.has("stopSignal")) {
            return "";
        }
        String signal = lifecycle.text("stopSignal", "SIGTERM");
        if (!isSignal(signal)) {
            lifecycle.error("stopSignal", "must be a signal such as SIGTERM or SIGUSR1, but is \"" + signal + "\"");
        }
        return signal;
    }

    /** Source: the v1 type Signal. Real-time signals are relative to SIGRTMIN or SIGRTMAX. */
    private static boolean isSignal(String signal) {
        if (signal.startsWith("SIGRTMIN+")) {
            return isUpTo(15, signal.substring("SIGRTMIN+".length()));
        }
        if (signal.startsWith("SIGRTMAX-")) {
            return isUpTo(14, signal.substring("SIGRTMAX-".length()));
        }
        return List.of(
                        "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL",
                        "PIPE", "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP",
                        "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX")
                .contains(signal.startsWith("SIG") ? signal.substring(3) : "");
    }

    private static boolean isUpTo(int most, String digits) {
        for (int i = 1; i <= most; i++) {
            if (digits.equals(Integer.toString(i))) {
                return true;
            }
        }
        return false;
    }
}
