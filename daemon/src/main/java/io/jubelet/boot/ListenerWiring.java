/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.boot;

import io.jubelet.api.ApiServer;
import io.jubelet.api.KubeletServer;
import io.jubelet.authorization.AccessReviewer;
import io.jubelet.authorization.DelegatedAuthorizer;
import io.jubelet.certificate.CertificateStore;
import io.jubelet.certificate.CertificateSubject;
import io.jubelet.certificate.ServerTls;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.config.AccessConfig;
import io.jubelet.config.DaemonConfig;
import io.jubelet.config.ListenerConfig;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.signing.ServingCertificateManager;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The kubelet's port, which serves other machines. Not loaded where no port is configured. */
final class ListenerWiring implements AutoCloseable {

    static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);

    private final ServingCertificateManager certificate;
    private final KubeletServer server;

    private ListenerWiring(
            DaemonConfig config,
            Supplier<List<String>> ips,
            Optional<KubeApi> cluster,
            ApiServer local,
            KubeletServer.Handlers handlers,
            NodeClock clock) {
        ListenerConfig listener = config.listeners();
        AccessConfig access = listener.access();
        Optional<AccessReviewer> reviewer =
                cluster.map(api -> (path, object) -> api.create(path, object, AccessReviewer.WANTED));
        boolean tokens = reviewer.isPresent() && access.tokens().orElse(true);
        this.certificate =
                new ServingCertificateManager(source(config, cluster), () -> subject(config, ips.get()), clock);
        // Without tokens a client that has no certificate cannot be authenticated, and does not get past the handshake.
        ServerTls tls = new ServerTls(
                access.clientCa().orElseThrow(),
                certificate::current,
                listener.tls().minVersion(),
                listener.tls().cipherSuites(),
                listener.tls().groups(),
                !tokens);
        DelegatedAuthorizer authorizer = new DelegatedAuthorizer(
                tls::trusts,
                reviewer.filter(_ -> tokens),
                switch (access.mode()) {
                    case AlwaysAllow -> Optional.empty();
                    case Webhook -> Optional.of(reviewer.orElseThrow());
                },
                config.node().name(),
                new DelegatedAuthorizer.Ttl(access.tokenTtl(), access.authorizedTtl(), access.unauthorizedTtl()),
                clock::steady);
        this.server = new KubeletServer(
                new InetSocketAddress(
                        InetAddress.ofLiteral(listener.kubelet().address()),
                        listener.kubelet().port()),
                tls::engine,
                REQUEST_TIMEOUT,
                local,
                authorizer,
                handlers);
    }

    private static CertificateSubject subject(DaemonConfig config, List<String> ips) {
        String name = config.node().name();
        return CertificateSubject.ofNode(name).serving(List.of(name), ips);
    }

    /**
     * Starts it.
     *
     * @param cluster signs certificates, verifies tokens and authorizes requests; empty if there is no API server
     * @param handlers what is served besides health and pods
     */
    static ListenerWiring start(
            DaemonConfig config,
            Supplier<List<String>> ips,
            Optional<KubeApi> cluster,
            ApiServer local,
            KubeletServer.Handlers handlers,
            NodeClock clock) {
        ListenerWiring wiring = new ListenerWiring(config, ips, cluster, local, handlers, clock);
        wiring.certificate.start();
        wiring.server.start();
        return wiring;
    }

    private static ServingCertificateManager.Source source(DaemonConfig config, Optional<KubeApi> cluster) {
        ListenerConfig.Tls tls = config.listeners().tls();
        if (tls.certificate().isPresent() && tls.key().isPresent()) {
            return new ServingCertificateManager.Source.ProvidedFiles(
                    tls.certificate().get(), tls.key().get());
        }
        if (tls.bootstrap() && cluster.isPresent()) {
            return new ServingCertificateManager.Source.Cluster(
                    cluster.get(), new CertificateStore(config.listeners().certDir(), "kubelet-server"));
        }
        return new ServingCertificateManager.Source.SelfSigned(
                config.listeners().certDir());
    }

    @Override
    public void close() {
        server.close();
        certificate.close();
    }
}
