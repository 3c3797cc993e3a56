package io.jubelet.signing;

import io.jubelet.certificate.CertificateStore;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.concurrent.Loop;
import io.jubelet.kubeapi.ClientConfig;
import io.jubelet.kubeapi.ClientConfigProvider;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.kubeapi.KubeApiException;
import io.jubelet.kubeapi.ReloadingKubeconfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that the node has a client certificate: asks for the first with a bootstrap kubeconfig, and for the next with the
 * one before. Lives on the thread {@code client-certificate}.
 */
public final class ClientCertificateManager implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ClientCertificateManager.class);

    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration MAX_RETRY = Duration.ofSeconds(30);
    /** How often it is looked whether there is something to do, and said what is wrong. */
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(10);

    private static final Duration MIN_REQUEST_INTERVAL = Duration.ofMinutes(1);
    private static final Duration LOG_INTERVAL = Duration.ofMinutes(10);
    private static final Duration IMMEDIATELY = Duration.ZERO;

    /**
     * What is said of it.
     *
     * @param kubeconfig written after a bootstrap
     * @param bootstrap a kubeconfig that may do nothing but ask for a certificate
     * @param rotate whether the certificate is renewed before it expires
     */
    public record Settings(String node, Path kubeconfig, Optional<Path> bootstrap, boolean rotate) {
        public Settings {
            Objects.requireNonNull(node, "node");
            Objects.requireNonNull(kubeconfig, "kubeconfig");
            Objects.requireNonNull(bootstrap, "bootstrap");
        }

        /** Whether there may ever be anything to do. */
        public boolean isNeeded() {
            return bootstrap.isPresent() || rotate;
        }
    }

    private final Settings settings;
    private final CertificateStore store;
    private final ReloadingKubeconfig kubeconfig;
    private final KubeApi api;
    private final Function<ClientConfigProvider, KubeApi> clients;
    private final InstantSource clock;
    private final CertificateRequest request;
    private final CertificateSigning signing;
    private final Loop loop;
    /** Those of the bootstrap, while there is one; touched by the loop, and by its end. */
    private volatile KubeApi bootstrapApi;

    private ReloadingKubeconfig bootstrapIdentity;
    private Instant loggedAt = Instant.MIN;
    private Instant notBefore = Instant.MIN;

    /**
     * @param store of client certificates
     * @param kubeconfig of {@code api}, which looks at the store, too
     * @param clients makes another client of an API server
     */
    public ClientCertificateManager(
            Settings settings,
            CertificateStore store,
            ReloadingKubeconfig kubeconfig,
            KubeApi api,
            Function<ClientConfigProvider, KubeApi> clients,
            InstantSource clock) {
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

    /** Begins to look after it. */
    public ClientCertificateManager start() {
        api.onReachabilityChange(loop::wake);
        loop.begin();
        return this;
    }

    private Duration turn() throws InterruptedException {
        Optional<KeyAndCertificates> certificate;
        try {
            ClientConfig config = kubeconfig.current();
            certificate = kubeconfig.certificate();
            if (config.token().isPresent()
                    || (certificate.isEmpty() && settings.bootstrap().isEmpty())) {
                return CHECK_INTERVAL; // a token, or nobody at all
            }
        } catch (KubeApiException.NoCredentials e) {
            // A plugin that gives nothing now is another matter: it is asked again.
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
                    + ", and there is no --bootstrap-kubeconfig to get another one with. The API server is not to be"
                    + " reached before somebody renews it in " + settings.kubeconfig() + "; pods run on");
            return CHECK_INTERVAL;
        }
        endBootstrap();
        if (!settings.rotate()) {
            return untilNextCheck(now, certificate.notAfter());
        }
        if (!certificate.subject().equals(subject())) {
            logProblem("the client certificate is of " + certificate.subject() + " and not of " + subject()
                    + ", so it is not rotated");
            return CHECK_INTERVAL;
        }
        Instant due = RotationDeadline.of(certificate);
        if (now.isBefore(notBefore)) {
            return untilNextCheck(now, notBefore);
        }
        return now.isBefore(due) ? untilNextCheck(now, due) : rotate(certificate);
    }

    private String subject() {
        return "CN=" + request.subject().commonName() + ",O="
                + request.subject().organization();
    }

    /** Never long, for the clock may jump and files may change. */
    private static Duration untilNextCheck(Instant now, Instant then) {
        Duration left = Duration.between(now, then).plusMillis(1);
        return left.compareTo(CHECK_INTERVAL) < 0 ? left : CHECK_INTERVAL;
    }

    /** By a bootstrap. */
    private Duration bootstrap(String why) throws InterruptedException {
        if (bootstrapApi == null) {
            LOG.info(
                    "{}: asking for a client certificate with {}",
                    why,
                    settings.bootstrap().orElseThrow());
            bootstrapIdentity = new ReloadingKubeconfig(settings.bootstrap().orElseThrow(), clock);
            KubeApi client = clients.apply(bootstrapIdentity);
            client.onReachabilityChange(loop::wake);
            client.start();
            bootstrapApi = client;
        }
        CertificateSigning.Step step = signing.step(bootstrapApi, request);
        if (step.issued().isEmpty()) {
            return step.pause();
        }
        try {
            // Before the certificate: who is killed in between finds that there is none, and the request of before.
            bootstrapIdentity.writeKubeconfig(store.currentFile(), settings.kubeconfig());
            signing.save(step.issued().get());
        } catch (IOException e) {
            signing.warnOnce("the client certificate was issued and cannot be kept: " + e.getMessage());
            return CHECK_INTERVAL;
        }
        endBootstrap();
        installed(step.issued().get());
        return IMMEDIATELY;
    }

    /** With the one before. */
    private Duration rotate(KeyAndCertificates before) throws InterruptedException {
        CertificateSigning.Step step = signing.step(api, request);
        if (step.issued().isEmpty()) {
            return step.pause();
        }
        try {
            signing.save(step.issued().get());
        } catch (IOException e) {
            signing.warnOnce("the client certificate was issued and cannot be kept: " + e.getMessage());
            return CHECK_INTERVAL;
        }
        LOG.debug("it takes the place of {}", before);
        installed(step.issued().get());
        return IMMEDIATELY;
    }

    private void installed(KeyAndCertificates certificate) {
        Instant now = clock.instant();
        // A signer whose certificates are due at once, or one that is not taken, must not get requests without end.
        Duration half = Duration.between(now, certificate.notAfter()).dividedBy(2);
        notBefore = now.plus(half.compareTo(MIN_REQUEST_INTERVAL) < 0 ? half : MIN_REQUEST_INTERVAL);
        LOG.info("the cluster has signed a client certificate for {}", certificate);
        kubeconfig.invalidate();
        api.checkNow();
    }

    private void logProblem(String problem) {
        Instant now = clock.instant();
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
