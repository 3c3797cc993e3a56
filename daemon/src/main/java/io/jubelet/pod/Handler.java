package io.jubelet.pod;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/** What a probe or a hook does. Source: the v1 types ProbeHandler and LifecycleHandler. */
public sealed interface Handler {

    /** Runs a command in the container; not by a shell, and never empty. */
    record Exec(List<String> command) implements Handler {
        public Exec {
            command = List.copyOf(command);
        }
    }

    /**
     * Makes an HTTP request.
     *
     * @param host empty means the pod's own address
     * @param port of the host
     * @param path with the query, beginning with a slash
     * @param https whether to speak TLS; the certificate is not verified
     * @param headers in the order of the manifest; a name may come more than once
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
     * @param host empty means the pod's own address
     */
    record TcpSocket(String host, PortRef port) implements Handler {
        public TcpSocket {
            Objects.requireNonNull(host, "host");
            Objects.requireNonNull(port, "port");
        }
    }

    /**
     * Asks the gRPC health service, without TLS, at the pod's own address.
     *
     * @param service may be empty
     */
    record Grpc(int port, String service) implements Handler {
        public Grpc {
            Objects.requireNonNull(service, "service");
        }
    }

    /** Waits; zero or more. Of hooks alone. */
    record Sleep(Duration time) implements Handler {
        public Sleep {
            Objects.requireNonNull(time, "time");
        }
    }

    /**
     * A port by number or by the name that the same container gives it.
     *
     * @param name empty when the number counts
     */
    record PortRef(int number, String name) {
        public PortRef {
            Objects.requireNonNull(name, "name");
        }
    }
}
