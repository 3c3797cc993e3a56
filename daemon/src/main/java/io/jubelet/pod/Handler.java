/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/** The action of a probe or hook. Source: the v1 types ProbeHandler and LifecycleHandler. */
public sealed interface Handler {

    /** Runs a command, which is never empty, in the container without a shell. */
    record Exec(List<String> command) implements Handler {
        public Exec {
            command = List.copyOf(command);
        }
    }

    /**
     * Makes an HTTP request.
     *
     * @param host empty for the address of the pod
     * @param port of the host
     * @param path starts with a slash; can have a query
     * @param https whether to speak TLS; the certificate is not verified
     * @param headers in the order of the manifest; a name can occur more than once
     */
    record HttpGet(String host, PortRef port, String path, boolean https, List<Header> headers) implements Handler {
        public HttpGet {
            Objects.requireNonNull(host, "host");
            Objects.requireNonNull(port, "port");
            Objects.requireNonNull(path, "path");
            headers = List.copyOf(headers);
        }
    }

    /** One header of an HTTP request. */
    record Header(String name, String value) {
        public Header {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(value, "value");
        }
    }

    /**
     * Opens a TCP connection.
     *
     * @param host empty for the address of the pod
     */
    record TcpSocket(String host, PortRef port) implements Handler {
        public TcpSocket {
            Objects.requireNonNull(host, "host");
            Objects.requireNonNull(port, "port");
        }
    }

    /**
     * Calls the gRPC health service at the address of the pod, without TLS.
     *
     * @param service empty for the whole server
     */
    record Grpc(int port, String service) implements Handler {
        public Grpc {
            Objects.requireNonNull(service, "service");
        }
    }

    /** Waits for zero seconds or more. Only hooks have this handler. */
    record Sleep(Duration time) implements Handler {
        public Sleep {
            Objects.requireNonNull(time, "time");
        }
    }

    /**
     * A port by number, or by the name of a port of the same container.
     *
     * @param name empty when the reference is by number
     */
    record PortRef(int number, String name) {
        public PortRef {
            Objects.requireNonNull(name, "name");
        }
    }
}
