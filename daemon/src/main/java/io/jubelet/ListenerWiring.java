package io.jubelet;

import io.jubelet.api.ApiServer;
import io.jubelet.api.KubeletServer;
import io.jubelet.certificate.CertificateStore;
import io.jubelet.certificate.CertificateSubject;
import io.jubelet.certificate.Certificates;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.PemText;
import io.jubelet.certificate.TlsContexts;
import io.jubelet.config.ListenerSettings;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.signing.ServingCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the listener for other machines; not loaded where no port is asked for. */
final class ListenerWiring implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Path clients;
    private final ServingCertificate certificate;
    private final KubeletServer server;
    /** What the last context was made of; touched by the listener's thread alone, as is the context. */
    private KeyAndCertificates contextOf;

    private List<X509Certificate> contextFor = List.of();
    private SSLContext context;

    private ListenerWiring(
            DaemonConfig config, List<String> ips, Optional<KubeApi> cluster, ApiServer local, InstantSource clock) {
        ListenerSettings listener = config.listener();
        this.clients = listener.clientAuthority().orElseThrow();
        CertificateSubject subject =
                CertificateSubject.ofNode(config.nodeName()).serving(List.of(config.nodeName()), ips);
        this.certificate = new ServingCertificate(source(config, cluster), () -> subject, clock);
        this.server = new KubeletServer(
                new InetSocketAddress(InetAddress.ofLiteral(listener.address()), listener.port()),
                this::tls,
                PATIENCE,
                local);
    }

    /**
     * Starts it.
     *
     * @param cluster who signs certificates
     * @throws IOException when the port is taken
     */
    static ListenerWiring start(
            DaemonConfig config, List<String> ips, Optional<KubeApi> cluster, ApiServer local, InstantSource clock)
            throws IOException {
        ListenerWiring wiring = new ListenerWiring(config, ips, cluster, local, clock);
        wiring.server.start();
        wiring.certificate.start();
        return wiring;
    }

    private static ServingCertificate.Source source(DaemonConfig config, Optional<KubeApi> cluster) {
        ListenerSettings listener = config.listener();
        if (listener.certificate().isPresent() && listener.key().isPresent()) {
            return new ServingCertificate.Source.GivenFiles(
                    listener.certificate().get(), listener.key().get());
        }
        if (listener.bootstrap() && cluster.isPresent()) {
            return new ServingCertificate.Source.Cluster(
                    cluster.get(), new CertificateStore(config.certDir(), "kubelet-server"));
        }
        return new ServingCertificate.Source.SelfSigned(config.certDir());
    }

    /** A small file is read for each connection, so that another authority counts at once. */
    private Optional<SSLContext> tls() {
        Optional<KeyAndCertificates> current = certificate.current();
        if (current.isEmpty()) {
            LOG.debug("a connection is closed, for there is no serving certificate yet");
            return Optional.empty();
        }
        try {
            List<X509Certificate> callers = Certificates.read(PemText.read(clients));
            if (context == null || !current.get().equals(contextOf) || !callers.equals(contextFor)) {
                context = TlsContexts.server(current.get(), Optional.of(callers));
                contextOf = current.get();
                contextFor = callers;
            }
            return Optional.of(context);
        } catch (IOException e) {
            LOG.warn("nobody can be served: {}", e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        server.close();
        certificate.close();
    }
}
