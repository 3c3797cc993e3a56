/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.signing;

import io.jubelet.certificate.CertificateStore;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.concurrent.Loop;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.kubeapi.ClientConfig;
import io.jubelet.kubeapi.ClientConfigProvider;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.kubeapi.KubeApiException;
import io.jubelet.kubeapi.ReloadingKubeconfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Obtains and rotates the client certificate of the node: requests the first one with a bootstrap
 * kubeconfig and each next one with its predecessor. Runs on the thread {@code client-certificate}.
 */
public final class ClientCertificateManager implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ClientCertificateManager.class);

    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration MAX_RETRY = Duration.ofSeconds(30);
    /** How often the certificate and the files are checked. */
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(10);

    private static final Duration MIN_REQUEST_INTERVAL = Duration.ofMinutes(1);
    private static final Duration LOG_INTERVAL = Duration.ofMinutes(10);
    private static final Duration IMMEDIATELY = Duration.ZERO;

    /**
     * The configuration of the client certificate.
     *
     * @param kubeconfig the file that is written after a bootstrap
     * @param bootstrap a kubeconfig that is allowed only to request a certificate
     * @param rotate whether the certificate is renewed before it expires
     */
    public record Settings(String node, Path kubeconfig, Optional<Path> bootstrap, boolean rotate) {
        public Settings {
            Objects.requireNonNull(node, "node");
            Objects.requireNonNull(kubeconfig, "kubeconfig");
            Objects.requireNonNull(bootstrap, "bootstrap");
        }

        /** Returns whether the manager ever has anything to do. */
        public boolean isNeeded() {
            return bootstrap.isPresent() || rotate;
        }
    }

    private final Settings settings;
    private final CertificateStore store;
    private final ReloadingKubeconfig kubeconfig;
    private final KubeApi api;
    private final Function<ClientConfigProvider, KubeApi> clients;
    private final NodeClock clock;
    private final CertificateRequest request;
    private final CertificateSigning signing;
    private final Loop loop;
    /**
     * The client of the bootstrap; null unless a bootstrap is going on. Written by the loop and by
     * {@link #close}.
     */
    private volatile @Nullable KubeApi bootstrapApi;

    private @Nullable ReloadingKubeconfig bootstrapKubeconfig;
    private Instant loggedAt = Instant.MIN;
    private Instant notBefore = Instant.MIN;

    /**
     * @param store the store of client certificates
     * @param kubeconfig the provider of {@code api}, which reads the store, too
     * @param clients creates a client of an API server
     */
    public ClientCertificateManager(
            Settings settings,
            CertificateStore store,
            ReloadingKubeconfig kubeconfig,
            KubeApi api,
            Function<ClientConfigProvider, KubeApi> clients,
            NodeClock clock) {
        this.settings = Objects.requireNonNull(settings, "settings");
        this.store = Objects.requireNonNull(store, "store");
        this.kubeconfig = Objects.requireNonNull(kubeconfig, "kubeconfig");
        this.api = Objects.requireNonNull(api, "api");
        this.clients = Objects.requireNonNull(clients, "clients");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.request = CertificateRequest.client(settings.node());
        this.signing = new CertificateSigning(store, clock);
        this.loop = Loop.unstarted("client-certificate", FIRST_RETRY, MAX_RETRY, this::turn);
    }

    /** Starts the loop. */
    public ClientCertificateManager start() {
        api.onReachabilityChange(loop::wake);
        loop.begin();
        return this;
    }

    /** Does what is due; returns how long to wait before the next turn. Called by the loop. */
    Duration turn() throws InterruptedException {
        Optional<KeyAndCertificates> certificate;
        try {
            ClientConfig config = kubeconfig.current();
            certificate = kubeconfig.certificate();
            if (config.token().isPresent()
                    || (certificate.isEmpty() && settings.bootstrap().isEmpty())) {
                return CHECK_INTERVAL; // authenticates by a token, or not at all
            }
        } catch (KubeApiException.NoCredentials e) {
            // A plugin that fails is not a reason for a bootstrap: it runs again.
            return kubeconfig.isLoaded() || settings.bootstrap().isEmpty() ? CHECK_INTERVAL : bootstrap(e.getMessage());
        }
        if (certificate.isEmpty()) {
            return bootstrap("the kubeconfig " + settings.kubeconfig() + " has no credentials");
        }
        return turn(certificate.get());
    }

    private Duration turn(KeyAndCertificates certificate) throws InterruptedException {
        Instant now = clock.instant();
        if (certificate.expired(now)) {
            String expired =
                    "the client certificate " + certificate.subject() + " expired at " + certificate.notAfter();
            if (settings.bootstrap().isPresent()) {
                return bootstrap(expired);
            }
            logProblem(expired
                    + ", and there is no --bootstrap-kubeconfig to request another one. The API server cannot be reached"
                    + " until the certificate in " + settings.kubeconfig() + " is renewed; pods keep running");
            return CHECK_INTERVAL;
        }
        endBootstrap();
        if (!settings.rotate()) {
            return untilNextCheck(now, certificate.notAfter());
        }
        if (!certificate.subject().equals(subject())) {
            logProblem("the client certificate belongs to " + certificate.subject() + ", not to " + subject()
                    + "; it is not rotated");
            return CHECK_INTERVAL;
        }
        Instant due = RotationDeadline.of(certificate);
        Instant steady = clock.steady();
        if (steady.isBefore(notBefore)) {
            return untilNextCheck(steady, notBefore);
        }
        return now.isBefore(due) ? untilNextCheck(now, due) : rotate(certificate);
    }

    private String subject() {
        return "CN=" + request.subject().commonName() + ",O="
                + request.subject().organization().orElse("");
    }

    /**
     * Returns the time until a moment, at most {@link #CHECK_INTERVAL}, because the clock can jump
     * and files can change.
     */
    private static Duration untilNextCheck(Instant now, Instant then) {
        Duration left = Duration.between(now, then).plusMillis(1);
        return left.compareTo(CHECK_INTERVAL) < 0 ? left : CHECK_INTERVAL;
    }

    /** Requests the first certificate with the bootstrap kubeconfig. */
    private Duration bootstrap(String why) throws InterruptedException {
        KubeApi client = bootstrapApi;
        ReloadingKubeconfig from = bootstrapKubeconfig;
        if (client == null || from == null) {
            LOG.info(
                    "{}: requesting a client certificate with {}",
                    why,
                    settings.bootstrap().orElseThrow());
            from = new ReloadingKubeconfig(settings.bootstrap().orElseThrow(), clock);
            client = clients.apply(from);
            client.onReachabilityChange(loop::wake);
            client.start();
            bootstrapKubeconfig = from;
            bootstrapApi = client;
        }
        CertificateSigning.Step step = signing.step(client, request);
        if (step.issued().isEmpty()) {
            return step.pause();
        }
        try {
            // The kubeconfig comes before the certificate: a daemon that is killed in between finds
            // no certificate and continues the same request.
            from.writeKubeconfig(store.currentFile(), settings.kubeconfig());
            signing.save(step.issued().get());
        } catch (IOException e) {
            signing.warnOnce("cannot store the issued client certificate: " + e.getMessage());
            return CHECK_INTERVAL;
        }
        endBootstrap();
        installed(step.issued().get());
        return IMMEDIATELY;
    }

    /** Requests the next certificate with the current one. */
    private Duration rotate(KeyAndCertificates before) throws InterruptedException {
        CertificateSigning.Step step = signing.step(api, request);
        if (step.issued().isEmpty()) {
            return step.pause();
        }
        try {
            signing.save(step.issued().get());
        } catch (IOException e) {
            signing.warnOnce("cannot store the issued client certificate: " + e.getMessage());
            return CHECK_INTERVAL;
        }
        LOG.debug("the new client certificate replaces {}", before);
        installed(step.issued().get());
        return IMMEDIATELY;
    }

    private void installed(KeyAndCertificates certificate) {
        // Limits the rate of requests if the new certificate is due for rotation at once or is not
        // accepted.
        Duration half =
                Duration.between(clock.instant(), certificate.notAfter()).dividedBy(2);
        notBefore = clock.steady().plus(half.compareTo(MIN_REQUEST_INTERVAL) < 0 ? half : MIN_REQUEST_INTERVAL);
        LOG.info("the cluster issued a client certificate for {}", certificate);
        kubeconfig.invalidate();
        api.checkNow();
    }

    private void logProblem(String problem) {
        Instant now = clock.steady();
        if (!now.isBefore(loggedAt.plus(LOG_INTERVAL))) {
            loggedAt = now;
            LOG.error("{}", problem);
        }
    }

    private void endBootstrap() {
        KubeApi client = bootstrapApi;
        if (client != null) {
            bootstrapApi = null;
            client.close();
        }
    }

    @Override
    public void close() {
        loop.close();
        endBootstrap();
    }
}
