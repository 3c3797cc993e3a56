/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Objects;

/**
 * A port that a container listens on.
 *
 * @param name empty for none
 * @param containerPort 1 to 65535
 * @param hostPort 1 to 65535, or 0 for none
 * @param hostIp address on the host to bind, empty for all
 * @param protocol never null
 */
public record ContainerPort(String name, int containerPort, int hostPort, String hostIp, Protocol protocol) {

    /** Transport protocol of a port. */
    public enum Protocol {
        TCP,
        UDP,
        SCTP
    }

    public ContainerPort {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(hostIp, "hostIp");
        Objects.requireNonNull(protocol, "protocol");
    }
}
