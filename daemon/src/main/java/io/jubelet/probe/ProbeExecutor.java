/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.probe;

import io.jubelet.cri.CriException;
import io.jubelet.cri.ExecResult;
import io.jubelet.cri.RuntimeService;
import io.jubelet.http.Deadline;
import io.jubelet.http.DeadlineSocket;
import io.jubelet.http.HttpGet;
import io.jubelet.http.HttpRequest;
import io.jubelet.http.HttpResult;
import io.jubelet.pod.EnvExpansion;
import io.jubelet.pod.EnvVar;
import io.jubelet.pod.Handler;
import io.jubelet.pod.Probe;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Makes single attempts of probes with any kind of handler. Blocks no longer than the timeout of
 * the probe, unless the runtime exceeds it.
 *
 * <p>Safe for use by many threads. Source: the Kubernetes task page on probes; messages are those
 * of the kubelet.
 */
final class ProbeExecutor {

    /** How many bytes of the output of a command go into a message. */
    private static final int MAX_OUTPUT = 10 * 1024;

    private final RuntimeService runtime;
    private final PodProbes.GrpcHealth grpc;

    ProbeExecutor(RuntimeService runtime, PodProbes.GrpcHealth grpc) {
        this.runtime = runtime;
        this.grpc = grpc;
    }

    /** Makes one attempt. */
    Outcome attempt(Probe probe, ProbeTarget target) {
        return switch (probe.handler()) {
            case Handler.Exec exec -> exec(exec, target, probe.timeout());
            case Handler.HttpGet get -> httpGet(get, target, probe.timeout());
            case Handler.TcpSocket tcp -> tcpSocket(tcp, target, probe.timeout());
            case Handler.Grpc health -> grpc(health, target, probe.timeout());
            case Handler.Sleep _ -> Outcome.error("a probe must not have a sleep handler");
        };
    }

    private Outcome exec(Handler.Exec exec, ProbeTarget target, Duration timeout) {
        List<String> command = EnvExpansion.expandAll(exec.command(), literals(target));
        try {
            ExecResult result = runtime.execSync(target.id(), command, timeout);
            return result.exitCode() == 0 ? Outcome.success() : Outcome.failure(output(result));
        } catch (CriException.DeadlineExceeded _) {
            return Outcome.failure("command timed out: \"" + String.join(" ", command) + "\" timed out after "
                    + timeout.toSeconds() + "s");
        } catch (CriException.Cancelled e) {
            throw e;
        } catch (CriException e) {
            return Outcome.error(String.valueOf(e.getMessage()));
        }
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

    private static Outcome httpGet(Handler.HttpGet get, ProbeTarget target, Duration timeout) {
        OptionalInt port = target.port(get.port());
        if (port.isEmpty()) {
            return noPort(get.port());
        }
        if (get.host().isEmpty() && target.address().isEmpty()) {
            return noAddress();
        }
        try {
            HttpRequest request = HttpRequest.of(get, target.address(), port.getAsInt(), PodProbes.USER_AGENT);
            HttpResult response = HttpGet.follow(request, Deadline.after(timeout));
            int status = response.status();
            if (status >= 200 && status < 300) {
                return Outcome.success();
            }
            return status >= 300 && status < 400
                    ? new Outcome(
                            Outcome.Verdict.WARNING, "Probe terminated redirects, Response body: " + response.body())
                    : Outcome.failure("HTTP probe failed with statuscode: " + status);
        } catch (IOException e) {
            return Outcome.failure(String.valueOf(e.getMessage()));
        }
    }

    private static Outcome tcpSocket(Handler.TcpSocket tcp, ProbeTarget target, Duration timeout) {
        OptionalInt port = target.port(tcp.port());
        if (port.isEmpty()) {
            return noPort(tcp.port());
        }
        String host = tcp.host().isEmpty() ? target.address() : tcp.host();
        if (host.isEmpty()) {
            return noAddress();
        }
        try (Socket _ = DeadlineSocket.connect(host, port.getAsInt(), Deadline.after(timeout))) {
            return Outcome.success();
        } catch (IOException e) {
            return Outcome.failure(e.getMessage() == null ? e.toString() : e.getMessage());
        }
    }

    private Outcome grpc(Handler.Grpc health, ProbeTarget target, Duration timeout) {
        if (target.address().isEmpty()) {
            return noAddress();
        }
        String trouble = grpc.trouble(target.address(), health.port(), health.service(), timeout);
        return trouble.isEmpty() ? Outcome.success() : Outcome.failure(trouble);
    }

    private static Outcome noPort(Handler.PortRef ref) {
        return Outcome.error("couldn't find port: " + ref.name());
    }

    private static Outcome noAddress() {
        return Outcome.error("the pod has no address yet");
    }
}
