/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.signing;

import io.jubelet.certificate.CertificateStore;
import io.jubelet.certificate.CertificateSubject;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.SelfSignedFiles;
import io.jubelet.concurrent.Loop;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.kubeapi.KubeApi;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Provides the serving certificate of the node: from files that are renewed externally, signed by
 * the cluster, or self-signed. Runs on the thread {@code serving-certificate}; {@link #current} is
 * safe for use by any thread.
 */
public final class ServingCertificateManager implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ServingCertificateManager.class);

    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration MAX_RETRY = Duration.ofSeconds(30);
    /** How often files, names and addresses are checked. */
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(10);

    private static final Duration MIN_REQUEST_INTERVAL = Duration.ofMinutes(1);

    /** Where the certificate comes from. */
    public sealed interface Source {

        /** Files that are written and renewed externally. */
        record ProvidedFiles(Path certificate, Path key) implements Source {}

        /** A certificate that the cluster signs. */
        record Cluster(KubeApi api, CertificateStore store) implements Source {}

        /** A self-signed certificate in a directory. */
        record SelfSigned(Path directory) implements Source {}
    }

    private final Source source;
    private final Supplier<CertificateSubject> subject;
    private final NodeClock clock;
    private final Loop loop;
    /** Published by the loop. */
    private volatile Optional<KeyAndCertificates> current = Optional.empty();

    private @Nullable CertificateSigning signing;
    private @Nullable CertificateSubject requestedSubject;
    private Instant notBefore = Instant.MIN;
    private String logged = "";

    /** @param subject the names and addresses of the node now; must not block for long */
    public ServingCertificateManager(Source source, Supplier<CertificateSubject> subject, NodeClock clock) {
        this.source = Objects.requireNonNull(source, "source");
        this.subject = Objects.requireNonNull(subject, "subject");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.loop = Loop.unstarted("serving-certificate", FIRST_RETRY, MAX_RETRY, this::turn);
    }

    /** Starts the loop. */
    public ServingCertificateManager start() {
        if (source instanceof Source.Cluster cluster) {
            cluster.api().onReachabilityChange(loop::wake);
        }
        loop.begin();
        return this;
    }

    /** Returns the certificate to serve with; empty until there is one. */
    public Optional<KeyAndCertificates> current() {
        return current;
    }

    /** Does what is due; returns how long to wait before the next turn. Called by the loop. */
    Duration turn() throws InterruptedException {
        try {
            return switch (source) {
                case Source.ProvidedFiles(Path certificate, Path key) -> {
                    publish(KeyAndCertificates.read(certificate, key));
                    yield CHECK_INTERVAL;
                }
                case Source.SelfSigned(Path directory) -> {
                    publish(new SelfSignedFiles(directory).current(subject.get(), clock.instant()));
                    yield CHECK_INTERVAL;
                }
                case Source.Cluster cluster -> turn(cluster);
            };
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).equals(logged)) {
                logged = String.valueOf(e.getMessage());
                LOG.warn("cannot use the serving certificate: {}", logged);
            }
            return CHECK_INTERVAL;
        }
    }

    private Duration turn(Source.Cluster cluster) throws InterruptedException, IOException {
        Instant now = clock.instant();
        CertificateSubject names = subject.get();
        if (current.isEmpty()) {
            cluster.store().current().filter(kept -> !kept.expired(now)).ifPresent(this::publish);
        }
        boolean wanted = current.filter(kept -> kept.covers(names) && now.isBefore(RotationDeadline.of(kept)))
                .isEmpty();
        if (!wanted || clock.steady().isBefore(notBefore)) {
            return CHECK_INTERVAL;
        }
        CertificateSigning ongoing = signing;
        if (ongoing == null || !names.equals(requestedSubject)) {
            ongoing = new CertificateSigning(cluster.store(), clock);
            signing = ongoing;
            requestedSubject = names;
        }
        CertificateSigning.Step step = ongoing.step(cluster.api(), CertificateRequest.serving(names));
        if (step.issued().isEmpty()) {
            return step.pause();
        }
        ongoing.save(step.issued().get());
        notBefore = clock.steady().plus(MIN_REQUEST_INTERVAL);
        publish(step.issued().get());
        return CHECK_INTERVAL;
    }

    private void publish(KeyAndCertificates certificate) {
        logged = "";
        if (!current.equals(Optional.of(certificate))) {
            current = Optional.of(certificate);
            LOG.info("serving with the certificate of {}", certificate);
        }
    }

    @Override
    public void close() {
        loop.close();
    }
}
