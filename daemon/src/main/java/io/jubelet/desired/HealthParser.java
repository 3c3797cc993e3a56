package io.jubelet.desired;

import io.jubelet.document.FieldReader;
import io.jubelet.document.FieldTable;
import io.jubelet.document.Node;
import io.jubelet.pod.Handler;
import io.jubelet.pod.Lifecycle;
import io.jubelet.pod.Probe;
import io.jubelet.pod.Probes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Probes and hooks of one container: from the document to records, with the v1 defaults. */
final class HealthParser {

    private static final long MAX_SECONDS = Integer.MAX_VALUE;

    private enum Scheme {
        HTTP,
        HTTPS
    }

    private HealthParser() {}

    static Probes probes(FieldReader container) {
        Optional<Probe> startup = probe(container, "startupProbe");
        Optional<Probe> liveness = probe(container, "livenessProbe");
        Optional<Probe> readiness = probe(container, "readinessProbe");
        return startup.isEmpty() && liveness.isEmpty() && readiness.isEmpty()
                ? Probes.NONE
                : new Probes(startup, liveness, readiness);
    }

    static Lifecycle lifecycle(FieldReader container) {
        FieldReader lifecycle = container.mapping("lifecycle", PodFields.LIFECYCLE);
        if (lifecycle == null) {
            return Lifecycle.NONE;
        }
        return new Lifecycle(
                hook(lifecycle, "postStart"), hook(lifecycle, "preStop"), lifecycle.text("stopSignal", ""));
    }

    private static Optional<Probe> probe(FieldReader container, String name) {
        FieldReader probe = container.mapping(name, PodFields.PROBE);
        if (probe == null) {
            return Optional.empty();
        }
        Optional<Handler> handler = handler(container, name, probe);
        Duration initialDelay = seconds(probe, "initialDelaySeconds", 0);
        Duration timeout = orDefault(seconds(probe, "timeoutSeconds", 1), 1);
        Duration period = orDefault(seconds(probe, "periodSeconds", 10), 10);
        int successes = threshold(probe, "successThreshold", 1);
        int failures = threshold(probe, "failureThreshold", 3);
        Optional<Duration> grace = probe.has("terminationGracePeriodSeconds")
                ? Optional.of(seconds(probe, "terminationGracePeriodSeconds", 0))
                : Optional.empty();
        return handler.map(h -> new Probe(h, initialDelay, timeout, period, successes, failures, grace));
    }

    private static Optional<Handler> hook(FieldReader lifecycle, String name) {
        FieldReader hook = lifecycle.mapping(name, PodFields.HOOK);
        return hook == null ? Optional.empty() : handler(lifecycle, name, hook);
    }

    /** The one handler that is there; what else is there is noted. */
    private static Optional<Handler> handler(FieldReader owner, String name, FieldReader reader) {
        List<Handler> handlers = new ArrayList<>();
        read(reader, "exec", PodFields.EXEC).ifPresent(exec -> handlers.add(new Handler.Exec(command(exec))));
        read(reader, "httpGet", PodFields.HTTP_GET).ifPresent(get -> handlers.add(httpGet(get)));
        read(reader, "tcpSocket", PodFields.TCP_SOCKET)
                .ifPresent(tcp -> handlers.add(new Handler.TcpSocket(tcp.text("host", ""), port(tcp))));
        read(reader, "grpc", PodFields.GRPC)
                .ifPresent(grpc -> handlers.add(
                        new Handler.Grpc((int) grpc.integer("port", 0, 1, 65_535), grpc.text("service", ""))));
        read(reader, "sleep", PodFields.SLEEP)
                .ifPresent(sleep -> handlers.add(new Handler.Sleep(seconds(sleep, "seconds", 0))));
        if (handlers.size() == 1) {
            return Optional.of(handlers.getFirst());
        }
        owner.error(name, handlers.isEmpty() ? "needs a handler, such as exec or httpGet" : "must have one handler");
        return Optional.empty();
    }

    private static Optional<FieldReader> read(FieldReader reader, String name, FieldTable table) {
        return reader.has(name) ? Optional.ofNullable(reader.mapping(name, table)) : Optional.empty();
    }

    private static List<String> command(FieldReader exec) {
        List<String> command = exec.texts("command");
        if (command.isEmpty()) {
            exec.error("command", "is required; write for example \"command: [cat, /tmp/healthy]\"");
        }
        return command;
    }

    private static Handler.HttpGet httpGet(FieldReader reader) {
        List<Handler.Header> headers = new ArrayList<>();
        for (FieldReader header : reader.mappings("httpHeaders", PodFields.HTTP_HEADER)) {
            String name = header.requiredText("name", "Accept");
            if (name != null) {
                headers.add(new Handler.Header(name, header.text("value", "")));
            }
        }
        String path = reader.text("path", "/");
        return new Handler.HttpGet(
                reader.text("host", ""),
                port(reader),
                path.startsWith("/") ? path : "/" + path,
                reader.choice("scheme", Scheme.values(), Scheme.HTTP) == Scheme.HTTPS,
                headers);
    }

    /** A number, or the name of a port of the same container. */
    private static Handler.PortRef port(FieldReader reader) {
        if (reader.get("port") instanceof Node.Scalar scalar && scalar.type() == Node.Type.TEXT) {
            String wrong = Names.checkPortName(scalar.value());
            if (wrong != null) {
                reader.error("port", wrong);
            }
            return new Handler.PortRef(0, scalar.value());
        }
        if (!reader.has("port")) {
            reader.error("port", "is required; write for example \"port: 8080\"");
        }
        return new Handler.PortRef((int) reader.integer("port", 0, 1, 65_535), "");
    }

    private static Duration seconds(FieldReader reader, String name, long absent) {
        return Duration.ofSeconds(reader.integer(name, absent, 0, MAX_SECONDS));
    }

    /** A zero is what a Go program writes for a field that is not set. */
    private static Duration orDefault(Duration value, long seconds) {
        return value.isZero() ? Duration.ofSeconds(seconds) : value;
    }

    private static int threshold(FieldReader probe, String name, int absent) {
        int value = (int) probe.integer(name, absent, 0, MAX_SECONDS);
        return value == 0 ? absent : value;
    }
}
