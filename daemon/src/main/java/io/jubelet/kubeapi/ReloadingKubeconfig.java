/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import io.jubelet.certificate.CertificateStore;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.TlsContexts;
import io.jubelet.certificate.TrustPolicy;
import io.jubelet.concurrent.NodeClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Provides the client configuration of a kubeconfig, which is read again when it or a file that it
 * names changes. If a new version cannot be read, such as a certificate whose key is not written
 * yet, the old one stays in use.
 *
 * <p>Files are read under a lock; plugins run outside of it. Safe for use by many threads.
 */
public final class ReloadingKubeconfig implements ClientConfigProvider {

    private static final Logger LOG = LoggerFactory.getLogger(ReloadingKubeconfig.class);

    /**
     * How often files are checked. client-go reads token files every minute and certificates every
     * five.
     */
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);

    private final Path file;
    private final Optional<Path> rotated;
    private final NodeClock clock;
    private final Duration pluginTimeout;
    private final ReentrantLock lock = new ReentrantLock();
    /** Null before the first successful read. Guarded by the lock, as are the fields below. */
    private @Nullable Snapshot loaded;

    private @Nullable ClientConfig lastConfig;
    private @Nullable TrustPolicy lastTrust;
    private Optional<KeyAndCertificates> lastCertificate = Optional.empty();
    private Instant checkedAt = Instant.MIN;
    private String loggedProblem = "";

    /** The contents of the files, and the plugin that they name. */
    private record Snapshot(LoadedKubeconfig kubeconfig, Optional<ExecCredentialCache> plugin) {}

    /** @param file the kubeconfig, which need not exist yet */
    public ReloadingKubeconfig(Path file, NodeClock clock) {
        this(file, Optional.empty(), clock);
    }

    /**
     * @param rotated the file of rotated certificates, which replace that of the kubeconfig; need
     *     not exist
     */
    public ReloadingKubeconfig(Path file, Optional<Path> rotated, NodeClock clock) {
        this(file, rotated, clock, ExecCredentialPlugin.TIMEOUT);
    }

    /** Creates a provider with another timeout of plugins. */
    ReloadingKubeconfig(Path file, Optional<Path> rotated, NodeClock clock, Duration pluginTimeout) {
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
            // While the plugin runs, the kubeconfig can change to name another one, or none.
            Optional<ExecCredential> given = snapshot.plugin().get().current(CHECK_INTERVAL);
            if (given.isPresent()) {
                return clientConfig(snapshot.kubeconfig(), given);
            }
        }
    }

    private Snapshot snapshot() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            Instant now = clock.steady();
            if (loaded != null && now.isBefore(checkedAt.plus(CHECK_INTERVAL))) {
                return loaded;
            }
            checkedAt = now;
            Snapshot current = loaded;
            if (current == null || current.kubeconfig().changed() || expired(current.kubeconfig(), clock.instant())) {
                current = reload(current);
                loaded = current;
            }
            return current;
        } finally {
            lock.unlock();
        }
    }

    /** A new certificate may exist. */
    private static boolean expired(LoadedKubeconfig kubeconfig, Instant now) {
        return kubeconfig
                .certificate()
                .filter(certificate -> certificate.expired(now))
                .isPresent();
    }

    /** Reads the files; returns the previous contents if they cannot be read. */
    private Snapshot reload(@Nullable Snapshot before) {
        String problem;
        IOException cause = null;
        try {
            LoadedKubeconfig kubeconfig = LoadedKubeconfig.read(file, rotated, checkedAt);
            Snapshot current = new Snapshot(kubeconfig, plugin(kubeconfig, before));
            if (before != null) {
                before.plugin()
                        .filter(plugin ->
                                current.plugin().filter(now -> now == plugin).isEmpty())
                        .ifPresent(ExecCredentialCache::cancel);
            }
            loggedProblem = "";
            return current;
        } catch (IOException e) {
            problem = String.valueOf(e.getMessage());
            cause = e;
        } catch (IllegalArgumentException e) {
            problem = String.valueOf(e.getMessage());
        }
        if (before == null) {
            throw new KubeApiException.NoCredentials("no credentials for the API server: " + problem, cause);
        }
        if (!problem.equals(loggedProblem)) {
            LOG.warn("cannot use the new credentials for the API server, keeping the old ones: {}", problem);
            loggedProblem = problem;
        }
        return before;
    }

    /**
     * Returns the previous plugin if its input is unchanged, because its credential is then still
     * valid.
     */
    private Optional<ExecCredentialCache> plugin(LoadedKubeconfig kubeconfig, @Nullable Snapshot before) {
        Kubeconfig config = kubeconfig.config();
        if (config.user().exec().isEmpty() || kubeconfig.token().isPresent()) {
            return Optional.empty(); // a token takes precedence, as in client-go
        }
        if (before != null
                && before.kubeconfig().config().equals(config)
                && before.kubeconfig().authority().equals(kubeconfig.authority())) {
            return before.plugin();
        }
        ExecCredentialPlugin program =
                new ExecCredentialPlugin(config, config.user().exec().get(), kubeconfig.authority(), pluginTimeout);
        return Optional.of(new ExecCredentialCache(program::run, clock));
    }

    /** Reuses the TLS context if its contents are unchanged, so that connections are kept. */
    private ClientConfig clientConfig(LoadedKubeconfig kubeconfig, Optional<ExecCredential> given) {
        Kubeconfig config = kubeconfig.config();
        Optional<KeyAndCertificates> certificate =
                given.flatMap(ExecCredential::certificate).or(kubeconfig::certificate);
        Optional<String> token = kubeconfig.token().or(() -> given.flatMap(ExecCredential::token));
        lock.lock();
        try {
            ClientConfig last = lastConfig;
            SSLContext tls = last != null && sameTls(last, kubeconfig.trust(), config.serverName(), certificate)
                    ? last.tls()
                    : TlsContexts.client(kubeconfig.trust(), config.serverName(), certificate);
            ClientConfig current = new ClientConfig(config.server(), tls, config.serverName(), token, config.proxy());
            lastConfig = current;
            lastTrust = kubeconfig.trust();
            lastCertificate = certificate;
            return current;
        } catch (IOException e) {
            throw new KubeApiException.NoCredentials(String.valueOf(e.getMessage()), e);
        } finally {
            lock.unlock();
        }
    }

    private boolean sameTls(
            ClientConfig last,
            TrustPolicy trust,
            Optional<String> serverName,
            Optional<KeyAndCertificates> certificate) {
        return trust.equals(lastTrust) && last.serverName().equals(serverName) && certificate.equals(lastCertificate);
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

    /** Returns whether the kubeconfig and its files have been read successfully. */
    public boolean isLoaded() {
        lock.lock();
        try {
            return loaded != null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Writes a kubeconfig with a client certificate for the API server of this one, as the kubelet
     * does after a bootstrap. Called after a successful {@link #current}. Blocks.
     *
     * @param certificate the file with the certificate and its key
     * @param target the file to write, atomically and durably
     */
    public void writeKubeconfig(Path certificate, Path target) throws IOException {
        Kubeconfig config;
        lock.lock();
        try {
            config = Objects.requireNonNull(loaded, "loaded").kubeconfig().config();
        } finally {
            lock.unlock();
        }
        CertificateStore.writeSecret(target, KubeconfigWriter.of(config, certificate));
    }

    /** Makes the next call check the files. */
    public void invalidate() {
        lock.lock();
        try {
            checkedAt = Instant.MIN;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns the client certificate in use; empty when there is none, or when a token takes its
     * place.
     *
     * @throws KubeApiException.NoCredentials when no credentials are available
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
