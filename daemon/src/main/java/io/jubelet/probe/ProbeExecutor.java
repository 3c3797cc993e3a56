/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.probe;

import io.jubelet.cri.RuntimeService;
import io.jubelet.http.Deadline;
import io.jubelet.http.DeadlineSocket;
import io.jubelet.http.HttpGet;
import io.jubelet.http.HttpRequest;
import io.jubelet.http.HttpResult;
import io.jubelet.pod.Handler;
import io.jubelet.pod.Probe;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Makes single attempts of probes with any kind of handler. Blocks no longer than the timeout of
 * the probe, unless the runtime does not respond.
 *
 * <p>Safe for use by many threads. Source: the Kubernetes task page on probes; messages are those
 * of the kubelet.
 */
final class ProbeExecutor {

    private final ExecProbe commands;
    private final PodProbes.GrpcHealth grpc;

    ProbeExecutor(RuntimeService runtime, PodProbes.GrpcHealth grpc) {
        this.commands = new ExecProbe(runtime, ExecProbe.ANSWER_TIME);
        this.grpc = grpc;
    }

    /** Makes one attempt. */
    Outcome attempt(Probe probe, ProbeTarget target) {
        return switch (probe.handler()) {
            case Handler.Exec exec -> commands.attempt(exec, target, probe.timeout());
            case Handler.HttpGet get -> httpGet(get, target, probe.timeout());
            case Handler.TcpSocket tcp -> tcpSocket(tcp, target, probe.timeout());
            case Handler.Grpc health -> grpc(health, target, probe.timeout());
            case Handler.Sleep _ -> Outcome.error("a probe must not have a sleep handler");
        };
    }

    private static Outcome httpGet(Handler.HttpGet get, ProbeTarget target, Duration timeout) {
        OptionalInt port = target.port(get.port());
        if (port.isEmpty()) {
            return noPort(get.port());
        }
        Optional<String> host = target.host(get.host());
        if (host.isEmpty()) {
            return noAddress();
        }
        try {
            HttpRequest request = HttpRequest.of(get, host.get(), port.getAsInt(), PodProbes.USER_AGENT);
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
        Optional<String> host = target.host(tcp.host());
        if (host.isEmpty()) {
            return noAddress();
        }
        try (Socket _ = DeadlineSocket.connect(host.get(), port.getAsInt(), Deadline.after(timeout))) {
            return Outcome.success();
        } catch (IOException e) {
            return Outcome.failure(e.getMessage() == null ? e.toString() : e.getMessage());
        }
    }

    private Outcome grpc(Handler.Grpc health, ProbeTarget target, Duration timeout) {
        if (target.address().isEmpty()) {
            return noAddress();
        }
        String trouble = grpc.trouble(target.address().get(), health.port(), health.service(), timeout);
        return trouble.isEmpty() ? Outcome.success() : Outcome.failure(trouble);
    }

    private static Outcome noPort(Handler.PortRef ref) {
        return Outcome.error("couldn't find port: " + ref.name());
    }

    private static Outcome noAddress() {
        return Outcome.error("the pod has no address yet");
    }
}
