package io.jubelet.kubeapi;

import io.jubelet.certificate.CertificateStore;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.TlsContexts;
import io.jubelet.certificate.TrustPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The identity of a kubeconfig, read anew when the kubeconfig or a file that it names changes. While such a file cannot be
 * read, as when a certificate is there already and its key is not yet, what was read before counts on.
 *
 * <p>Files are read under a lock; a plugin runs outside of it.
 */
public final class ReloadingKubeconfig implements ClientConfigProvider {

    private static final Logger LOG = LoggerFactory.getLogger(ReloadingKubeconfig.class);

    /** So often files are looked at. client-go reads a token file each minute, and certificates each five. */
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);

    private final Path file;
    private final Optional<Path> rotated;
    private final InstantSource clock;
    private final Duration pluginTimeout;
    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock, as are the others. */
    private Snapshot loaded;

    private ClientConfig lastConfig;
    private TrustPolicy lastTrust;
    private Optional<KeyAndCertificates> lastCertificate = Optional.empty();
    private Instant checkedAt = Instant.MIN;
    private String loggedProblem = "";

    /** What files hold, and the plugin that they name. */
    private record Snapshot(LoadedKubeconfig kubeconfig, Optional<ExecCredentialCache> plugin) {}

    /**
     * @param file the kubeconfig, which need not exist yet
     */
    public ReloadingKubeconfig(Path file, InstantSource clock) {
        this(file, Optional.empty(), clock);
    }

    /**
     * @param rotated where certificates are put that follow the one of the kubeconfig; need not exist
     */
    public ReloadingKubeconfig(Path file, Optional<Path> rotated, InstantSource clock) {
        this(file, rotated, clock, ExecCredentialPlugin.TIMEOUT);
    }

    /** As the others, with another deadline for plugins. */
    ReloadingKubeconfig(Path file, Optional<Path> rotated, InstantSource clock, Duration pluginTimeout) {
        this.pluginTimeout = Objects.requireNonNull(pluginTimeout, "pluginTimeout");
        this.file = Objects.requireNonNull(file, "file");
        this.rotated = Objects.requireNonNull(rotated, "rotated");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    @Override
    public ClientConfig current() throws InterruptedException {
        while (true) {
            Snapshot snapshot = snapshot();
            if (snapshot.plugin().isEmpty()) {
                return clientConfig(snapshot.kubeconfig(), Optional.empty());
            }
            // While it runs, the kubeconfig may come to name another one, or none.
            Optional<ExecCredential> given = snapshot.plugin().get().current(CHECK_INTERVAL);
            if (given.isPresent()) {
                return clientConfig(snapshot.kubeconfig(), given);
            }
        }
    }

    private Snapshot snapshot() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            Instant now = clock.instant();
            if (loaded != null && now.isBefore(checkedAt.plus(CHECK_INTERVAL))) {
                return loaded;
            }
            checkedAt = now;
            if (loaded == null || loaded.kubeconfig().changed() || expired(loaded.kubeconfig(), now)) {
                reload();
            }
            return loaded;
        } finally {
            lock.unlock();
        }
    }

    /** There may be another one to take. */
    private static boolean expired(LoadedKubeconfig kubeconfig, Instant now) {
        return kubeconfig
                .certificate()
                .filter(certificate -> certificate.expired(now))
                .isPresent();
    }

    private void reload() {
        String problem;
        IOException cause = null;
        try {
            LoadedKubeconfig kubeconfig = LoadedKubeconfig.read(file, rotated, checkedAt);
            Optional<ExecCredentialCache> before = loaded == null ? Optional.empty() : loaded.plugin();
            loaded = new Snapshot(kubeconfig, plugin(kubeconfig));
            before.filter(plugin -> loaded.plugin().filter(now -> now == plugin).isEmpty())
                    .ifPresent(ExecCredentialCache::cancel);
            loggedProblem = "";
            return;
        } catch (IOException e) {
            problem = e.getMessage();
            cause = e;
        } catch (IllegalArgumentException e) {
            problem = e.getMessage();
        }
        if (loaded == null) {
            throw new KubeApiException.NoCredentials("there are no credentials for the API server: " + problem, cause);
        }
        if (!problem.equals(loggedProblem)) {
            LOG.warn("new credentials for the API server cannot be used, and the old ones are kept: {}", problem);
            loggedProblem = problem;
        }
    }

    /** The same as before if nothing changed that it is told, for then what it gave counts on. */
    private Optional<ExecCredentialCache> plugin(LoadedKubeconfig kubeconfig) {
        Kubeconfig config = kubeconfig.config();
        if (config.user().exec().isEmpty() || kubeconfig.token().isPresent()) {
            return Optional.empty(); // a token wins, as with client-go
        }
        boolean same = loaded != null
                && loaded.kubeconfig().config().equals(config)
                && loaded.kubeconfig().authority().equals(kubeconfig.authority());
        if (same) {
            return loaded.plugin();
        }
        ExecCredentialPlugin program =
                new ExecCredentialPlugin(config, config.user().exec().get(), kubeconfig.authority(), pluginTimeout);
        return Optional.of(new ExecCredentialCache(program::run, clock));
    }

    /** The same object as before if it says the same, so that connections are kept. */
    private ClientConfig clientConfig(LoadedKubeconfig kubeconfig, Optional<ExecCredential> given) {
        Kubeconfig config = kubeconfig.config();
        Optional<KeyAndCertificates> certificate =
                given.flatMap(ExecCredential::certificate).or(kubeconfig::certificate);
        Optional<String> token = kubeconfig.token().or(() -> given.flatMap(ExecCredential::token));
        lock.lock();
        try {
            SSLContext tls = sameTls(kubeconfig.trust(), config.serverName(), certificate)
                    ? lastConfig.tls()
                    : TlsContexts.client(kubeconfig.trust(), config.serverName(), certificate);
            lastConfig = new ClientConfig(config.server(), tls, config.serverName(), token, config.proxy());
            lastTrust = kubeconfig.trust();
            lastCertificate = certificate;
            return lastConfig;
        } catch (IOException e) {
            throw new KubeApiException.NoCredentials(e.getMessage(), e);
        } finally {
            lock.unlock();
        }
    }

    private boolean sameTls(TrustPolicy trust, Optional<String> serverName, Optional<KeyAndCertificates> certificate) {
        return lastConfig != null
                && trust.equals(lastTrust)
                && lastConfig.serverName().equals(serverName)
                && certificate.equals(lastCertificate);
    }

    @Override
    public void unauthorized(ClientConfig config) {
        lock.lock();
        try {
            if (config.equals(lastConfig)) {
                checkedAt = Instant.MIN;
                loaded =
                        loaded == null ? null : new Snapshot(loaded.kubeconfig().invalidated(), loaded.plugin());
            }
            if (loaded != null) {
                loaded.plugin().ifPresent(ExecCredentialCache::unauthorized);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String authenticationProblem() {
        lock.lock();
        try {
            return lastCertificate
                    .filter(certificate -> certificate.expired(clock.instant()))
                    .map(certificate ->
                            "the client certificate " + certificate.subject() + " expired at " + certificate.notAfter())
                    .orElse("");
        } finally {
            lock.unlock();
        }
    }

    /** Whether the kubeconfig and its files could be read, now or before. */
    public boolean isLoaded() {
        lock.lock();
        try {
            return loaded != null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Writes the kubeconfig of somebody who shows a certificate to the API server of this one, as the kubelet does after a
     * bootstrap. Called after an {@link #config} that succeeded.
     *
     * @param certificate the file with certificate and key
     * @param target written in one step and durably
     */
    public void writeKubeconfig(Path certificate, Path target) throws IOException {
        Kubeconfig config;
        lock.lock();
        try {
            config = loaded.kubeconfig().config();
        } finally {
            lock.unlock();
        }
        CertificateStore.writeSecret(target, KubeconfigWriter.of(config, certificate));
    }

    /** Says that a file may have changed: the next call looks. */
    public void invalidate() {
        lock.lock();
        try {
            checkedAt = Instant.MIN;
        } finally {
            lock.unlock();
        }
    }

    /** Whether a plugin says who we are. */
    public boolean hasPlugin() {
        lock.lock();
        try {
            return loaded != null && loaded.plugin().isPresent();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The certificate that is shown, if there is one; empty also when there is a token, for then it does not matter.
     *
     * @throws KubeApiException.NoCredentials when there is nothing to show
     */
    public Optional<KeyAndCertificates> certificate() throws InterruptedException {
        ClientConfig config = current();
        lock.lock();
        try {
            return config.token().isPresent() ? Optional.empty() : lastCertificate;
        } finally {
            lock.unlock();
        }
    }
}
