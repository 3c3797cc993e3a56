package io.jubelet.signing;

import io.jubelet.certificate.CertificateStore;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.concurrent.Backoff;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.kubeapi.KubeApiException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An order until it is fulfilled, with its pauses: short ones while somebody decides, longer ones after each refusal. For one
 * thread, which calls it again after the pause that it asked for.
 */
final class CertificateSigning {

    private static final Logger LOG = LoggerFactory.getLogger(CertificateSigning.class);

    /** Until the outage ends, which wakes whoever waits. */
    private static final Duration OUTAGE = Duration.ofMinutes(1);

    private static final Backoff WAITING = new Backoff(Duration.ofMillis(250), Duration.ofSeconds(5));
    private static final Backoff FAILED = new Backoff(Duration.ofSeconds(2), Duration.ofSeconds(32));
    private static final Backoff REFUSED = new Backoff(Duration.ofSeconds(10), Duration.ofMinutes(10));

    private final CertificateStore store;
    private final CsrClient signing;
    private final InstantSource clock;
    private int looks;
    private int failures;
    private int refusals;
    private Instant notBefore = Instant.MIN;
    private String logged = "";

    CertificateSigning(CertificateStore store, InstantSource clock) {
        this.store = store;
        this.signing = new CsrClient(store);
        this.clock = clock;
    }

    /** What has come of it: a certificate, or a time to wait. */
    record Step(Optional<KeyAndCertificates> issued, Duration pause) {}

    Step step(KubeApi api, CertificateRequest request) throws InterruptedException {
        Instant now = clock.instant();
        if (now.isBefore(notBefore)) {
            return wait(Duration.between(now, notBefore));
        }
        if (!api.reachable()) {
            return wait(OUTAGE);
        }
        Duration least = Duration.ZERO;
        try {
            return step(request, signing.advance(api, request), now);
        } catch (KubeApiException.Unreachable | KubeApiException.NoCredentials _) {
            return wait(OUTAGE); // which the client of the API server tells of
        } catch (KubeApiException.ErrorStatus e) {
            least = e.retryAfter().orElse(least);
            warnOnce("the API server does not take the request for a " + request.what() + ": " + e.getMessage());
        } catch (IOException e) {
            warnOnce("the key for a " + request.what() + " cannot be kept: " + e.getMessage());
        }
        Duration pause = FAILED.delay(++failures);
        return retryIn(pause.compareTo(least) > 0 ? pause : least, now);
    }

    private Step step(CertificateRequest request, SigningState progress, Instant now) {
        failures = 0;
        return switch (progress) {
            case SigningState.Pending(String name) -> {
                if (!name.equals(logged)) {
                    logged = name;
                    looks = 0;
                    LOG.info("asked for a {} with the request {}, which somebody has to approve", request.what(), name);
                }
                yield wait(WAITING.delay(++looks));
            }
            case SigningState.Rejected(String reason) -> {
                Duration pause = REFUSED.delay(++refusals);
                LOG.warn("no {}: {}; the next request is made in {} s", request.what(), reason, pause.toSeconds());
                yield retryIn(pause, now);
            }
            case SigningState.Issued(KeyAndCertificates certificate) -> {
                refusals = 0;
                looks = 0;
                logged = "";
                yield new Step(Optional.of(certificate), Duration.ZERO);
            }
        };
    }

    /** Puts a certificate that was issued into its place. */
    void save(KeyAndCertificates certificate) throws IOException {
        store.save(certificate, clock.instant());
    }

    /** Says what went wrong, once. */
    void warnOnce(String problem) {
        if (!problem.equals(logged)) {
            logged = problem;
            LOG.warn("{}; pods run on without it", problem);
        }
    }

    private Step retryIn(Duration pause, Instant now) {
        notBefore = now.plus(pause);
        return wait(pause);
    }

    private static Step wait(Duration pause) {
        return new Step(Optional.empty(), pause);
    }
}
