/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
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
 * Pulls images with a limited parallelism and rate: tries each credential for the image until one
 * succeeds, and then none. Safe for use by many threads; a call blocks for the whole download.
 */
public final class RegistryPuller {

    private static final Logger LOG = LoggerFactory.getLogger(RegistryPuller.class);

    private final ImageService images;
    private final CredentialSources credentials;
    private final Semaphore parallel;
    private final PullRateLimiter rateLimiter;
    private final InstantSource clock;

    /** @param maxParallel the maximum number of parallel pulls, at least one */
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

    /** The outcome of a pull. */
    sealed interface Outcome {

        /**
         * The image was pulled.
         *
         * @param id the runtime's id of the image
         * @param image the image; empty when it was removed at once
         * @param with the credential that the registry accepted; empty for none
         */
        record Pulled(String id, Optional<Image> image, Optional<Credential> with) implements Outcome {}

        /** The image could not be pulled. */
        record Failed(PullFailure failure) implements Outcome {}
    }

    /**
     * Pulls an image.
     *
     * @param onStart called when the pull starts, after it waited for its turn
     * @throws CriException.Unavailable when the runtime is unavailable
     * @throws CriException.Cancelled when the thread was interrupted during a call
     * @throws InterruptedException when the thread was interrupted before a call
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
                    break; // another credential would not help
                }
            }
        }
        PullFailure first = failures.getFirst();
        LOG.info("image={} pull failed: {}", reference, first.message());
        return new Outcome.Failed(
                first.registryAnswered() ? first.withDetail(triedCredentials(repository, fitting, first)) : first);
    }

    private static AuthConfig auth(Credential credential) {
        return AuthConfig.builder()
                .username(credential.username())
                .password(credential.password())
                .identityToken(credential.identityToken().orElse(""))
                .build();
    }

    /** Returns which credentials were tried, for the message. */
    private static String triedCredentials(String repository, List<Credential> fitting, PullFailure failure) {
        if (!fitting.isEmpty()) {
            return " (tried with "
                    + fitting.stream().map(Credential::toString).distinct().collect(Collectors.joining(", "))
                    + ", and without)";
        }
        return failure.unauthorized() ? " (there is no credential for " + repository + " on this node)" : "";
    }
}
