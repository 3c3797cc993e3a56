/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.probe;

import io.jubelet.concurrent.BackgroundTask;
import io.jubelet.concurrent.Threads;
import io.jubelet.cri.CriException;
import io.jubelet.cri.ExecResult;
import io.jubelet.cri.RuntimeService;
import io.jubelet.pod.EnvExpansion;
import io.jubelet.pod.EnvVar;
import io.jubelet.pod.Handler;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs the commands of probes in their containers.
 *
 * <p>The runtime kills a command that exceeds its timeout, but responds only when all processes have
 * closed the output of the command, which a child that it left behind never does. So an attempt ends
 * soon after its timeout, provided that the runtime responds to another call. If it does not, it is
 * overloaded, and the attempt waits for it: an overloaded runtime must not make containers unhealthy.
 *
 * <p>Safe for use by many threads.
 */
final class ExecProbe {

    /** The time in which the runtime reports the end of a command, and responds to any call. */
    static final Duration ANSWER_TIME = Duration.ofSeconds(2);

    /** How many bytes of the output of a command go into a message. */
    private static final int MAX_OUTPUT = 10 * 1024;

    private final RuntimeService runtime;
    private final Duration answerTime;

    ExecProbe(RuntimeService runtime, Duration answerTime) {
        this.runtime = runtime;
        this.answerTime = answerTime;
    }

    /**
     * Makes one attempt.
     *
     * @throws CriException.Cancelled if the thread is interrupted
     */
    Outcome attempt(Handler.Exec exec, ProbeTarget target, Duration timeout) {
        List<String> command = EnvExpansion.expandAll(exec.command(), literals(target));
        AtomicReference<@Nullable Outcome> outcome = new AtomicReference<>();
        BackgroundTask call = Threads.startTask(
                Thread.currentThread().getName() + "/exec", () -> outcome.set(run(command, target, timeout)));
        try {
            if (!call.awaitEnd(timeout.plus(answerTime)) && runtimeResponds()) {
                call.interrupt();
                return timedOut(command, timeout);
            }
            call.awaitEnd();
        } catch (InterruptedException e) {
            call.interrupt();
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled("ExecSync", "interrupted while a probe ran", e);
        }
        Outcome known = outcome.get();
        return known == null ? Outcome.error("the command was cancelled") : known;
    }

    private Outcome run(List<String> command, ProbeTarget target, Duration timeout) {
        try {
            ExecResult result = runtime.execSync(target.id(), command, timeout);
            return result.exitCode() == 0 ? Outcome.success() : Outcome.failure(output(result));
        } catch (CriException.DeadlineExceeded _) {
            return timedOut(command, timeout);
        } catch (CriException e) {
            return Outcome.error(String.valueOf(e.getMessage()));
        }
    }

    private boolean runtimeResponds() {
        long start = System.nanoTime();
        try {
            runtime.version();
            return System.nanoTime() - start < answerTime.toNanos();
        } catch (CriException.Cancelled e) {
            throw e;
        } catch (CriException _) {
            return false; // the attempt then ends with what its own call throws
        }
    }

    private static Outcome timedOut(List<String> command, Duration timeout) {
        return Outcome.failure("command timed out: \"" + String.join(" ", command) + "\" timed out after "
                + timeout.toSeconds() + "s");
    }

    /** Only literal values of the manifest are known here. */
    private static Map<String, String> literals(ProbeTarget target) {
        Map<String, String> literals = new HashMap<>();
        for (EnvVar variable : target.spec().env()) {
            if (variable.source() instanceof EnvVar.Literal literal) {
                literals.put(variable.name(), literal.value());
            }
        }
        return literals;
    }

    private static String output(ExecResult result) {
        byte[] out = result.stdout();
        byte[] err = result.stderr();
        int outLength = Math.min(out.length, MAX_OUTPUT);
        int errLength = Math.min(err.length, MAX_OUTPUT - outLength);
        return new String(out, 0, outLength, StandardCharsets.UTF_8)
                + new String(err, 0, errLength, StandardCharsets.UTF_8);
    }
}
