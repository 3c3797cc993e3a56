/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import io.jubelet.certificate.CertificateStore;
import io.jubelet.certificate.CertificateSubject;
import io.jubelet.certificate.Certificates;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.LocalAuthority;
import io.jubelet.certificate.PemText;
import io.jubelet.certificate.PrivateKeys;
import io.jubelet.certificate.ServerTls;
import io.jubelet.document.SmallFile;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys and certificates of the Kubernetes API in a directory, and the kubeconfig that has those of the client.
 *
 * <p>{@link #trusts} is safe for use by many threads; {@link #engine} must be called by one, that of the listener.
 */
final class ApiCredentials {

    private static final Logger LOG = LoggerFactory.getLogger(ApiCredentials.class);

    /** The name of the kubeconfig in the directory; {@code jubelet kubeconfig} reads it. */
    private static final String KUBECONFIG = "kubeconfig";

    private static final String STARTS = "starts";
    private static final int MAX_STARTS_BYTES = 32;
    private static final String TLS13 = "TLSv1.3";
    private static final String AUTHORITY_NAME = "jubelet-kubernetes-api";

    private final Path directory;
    private final LocalAuthority authority;
    private final InetSocketAddress listener;
    private final String node;
    private final InstantSource clock;
    private final ServerTls tls;
    private final long starts;
    /** Changed by the thread of the listener. */
    private volatile KeyAndCertificates server;

    private volatile KeyAndCertificates client;

    private ApiCredentials(Path directory, InetSocketAddress listener, String node, InstantSource clock)
            throws IOException {
        this.directory = directory;
        this.authority = new LocalAuthority(directory, AUTHORITY_NAME);
        this.listener = listener;
        this.node = node;
        this.clock = clock;
        this.starts = countStart();
        this.server = serverCertificate();
        this.client = clientCertificate();
        writeKubeconfig();
        this.tls =
                new ServerTls(authority.file(), () -> Optional.of(currentServer()), TLS13, List.of(), List.of(), true);
    }

    /**
     * Creates what is missing in the directory.
     *
     * @param listener where the API is served
     * @param node the name of the node
     */
    static ApiCredentials open(Path directory, InetSocketAddress listener, String node, InstantSource clock)
            throws IOException {
        return new ApiCredentials(directory, listener, node, clock);
    }

    private KeyAndCertificates serverCertificate() throws IOException {
        CertificateSubject subject = new CertificateSubject(
                Optional.empty(),
                AUTHORITY_NAME,
                List.of("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"),
                List.of("127.0.0.1", "::1", host()));
        return authority.current("server", subject, LocalAuthority.Usage.SERVER, clock.instant());
    }

    private KeyAndCertificates clientCertificate() throws IOException {
        CertificateSubject subject =
                new CertificateSubject(Optional.of("system:masters"), "jubelet-admin", List.of(), List.of());
        return authority.current("client", subject, LocalAuthority.Usage.CLIENT, clock.instant());
    }

    /** The address that clients connect to. */
    private String host() {
        return listener.getAddress().isAnyLocalAddress()
                ? "127.0.0.1"
                : listener.getAddress().getHostAddress();
    }

    /** Where clients reach the API, as host and port. */
    String address() {
        String host = host();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + listener.getPort();
    }

    /** How many daemons with this directory have served the API, this one included. */
    long starts() {
        return starts;
    }

    private long countStart() throws IOException {
        Path file = directory.resolve(STARTS);
        long before = 0;
        if (Files.exists(file)) {
            String text = new String(SmallFile.read(file, MAX_STARTS_BYTES), StandardCharsets.US_ASCII).strip();
            try {
                before = Long.parseLong(text);
            } catch (NumberFormatException e) {
                throw new IOException(file + " contains no number; remove it, and clients list their objects anew", e);
            }
        }
        CertificateStore.writeSecret(file, (before + 1) + "\n");
        return before + 1;
    }

    /** Renews the certificates that are about to expire; the old ones are used while that fails. */
    private KeyAndCertificates currentServer() {
        if (LocalAuthority.isDue(server, clock.instant()) || LocalAuthority.isDue(client, clock.instant())) {
            try {
                server = serverCertificate();
                client = clientCertificate();
                writeKubeconfig();
            } catch (IOException e) {
                LOG.warn("cannot renew the certificates of the Kubernetes API in {}: {}", directory, e.getMessage());
            }
        }
        return server;
    }

    private void writeKubeconfig() throws IOException {
        String name = "jubelet-" + node;
        CertificateStore.writeSecret(directory.resolve(KUBECONFIG), """
                apiVersion: v1
                kind: Config
                clusters:
                - name: %1$s
                  cluster:
                    server: https://%2$s
                    certificate-authority-data: %3$s
                users:
                - name: %1$s
                  user:
                    client-certificate-data: %4$s
                    client-key-data: %5$s
                contexts:
                - name: %1$s
                  context:
                    cluster: %1$s
                    user: %1$s
                current-context: %1$s
                """.formatted(
                        name,
                        address(),
                        base64(Certificates.pem(Certificates.read(PemText.read(authority.file())))),
                        base64(Certificates.pem(client.chain())),
                        base64(PrivateKeys.pem(client.key()))));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** An engine for a new connection; empty when the connection must be refused, which is logged. */
    Optional<SSLEngine> engine() {
        return tls.engine();
    }

    /** Whether a client shows a certificate of the authority that is valid now. */
    boolean trusts(List<X509Certificate> chain) {
        return tls.trusts(chain);
    }
}
