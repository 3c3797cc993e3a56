/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.printing;

import java.util.List;

/** One probe of a container in one line, in the form of {@code kubectl describe}. */
public final class ProbeText {

    private ProbeText() {}

    /** Formats a v1 Probe; fields that are absent have their v1 defaults. */
    public static String of(Json probe) {
        return handler(probe) + " delay=" + number(probe, "initialDelaySeconds", 0) + "s timeout="
                + number(probe, "timeoutSeconds", 1) + "s period=" + number(probe, "periodSeconds", 10) + "s #success="
                + number(probe, "successThreshold", 1) + " #failure=" + number(probe, "failureThreshold", 3);
    }

    private static String handler(Json probe) {
        if (probe.at("exec").exists()) {
            List<String> words =
                    probe.at("exec", "command").items().stream().map(Json::text).toList();
            return "exec [" + String.join(" ", words) + "]";
        }
        if (probe.at("httpGet").exists()) {
            Json get = probe.at("httpGet");
            String scheme = get.at("scheme").text().equals("HTTPS") ? "https" : "http";
            String path = get.at("path").text();
            return "http-get " + scheme + "://" + get.at("host").text() + ":"
                    + get.at("port").text() + (path.startsWith("/") ? path : "/" + path);
        }
        if (probe.at("tcpSocket").exists()) {
            Json socket = probe.at("tcpSocket");
            return "tcp-socket " + socket.at("host").text() + ":"
                    + socket.at("port").text();
        }
        Json grpc = probe.at("grpc");
        return "grpc <pod>:" + grpc.at("port").text() + " " + grpc.at("service").text();
    }

    private static int number(Json probe, String field, int absent) {
        int number = probe.at(field).number();
        return number == 0 ? absent : number;
    }
}
