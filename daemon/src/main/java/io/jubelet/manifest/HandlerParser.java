/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.FieldReader;
import io.jubelet.document.Node;
import io.jubelet.pod.Handler;
import io.jubelet.schema.Names;
import io.jubelet.schema.PodFields;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Parses and validates the action of a probe or hook, and applies the v1 defaults. */
final class HandlerParser {

    private static final long MAX_SECONDS = Integer.MAX_VALUE;

    private enum Scheme {
        HTTP,
        HTTPS
    }

    private HandlerParser() {}

    /**
     * The handler; empty, with a finding, unless there is exactly one.
     *
     * @param owner the mapping that has the probe or hook in the field {@code name}
     */
    static Optional<Handler> parse(FieldReader owner, String name, FieldReader reader) {
        List<Handler> handlers = new ArrayList<>(1);
        FieldReader exec = reader.mapping("exec", PodFields.EXEC);
        if (exec != null) {
            handlers.add(new Handler.Exec(command(exec)));
        }
        FieldReader get = reader.mapping("httpGet", PodFields.HTTP_GET);
        if (get != null) {
            handlers.add(httpGet(get));
        }
        FieldReader tcp = reader.mapping("tcpSocket", PodFields.TCP_SOCKET);
        if (tcp != null) {
            handlers.add(new Handler.TcpSocket(tcp.text("host", ""), port(tcp)));
        }
        FieldReader grpc = reader.mapping("grpc", PodFields.GRPC);
        if (grpc != null) {
            handlers.add(grpc(grpc));
        }
        FieldReader sleep = reader.mapping("sleep", PodFields.SLEEP);
        if (sleep != null) {
            handlers.add(new Handler.Sleep(Duration.ofSeconds(sleep.integer("seconds", 0, 0, MAX_SECONDS))));
        }
        if (handlers.size() == 1) {
            return Optional.of(handlers.getFirst());
        }
        owner.error(
                name,
                handlers.isEmpty() ? "must have a handler, such as exec or httpGet" : "must have only one handler");
        return Optional.empty();
    }

    private static List<String> command(FieldReader exec) {
        List<String> command = exec.freeTexts("command");
        if (command.isEmpty()) {
            exec.error("command", "is required; write for example \"command: [cat, /tmp/healthy]\"");
        }
        return command;
    }

    private static Handler.Grpc grpc(FieldReader reader) {
        if (!reader.has("port")) {
            reader.error("port", "is required; write for example \"port: 9090\"");
        }
        return new Handler.Grpc((int) reader.integer("port", 0, 1, 65_535), reader.text("service", ""));
    }

    private static Handler.HttpGet httpGet(FieldReader reader) {
        List<Handler.Header> headers = new ArrayList<>();
        for (FieldReader header : reader.mappings("httpHeaders", PodFields.HTTP_HEADER)) {
            String name = header.requiredText("name", "Accept");
            if (name != null) {
                header.note("name", Names.checkHeaderName(name));
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
        if (reader.get("port") instanceof Node.Scalar scalar && scalar.type() == Node.Type.STRING) {
            reader.note("port", Names.checkPortName(scalar.value()));
            return new Handler.PortRef(0, scalar.value());
        }
        if (!reader.has("port")) {
            reader.error("port", "is required; write for example \"port: 8080\"");
        }
        return new Handler.PortRef((int) reader.integer("port", 0, 1, 65_535), "");
    }
}
