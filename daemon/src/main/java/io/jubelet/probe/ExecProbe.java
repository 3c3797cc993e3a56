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
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Runs the commands of probes in their containers.
 *
 * <p>The runtime kills a command that exceeds its timeout, but responds only when all processes have
 * closed the output of the command, which a child that it left behind never does. So an attempt ends
 * soon after its timeout, provided that the runtime responds to another call. If it does not, it is
 * overloaded, and the attempt waits for it: an overloaded runtime must not make containers unhealthy.
 *
 * <p>Each call without a response holds open files of the runtime and its shim. A few of them are
 * enough to reach the usual failureThreshold at the pace of the probe; further attempts wait until
 * one of them has reached its deadline.
 *
 * <p>Safe for use by many threads.
 */
final class ExecProbe {

    /** The time in which the runtime reports the end of a command, and responds to any call. */
    static final Duration ANSWER_TIME = Duration.ofSeconds(2);

    private static final int MAX_UNANSWERED = 3;

    /** How many bytes of the output of a command go into a message. */
    private static final int MAX_OUTPUT = 10 * 1024;

    private final RuntimeService runtime;
    private final Duration answerTime;

    /** The calls of attempts that have ended without them, the oldest first, by container and command. */
    private final ConcurrentHashMap<String, List<Call>> unanswered = new ConcurrentHashMap<>();

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
        List<String> command;
        try {
            command = EnvExpansion.expand(exec.command(), literals(target));
        } catch (IOException e) {
            return Outcome.error("the command cannot be run: " + e.getMessage());
        }
        String key = target.id().value() + "\n" + String.join("\n", command);
        Call call = new Call(key, () -> run(command, target, timeout));
        try {
            awaitTurn(key);
            BackgroundTask task = Threads.startTask(Thread.currentThread().getName() + "/exec", call);
            try {
                if (!task.awaitEnd(timeout.plus(answerTime)) && runtimeResponds()) {
                    abandon(call);
                    return timedOut(command, timeout);
                }
                task.awaitEnd();
                return call.outcome;
            } catch (InterruptedException | CriException.Cancelled e) {
                task.interrupt();
                throw e;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled("ExecSync", "interrupted while a probe ran", e);
        }
    }

    private void awaitTurn(String key) throws InterruptedException {
        for (List<Call> calls = unanswered.get(key);
                calls != null && calls.size() >= MAX_UNANSWERED;
                calls = unanswered.get(key)) {
            calls.getFirst().ended.await();
        }
    }

    private void abandon(Call call) {
        unanswered.merge(
                call.key,
                List.of(call),
                (before, added) ->
                        Stream.concat(before.stream(), added.stream()).toList());
        if (call.finished) {
            forget(call); // it ended just now
        }
    }

    private void forget(Call call) {
        unanswered.computeIfPresent(call.key, (_, before) -> {
            List<Call> others = before.stream().filter(other -> other != call).toList();
            return others.isEmpty() ? null : others;
        });
    }

    /** One call of the runtime. */
    private final class Call implements Runnable {
        private final String key;
        private final Supplier<Outcome> run;
        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile boolean finished;
        private volatile Outcome outcome = Outcome.error("the command did not run");

        Call(String key, Supplier<Outcome> run) {
            this.key = key;
            this.run = run;
        }

        @Override
        public void run() {
            try {
                outcome = run.get();
            } finally {
                finished = true;
                forget(this);
                ended.countDown();
            }
        }
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
