package io.jubelet.images;

import io.jubelet.credentials.Credential;
import io.jubelet.credentials.CredentialSources;
import io.jubelet.cri.AuthConfig;
import io.jubelet.cri.CriException;
import io.jubelet.cri.Image;
import io.jubelet.cri.ImageService;
import io.jubelet.cri.ImageSpec;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the calls of a pull, when its turn comes: with each credential that fits, until one is taken, and then with none. Safe
 * for use by many threads; a call blocks for as long as the download takes.
 */
public final class RegistryPuller {

    private static final Logger LOG = LoggerFactory.getLogger(RegistryPuller.class);

    private final ImageService images;
    private final CredentialSources credentials;
    private final Semaphore parallel;
    private final PullRateLimiter rateLimiter;
    private final InstantSource clock;

    /** @param maxParallel how many pulls go on at once, at least one */
    public RegistryPuller(
            ImageService images,
            CredentialSources credentials,
            int maxParallel,
            PullRateLimiter rateLimiter,
            InstantSource clock) {
        this.images = Objects.requireNonNull(images, "images");
        this.credentials = Objects.requireNonNull(credentials, "credentials");
        this.parallel = new Semaphore(maxParallel, true);
        this.rateLimiter = Objects.requireNonNull(rateLimiter, "rateLimiter");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /** How a pull ended. */
    sealed interface Outcome {

        /**
         * It is there.
         *
         * @param id what the runtime calls it
         * @param image empty when it was removed at once
         * @param with what the registry took; empty for nothing
         */
        record Pulled(String id, Optional<Image> image, Optional<Credential> with) implements Outcome {}

        /** It could not be had. */
        record Failed(PullFailure failure) implements Outcome {}
    }

    /**
     * Pulls an image.
     *
     * @param onStart told when its turn has come
     * @throws CriException.Unavailable the runtime cannot be asked
     * @throws CriException.Cancelled the thread was interrupted during a call
     * @throws InterruptedException the thread was interrupted before
     */
    Outcome pull(Pull.Key key, Runnable onStart) throws InterruptedException {
        parallel.acquire();
        try {
            Thread.sleep(rateLimiter.reserve(clock.instant()));
            onStart.run();
            String repository = ImageReference.repository(key.reference());
            return pull(key.reference(), repository, credentials.lookup(key.secrets(), repository));
        } finally {
            parallel.release();
        }
    }

    private Outcome pull(String reference, String repository, List<Credential> fitting) {
        List<PullFailure> failures = new ArrayList<>();
        List<Optional<Credential>> attempts = Stream.concat(
                        fitting.stream().map(Optional::of), Stream.of(Optional.<Credential>empty()))
                .toList();
        for (Optional<Credential> with : attempts) {
            try {
                String id = images.pullImage(
                        ImageSpec.of(reference), with.map(RegistryPuller::auth).orElse(null), null);
                with.ifPresent(credential -> LOG.info("image={} pulled with {}", reference, credential));
                return new Outcome.Pulled(id, Optional.ofNullable(images.imageStatus(ImageSpec.of(id))), with);
            } catch (CriException.Unavailable | CriException.Cancelled e) {
                throw e;
            } catch (CriException e) {
                PullFailure failure = PullFailure.of(reference, e);
                failures.add(failure);
                if (!failure.registryAnswered()) {
                    break; // nor would it answer another credential
                }
            }
        }
        PullFailure first = failures.getFirst();
        LOG.info("image={} cannot be pulled: {}", reference, first.message());
        return new Outcome.Failed(
                first.registryAnswered() ? first.withDetail(triedCredentials(repository, fitting, first)) : first);
    }

    private static AuthConfig auth(Credential credential) {
        return AuthConfig.builder()
                .username(credential.username())
                .password(credential.password())
                .identityToken(credential.identityToken())
                .build();
    }

    /** What was tried, for people who wonder why it was refused. */
    private static String triedCredentials(String repository, List<Credential> fitting, PullFailure failure) {
        if (!fitting.isEmpty()) {
            return " (tried with "
                    + fitting.stream().map(Credential::toString).distinct().collect(Collectors.joining(", "))
                    + ", and without)";
        }
        return failure.unauthorized() ? " (there is no credential for " + repository + " on this node)" : "";
    }
}
