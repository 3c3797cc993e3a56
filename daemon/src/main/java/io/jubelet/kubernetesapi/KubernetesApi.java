/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.api.LogEndpoint;
import io.jubelet.api.LogSource;
import io.jubelet.api.RequestHandler;
import io.jubelet.api.TcpPort;
import io.jubelet.cluster.LocalNode;
import io.jubelet.desired.DesiredPods;
import io.jubelet.objects.NodeInfo;
import io.jubelet.stats.Summary;
import io.jubelet.status.StatusStore;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Serves a read-only Kubernetes API: HTTP/1.1 over TLS, for clients with a certificate of this node's own authority.
 *
 * <p>One thread named {@code kubernetes-api} does the I/O. {@link #start} and {@link #close} are called by one thread.
 */
public final class KubernetesApi implements AutoCloseable {

    /** The name of its directory below the root directory. */
    public static final String DIRECTORY = "kubernetes-api";

    /** How many connections of authenticated clients may be open. Each watch and each log that is followed needs one. */
    static final int MAX_TRUSTED = 96;
    /** How many connections may be open before their first request. */
    static final int MAX_OTHERS = 32;

    /** How long to wait for a client to send a request or to read a response. */
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);

    private static final JsonFactory FACTORY = new JsonFactory()
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
            .disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);

    private final ApiCredentials credentials;
    private final TcpPort port;

    /** Measures what the node and its pods use. */
    public interface UsageSource {

        /**
         * Returns the usage with the rates of late. Blocks for the runtime.
         *
         * @throws io.jubelet.api.ApiError if the runtime does not answer
         */
        Summary collect() throws InterruptedException;
    }

    /**
     * What is served.
     *
     * @param desired the manifests that were read last; must not block
     * @param usage measures what the node and its pods use
     * @param streams serves the kubelet's paths for exec, attach and port-forward
     * @param manifests the directory of the manifests, or the one manifest
     */
    public record Content(
            StatusStore statuses,
            Supplier<DesiredPods> desired,
            LocalNode node,
            NodeInfo info,
            LogSource logs,
            UsageSource usage,
            RequestHandler streams,
            Path manifests) {
        public Content {
            Objects.requireNonNull(statuses, "statuses");
            Objects.requireNonNull(desired, "desired");
            Objects.requireNonNull(node, "node");
            Objects.requireNonNull(info, "info");
            Objects.requireNonNull(logs, "logs");
            Objects.requireNonNull(usage, "usage");
            Objects.requireNonNull(streams, "streams");
            Objects.requireNonNull(manifests, "manifests");
        }
    }

    /**
     * Creates the keys and certificates that are missing, and the kubeconfig.
     *
     * @param directory where they are kept
     * @throws IOException if the directory cannot be written
     */
    public KubernetesApi(InetSocketAddress address, Path directory, Content content, InstantSource clock)
            throws IOException {
        this.credentials =
                ApiCredentials.open(directory, address, content.info().name(), clock);
        ObjectSource source = new ObjectSource(
                content.statuses(), content.desired(), content.node(), content.info(), content.manifests());
        ObjectStore store = new ObjectStore(source, FACTORY, credentials.starts());
        ObjectWriter writer = new ObjectWriter(FACTORY, clock);
        this.port = new TcpPort(
                "kubernetes-api",
                "a read-only Kubernetes API",
                address,
                MAX_TRUSTED,
                MAX_OTHERS,
                REQUEST_TIMEOUT,
                new KubernetesEndpoints(
                        source,
                        store,
                        writer,
                        new Discovery(writer, source.version(), credentials.address()),
                        new KubernetesEndpoints.Access(
                                credentials::trusts,
                                new LogEndpoint(content.statuses(), content.logs()),
                                content.usage(),
                                content.streams())),
                credentials::engine);
    }

    /** Starts to listen; if the port is in use, as soon as it is free. */
    public void start() {
        port.start();
    }

    /** Stops serving and closes all connections. Further calls have no effect. */
    @Override
    public void close() {
        port.close();
    }
}
