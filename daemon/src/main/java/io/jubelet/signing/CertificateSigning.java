/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.signing;

import io.jubelet.certificate.CertificateStore;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.concurrent.Backoff;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.kubeapi.KubeApiException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests one certificate until it is issued: polls while the request is pending and backs off
 * after errors and rejections. For one thread, which calls {@link #step} again after the pause that
 * it returned.
 */
final class CertificateSigning {

    private static final Logger LOG = LoggerFactory.getLogger(CertificateSigning.class);

    /** The end of the outage wakes the loop earlier. */
    private static final Duration OUTAGE = Duration.ofMinutes(1);

    private static final Backoff POLL_BACKOFF = new Backoff(Duration.ofMillis(250), Duration.ofSeconds(5));
    private static final Backoff ERROR_BACKOFF = new Backoff(Duration.ofSeconds(2), Duration.ofSeconds(32));
    private static final Backoff REJECTION_BACKOFF = new Backoff(Duration.ofSeconds(10), Duration.ofMinutes(10));

    private final CertificateStore store;
    private final CsrClient client;
    private final NodeClock clock;
    private int polls;
    private int failures;
    private int rejections;
    private Instant notBefore = Instant.MIN;
    private String logged = "";

    CertificateSigning(CertificateStore store, NodeClock clock) {
        this.store = store;
        this.client = new CsrClient(store);
        this.clock = clock;
    }

    /** The result of one step: a certificate, or how long to wait before the next step. */
    record Step(Optional<KeyAndCertificates> issued, Duration pause) {}

    Step step(KubeApi api, CertificateRequest request) throws InterruptedException {
        Instant now = clock.steady();
        if (now.isBefore(notBefore)) {
            return after(Duration.between(now, notBefore));
        }
        if (!api.reachable()) {
            return after(OUTAGE);
        }
        Duration minPause = Duration.ZERO;
        try {
            return step(request, client.advance(api, request), now);
        } catch (KubeApiException.Unreachable | KubeApiException.NoCredentials _) {
            return after(OUTAGE); // KubeApi logs the outage
        } catch (KubeApiException.ErrorStatus e) {
            minPause = e.retryAfter().orElse(minPause);
            warnOnce("the API server rejected the request for a " + request.what() + ": " + e.getMessage());
        } catch (IOException e) {
            warnOnce("cannot store the key for a " + request.what() + ": " + e.getMessage());
        }
        Duration pause = ERROR_BACKOFF.delay(++failures);
        return retryIn(pause.compareTo(minPause) > 0 ? pause : minPause, now);
    }

    private Step step(CertificateRequest request, SigningState state, Instant now) {
        failures = 0;
        return switch (state) {
            case SigningState.Pending(String name) -> {
                if (!name.equals(logged)) {
                    logged = name;
                    polls = 0;
                    LOG.info(
                            "requested a {} with CertificateSigningRequest {}, which waits for approval",
                            request.what(),
                            name);
                }
                yield after(POLL_BACKOFF.delay(++polls));
            }
            case SigningState.Rejected(String reason) -> {
                Duration pause = REJECTION_BACKOFF.delay(++rejections);
                LOG.warn("got no {}: {}; next request in {} s", request.what(), reason, pause.toSeconds());
                yield retryIn(pause, now);
            }
            case SigningState.Issued(KeyAndCertificates certificate) -> {
                rejections = 0;
                polls = 0;
                logged = "";
                yield new Step(Optional.of(certificate), Duration.ZERO);
            }
        };
    }

    /** Makes an issued certificate the current one of the store. */
    void save(KeyAndCertificates certificate) throws IOException {
        store.save(certificate, clock.instant());
    }

    /** Logs a problem, unless it was the last one logged. */
    void warnOnce(String problem) {
        if (!problem.equals(logged)) {
            logged = problem;
            LOG.warn("{}; pods keep running without it", problem);
        }
    }

    private Step retryIn(Duration pause, Instant now) {
        notBefore = now.plus(pause);
        return after(pause);
    }

    private static Step after(Duration pause) {
        return new Step(Optional.empty(), pause);
    }
}
