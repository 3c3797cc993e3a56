/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import io.jubelet.cri.CriException;
import io.jubelet.cri.ExecResult;
import io.jubelet.cri.RuntimeService;
import io.jubelet.http.Deadline;
import io.jubelet.http.HttpGet;
import io.jubelet.http.HttpRequest;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.PodObserver;
import io.jubelet.pod.Handler;
import io.jubelet.pod.Pod;
import io.jubelet.probe.ProbeTarget;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one lifecycle hook to its end, or until the thread is interrupted.
 *
 * <p>Source: the Kubernetes concept page on container lifecycle hooks; messages are the kubelet's.
 * Safe for use by many threads.
 */
final class HookRunner {

    private static final Logger LOG = LoggerFactory.getLogger(HookRunner.class);

    /** The user agent of the kubelet of that version. */
    private static final String USER_AGENT = "kube-lifecycle/1.36";

    /** Hooks have no time limit of their own; a caller with a limit interrupts the thread. */
    private static final Duration NO_LIMIT = Duration.ofDays(1);

    private static final Duration POLL_INTERVAL = Duration.ofSeconds(1);

    /**
     * How many characters of a command, and of each of its outputs, a message shows. The message
     * goes into the log at each failure, and an event shows no more than 1024 characters of it.
     */
    private static final int MAX_SHOWN = 1024;

    private final RuntimeService runtime;

    HookRunner(RuntimeService runtime) {
        this.runtime = runtime;
    }

    /**
     * Runs a hook.
     *
     * @return why it failed; empty if it succeeded
     * @throws CriException.Cancelled if the thread is interrupted
     */
    Optional<String> run(Handler handler, Pod pod, ProbeTarget target) {
        return switch (handler) {
            case Handler.Exec exec -> exec(exec, pod, target);
            case Handler.HttpGet get -> httpGet(get, pod, target);
            case Handler.Sleep sleep -> sleep(sleep, pod, target);
            // The API accepts these, and the kubelet has never implemented them.
            case Handler.TcpSocket _, Handler.Grpc _ ->
                Optional.of("Cannot run handler: invalid handler: "
                        + handler.getClass().getSimpleName());
        };
    }

    private Optional<String> exec(Handler.Exec exec, Pod pod, ProbeTarget target) {
        String command = shown(String.join(" ", exec.command()));
        String output = "";
        String error;
        try {
            ExecResult result = runtime.execSync(target.id(), exec.command(), NO_LIMIT);
            if (result.exitCode() == 0) {
                return Optional.empty();
            }
            output = shown(result.stdoutText() + result.stderrText());
            error = "command '" + command + "' exited with " + result.exitCode() + ": " + shown(result.stderrText());
        } catch (CriException.Cancelled e) {
            throw e;
        } catch (CriException e) {
            error = e.getMessage();
        }
        return failed(
                "Exec lifecycle hook (" + shown(exec.command().toString()) + ")",
                pod,
                target,
                error + ", message: \"" + output + '"');
    }

    private static String shown(String text) {
        return text.length() <= MAX_SHOWN
                ? text
                : text.substring(0, MAX_SHOWN) + "... (" + (text.length() - MAX_SHOWN) + " characters cut)";
    }

    private static Optional<String> failed(String what, Pod pod, ProbeTarget target, String error) {
        return Optional.of(what + " for Container \"" + target.spec().name() + "\" in Pod \"" + pod.fullName() + "_"
                + pod.name().namespace() + "(" + pod.uid() + ")\" failed - error: " + error);
    }

    /** Succeeds whatever status the server returns, because a hook is only a notification. */
    private static Optional<String> httpGet(Handler.HttpGet get, Pod pod, ProbeTarget target) {
        String what = "HTTP lifecycle hook (" + get.path() + ")";
        OptionalInt port = target.port(get.port());
        if (port.isEmpty()) {
            return failed(what, pod, target, "couldn't find port: " + get.port().name());
        }
        Optional<String> host = target.host(get.host());
        if (host.isEmpty()) {
            return failed(what, pod, target, "failed to find networking container: the pod has no address");
        }
        try {
            send(get, host.get(), port.getAsInt(), pod, target);
            return Optional.empty();
        } catch (IOException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw new CriException.Cancelled("hook", "interrupted", e);
            }
            return failed(what, pod, target, String.valueOf(e.getMessage()));
        }
    }

    private static void send(Handler.HttpGet get, String host, int port, Pod pod, ProbeTarget target)
            throws IOException {
        Deadline deadline = Deadline.after(NO_LIMIT);
        try {
            HttpGet.follow(HttpRequest.of(get, host, port, USER_AGENT), deadline);
        } catch (IOException e) {
            if (!get.https() || !answeredWithoutTls(e)) {
                throw e;
            }
            LOG.warn(
                    "the server of a hook does not use TLS, so the request is sent over plain HTTP: pod={} container={}",
                    pod.name(),
                    target.spec().name());
            Handler.HttpGet plain = new Handler.HttpGet(get.host(), get.port(), get.path(), false, get.headers());
            HttpGet.follow(HttpRequest.of(plain, host, port, USER_AGENT), deadline);
        }
    }

    private static boolean answeredWithoutTls(IOException e) {
        return e.getCause() instanceof SSLException cause
                && String.valueOf(cause.getMessage()).startsWith("Unsupported or unrecognized SSL message");
    }

    /** Sleeps, but not beyond the end of the container. */
    private Optional<String> sleep(Handler.Sleep sleep, Pod pod, ProbeTarget target) {
        long end = System.nanoTime() + sleep.time().toNanos();
        try {
            for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
                Thread.sleep(Duration.ofNanos(Math.min(left, POLL_INTERVAL.toNanos())));
                if (!runs(target)) {
                    return failed(
                            "Sleep lifecycle hook (" + sleep.time().toSeconds() + ")",
                            pod,
                            target,
                            "container terminated before sleep hook finished");
                }
            }
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled("hook", "interrupted while a hook slept", e);
        }
    }

    private boolean runs(ProbeTarget target) {
        try {
            return PodObserver.state(runtime.containerStatus(target.id())) instanceof State.Running;
        } catch (CriException.NotFound _) {
            return false;
        } catch (CriException.Cancelled e) {
            throw e;
        } catch (CriException e) {
            LOG.debug("cannot get the status of a container: container={}", target.id(), e);
            return true;
        }
    }
}
