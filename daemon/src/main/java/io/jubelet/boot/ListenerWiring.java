package io.jubelet.boot;

import io.jubelet.api.ApiServer;
import io.jubelet.api.KubeletServer;
import io.jubelet.authorization.AccessReviewer;
import io.jubelet.authorization.DelegatedAuthorizer;
import io.jubelet.certificate.CertificateStore;
import io.jubelet.certificate.CertificateSubject;
import io.jubelet.certificate.Certificates;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.PemText;
import io.jubelet.certificate.TlsContexts;
import io.jubelet.config.AccessConfig;
import io.jubelet.config.DaemonConfig;
import io.jubelet.config.ListenerConfig;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.signing.ServingCertificateManager;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the listener for other machines; not loaded where no port is asked for. */
final class ListenerWiring implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Path authority;
    private final String[] protocols;
    private final boolean tokens;
    private final ServingCertificateManager certificate;
    private final KubeletServer server;
    /** Why nobody can be served, as told; empty while callers can. */
    private final AtomicReference<String> told = new AtomicReference<>("");
    /** What the last context was made of; touched by the listener's thread alone, as is the context. */
    private KeyAndCertificates contextOf;

    private List<X509Certificate> contextFor = List.of();
    private SSLContext context;

    private ListenerWiring(
            DaemonConfig config, List<String> ips, Optional<KubeApi> cluster, ApiServer local, InstantSource clock) {
        ListenerConfig listener = config.listeners();
        AccessConfig access = listener.access();
        this.authority = access.clientCa().orElseThrow();
        this.protocols = listener.tls().minVersion().equals("TLSv1.3")
                ? new String[] {"TLSv1.3"}
                : new String[] {"TLSv1.3", listener.tls().minVersion()};
        Optional<AccessReviewer> reviewer = cluster.map(api -> api::create);
        this.tokens = reviewer.isPresent() && access.tokens().orElse(true);
        CertificateSubject subject = CertificateSubject.ofNode(config.node().name())
                .serving(List.of(config.node().name()), ips);
        this.certificate = new ServingCertificateManager(source(config, cluster), () -> subject, clock);
        DelegatedAuthorizer gate = new DelegatedAuthorizer(
                this::trusted,
                reviewer.filter(_ -> tokens),
                switch (access.mode()) {
                    case AlwaysAllow -> Optional.empty();
                    case Webhook -> Optional.of(reviewer.orElseThrow());
                },
                config.node().name(),
                new DelegatedAuthorizer.Ttl(access.tokenTtl(), access.authorizedTtl(), access.unauthorizedTtl()),
                clock);
        this.server = new KubeletServer(
                new InetSocketAddress(
                        InetAddress.ofLiteral(listener.kubelet().address()),
                        listener.kubelet().port()),
                this::tls,
                PATIENCE,
                local,
                gate,
                listener.logs());
    }

    /**
     * Starts it.
     *
     * @param cluster who signs certificates, knows tokens, and says what callers may
     */
    static ListenerWiring start(
            DaemonConfig config, List<String> ips, Optional<KubeApi> cluster, ApiServer local, InstantSource clock) {
        ListenerWiring wiring = new ListenerWiring(config, ips, cluster, local, clock);
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

    /** A small file, read for each connection and each request, so that another authority counts at once. */
    private List<X509Certificate> authorities() throws IOException {
        return Certificates.read(PemText.read(authority));
    }

    /** Any thread. */
    private boolean trusted(List<X509Certificate> caller) {
        try {
            return TlsContexts.trusts(authorities(), caller);
        } catch (IOException e) {
            tell(e);
            return false;
        }
    }

    /** Once for each trouble, for anybody may connect as often as he likes. */
    private void tell(IOException trouble) {
        String problem = String.valueOf(trouble.getMessage());
        if (!problem.equals(told.getAndSet(problem))) {
            LOG.warn("nobody can be served: {}", problem);
        }
    }

    private Optional<SSLEngine> tls() {
        Optional<KeyAndCertificates> current = certificate.current();
        if (current.isEmpty()) {
            LOG.debug("a connection is closed, for there is no serving certificate yet");
            return Optional.empty();
        }
        try {
            List<X509Certificate> callers = authorities();
            if (context == null || !current.get().equals(contextOf) || !callers.equals(contextFor)) {
                context = TlsContexts.server(current.get(), Optional.of(callers));
                contextOf = current.get();
                contextFor = callers;
            }
            told.set("");
        } catch (IOException e) {
            tell(e);
            return Optional.empty();
        }
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        engine.setEnabledProtocols(protocols);
        if (tokens) {
            engine.setWantClientAuth(true);
        } else {
            // Strangers get no further than this.
            engine.setNeedClientAuth(true);
        }
        return Optional.of(engine);
    }

    @Override
    public void close() {
        server.close();
        certificate.close();
    }
}
