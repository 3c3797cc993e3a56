/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.FieldReader;
import io.jubelet.pod.ContainerPort;
import io.jubelet.schema.Names;
import io.jubelet.schema.PodFields;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Parses and validates the ports of one container, and applies the v1 defaults. */
final class PortParser {

    private final boolean init;
    private final boolean hostNetwork;
    private final Map<String, String> hostPorts;

    /**
     * A parser of the ports of one container.
     *
     * @param init whether it is an init container
     * @param hostPorts names of containers by the port of the node that they use; this parser adds to it
     */
    PortParser(boolean init, boolean hostNetwork, Map<String, String> hostPorts) {
        this.init = init;
        this.hostNetwork = hostNetwork;
        this.hostPorts = hostPorts;
    }

    List<ContainerPort> parse(FieldReader container, String containerName) {
        List<ContainerPort> ports = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (FieldReader port : container.mappings("ports", PodFields.PORT)) {
            String name = port.text("name", "");
            if (!name.isEmpty()) {
                port.note("name", Names.checkPortName(name));
                if (!seen.add(name)) {
                    port.error("name", "another port of this container is already named \"" + name + "\"");
                }
            }
            if (!port.has("containerPort")) {
                port.error("containerPort", "is required; write for example \"containerPort: 8080\"");
            }
            int containerPort = (int) port.integer("containerPort", 0, 1, 65_535);
            ContainerPort.Protocol protocol =
                    port.choice("protocol", ContainerPort.Protocol.values(), ContainerPort.Protocol.TCP);
            int hostPort = hostPort(port, containerPort);
            String hostIp = port.text("hostIP", "");
            if (!hostIp.isEmpty()) {
                port.note("hostIP", Names.checkIp(hostIp));
            }
            if (hostPort > 0) {
                reserve(port, hostIp, hostPort + "/" + protocol, containerName);
            }
            ports.add(new ContainerPort(name, containerPort, hostPort, hostIp, protocol));
        }
        return ports;
    }

    private int hostPort(FieldReader port, int containerPort) {
        int hostPort = (int) port.integer("hostPort", 0, 0, 65_535);
        if (!hostNetwork) {
            return hostPort;
        }
        if (hostPort > 0 && hostPort != containerPort && !init) {
            port.error(
                    "hostPort",
                    "must be equal to containerPort, " + containerPort + ", because this pod uses hostNetwork");
        }
        return hostPort > 0 ? hostPort : containerPort;
    }

    private void reserve(FieldReader port, String hostIp, String hostPort, String container) {
        String other = hostPorts.putIfAbsent(hostIp + " " + hostPort, container);
        if (other != null) {
            port.error(
                    port.has("hostPort") ? "hostPort" : "containerPort",
                    "port " + hostPort + " of the node is already taken by container \"" + other + "\"");
        }
    }
}
