/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.printing.Json;
import java.util.stream.Stream;

/**
 * A port of this machine and the port of a pod that it leads to.
 *
 * @param local 0 for any that is free
 */
record PortPair(int local, int remote) {

    /**
     * Reads {@code LOCAL:REMOTE}, {@code :REMOTE} or {@code PORT}; the remote port can be the name of one in the pod's spec.
     *
     * @throws CommandException if it is malformed, or the pod has no port of that name
     */
    static PortPair parse(String text, Json pod) throws CommandException {
        int colon = text.indexOf(':');
        String remote = text.substring(colon + 1);
        int remotePort = isNumber(remote) ? number(remote, text) : named(remote, pod);
        if (colon < 0) {
            return new PortPair(remotePort, remotePort);
        }
        String local = text.substring(0, colon);
        return new PortPair(local.isEmpty() ? 0 : number(local, text), remotePort);
    }

    private static boolean isNumber(String text) {
        return text.isEmpty() || text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static int number(String text, String whole) throws CommandException {
        int port = isNumber(text) && !text.isEmpty() && text.length() <= 5 ? Integer.parseInt(text) : 0;
        if (port < 1 || port > 65535) {
            throw new CommandException("\"" + whole + "\" is not LOCAL:REMOTE with ports from 1 to 65535");
        }
        return port;
    }

    private static int named(String name, Json pod) throws CommandException {
        Stream<Json> containers = Stream.concat(
                pod.at("spec", "containers").items().stream(), pod.at("spec", "initContainers").items().stream());
        return containers
                .flatMap(container -> container.at("ports").items().stream())
                .filter(port -> port.at("name").text().equals(name))
                .findFirst()
                .orElseThrow(() -> new CommandException(
                        "Pod '" + pod.at("metadata", "name").text() + "' does not have a named port '" + name + "'"))
                .at("containerPort")
                .number();
    }
}
