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
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final Path file;
    private final Optional<Path> own;
    private final InstantSource clock;
    private final Duration pluginTimeout;
    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock, as are the others. */
    private Snapshot known;

    private ClientConfig last;
    private TrustPolicy trusted;
    private Optional<KeyAndCertificates> shown = Optional.empty();
    private Instant looked = Instant.MIN;
    private String told = "";

    /** What files hold, and the plugin that they name. */
    private record Snapshot(LoadedKubeconfig material, Optional<ExecCredentialCache> plugin) {}

    /**
     * @param file the kubeconfig, which need not exist yet
     */
    public ReloadingKubeconfig(Path file, InstantSource clock) {
        this(file, Optional.empty(), clock);
    }

    /**
     * @param own where certificates are put that follow the one of the kubeconfig; need not exist
     */
    public ReloadingKubeconfig(Path file, Optional<Path> own, InstantSource clock) {
        this(file, own, clock, ExecCredentialPlugin.TIMEOUT);
    }

    /** As the others, with another deadline for plugins. */
    ReloadingKubeconfig(Path file, Optional<Path> own, InstantSource clock, Duration pluginTimeout) {
        this.pluginTimeout = Objects.requireNonNull(pluginTimeout, "pluginTimeout");
        this.file = Objects.requireNonNull(file, "file");
        this.own = Objects.requireNonNull(own, "own");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    @Override
    public ClientConfig access() throws InterruptedException {
        while (true) {
            Snapshot snapshot = snapshot();
            if (snapshot.plugin().isEmpty()) {
                return assembled(snapshot.material(), Optional.empty());
            }
            // While it runs, the kubeconfig may come to name another one, or none.
            Optional<ExecCredential> given = snapshot.plugin().get().current(LOOK);
            if (given.isPresent()) {
                return assembled(snapshot.material(), given);
            }
        }
    }

    private Snapshot snapshot() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            Instant now = clock.instant();
            if (known != null && now.isBefore(looked.plus(LOOK))) {
                return known;
            }
            looked = now;
            if (known == null || known.material().changed() || expired(known.material(), now)) {
                read();
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    /** There may be another one to take. */
    private static boolean expired(LoadedKubeconfig material, Instant now) {
        return material.certificate()
                .filter(certificate -> certificate.expired(now))
                .isPresent();
    }

    private void read() {
        String problem;
        IOException cause = null;
        try {
            LoadedKubeconfig material = LoadedKubeconfig.read(file, own, looked);
            Optional<ExecCredentialCache> before = known == null ? Optional.empty() : known.plugin();
            known = new Snapshot(material, plugin(material));
            before.filter(plugin -> known.plugin().filter(now -> now == plugin).isEmpty())
                    .ifPresent(ExecCredentialCache::abandon);
            told = "";
            return;
        } catch (IOException e) {
            problem = e.getMessage();
            cause = e;
        } catch (IllegalArgumentException e) {
            problem = e.getMessage();
        }
        if (known == null) {
            throw new KubeApiException.NoCredentials("there are no credentials for the API server: " + problem, cause);
        }
        if (!problem.equals(told)) {
            LOG.warn("new credentials for the API server cannot be used, and the old ones are kept: {}", problem);
            told = problem;
        }
    }

    /** The same as before if nothing changed that it is told, for then what it gave counts on. */
    private Optional<ExecCredentialCache> plugin(LoadedKubeconfig material) {
        Kubeconfig config = material.config();
        if (config.user().exec().isEmpty() || material.token().isPresent()) {
            return Optional.empty(); // a token wins, as with client-go
        }
        boolean same = known != null
                && known.material().config().equals(config)
                && known.material().authority().equals(material.authority());
        if (same) {
            return known.plugin();
        }
        ExecCredentialPlugin program =
                new ExecCredentialPlugin(config, config.user().exec().get(), material.authority(), pluginTimeout);
        return Optional.of(new ExecCredentialCache(program::ask, clock));
    }

    /** The same object as before if it says the same, so that connections are kept. */
    private ClientConfig assembled(LoadedKubeconfig material, Optional<ExecCredential> given) {
        Kubeconfig config = material.config();
        Optional<KeyAndCertificates> certificate =
                given.flatMap(ExecCredential::certificate).or(material::certificate);
        Optional<String> token = material.token().or(() -> given.flatMap(ExecCredential::token));
        lock.lock();
        try {
            SSLContext tls = sameTls(material.trust(), config.serverName(), certificate)
                    ? last.tls()
                    : TlsContexts.client(material.trust(), config.serverName(), certificate);
            last = new ClientConfig(config.server(), tls, config.serverName(), token, config.proxy());
            trusted = material.trust();
            shown = certificate;
            return last;
        } catch (IOException e) {
            throw new KubeApiException.NoCredentials(e.getMessage(), e);
        } finally {
            lock.unlock();
        }
    }

    private boolean sameTls(TrustPolicy trust, Optional<String> serverName, Optional<KeyAndCertificates> certificate) {
        return last != null
                && trust.equals(trusted)
                && last.serverName().equals(serverName)
                && certificate.equals(shown);
    }

    @Override
    public void refused(ClientConfig access) {
        lock.lock();
        try {
            if (access.equals(last)) {
                looked = Instant.MIN;
                known = known == null ? null : new Snapshot(known.material().unread(), known.plugin());
            }
            if (known != null) {
                known.plugin().ifPresent(ExecCredentialCache::refused);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String doubt() {
        lock.lock();
        try {
            return shown.filter(certificate -> certificate.expired(clock.instant()))
                    .map(certificate ->
                            "the client certificate " + certificate.subject() + " expired at " + certificate.notAfter())
                    .orElse("");
        } finally {
            lock.unlock();
        }
    }

    /** Whether the kubeconfig and its files could be read, now or before. */
    public boolean known() {
        lock.lock();
        try {
            return known != null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Writes the kubeconfig of somebody who shows a certificate to the API server of this one, as the kubelet does after a
     * bootstrap. Called after an {@link #access} that succeeded.
     *
     * @param certificate the file with certificate and key
     * @param target written in one step and durably
     */
    public void writeFor(Path certificate, Path target) throws IOException {
        Kubeconfig config;
        lock.lock();
        try {
            config = known.material().config();
        } finally {
            lock.unlock();
        }
        CertificateStore.writeSecret(target, KubeconfigWriter.of(config, certificate));
    }

    /** Says that a file may have changed: the next call looks. */
    public void look() {
        lock.lock();
        try {
            looked = Instant.MIN;
        } finally {
            lock.unlock();
        }
    }

    /** Whether a plugin says who we are. */
    public boolean hasPlugin() {
        lock.lock();
        try {
            return known != null && known.plugin().isPresent();
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
        ClientConfig access = access();
        lock.lock();
        try {
            return access.token().isPresent() ? Optional.empty() : shown;
        } finally {
            lock.unlock();
        }
    }
}
