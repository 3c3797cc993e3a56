package io.jubelet.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What was said of images, by flags or by the configuration file; what neither says has the kubelet's default, but for the
 * number of pulls at once, of which the kubelet makes one.
 *
 * @param parallelPulls at least 1
 * @param registryQps pulls in a second; 0 for no limit
 * @param registryBurst pulls at once before that counts
 * @param gcHighPercent of the disk in use, from which on images are removed
 * @param gcLowPercent of the disk in use, down to which they are
 * @param gcMinimumAge since it was seen first, before which an image is not removed for want of space
 * @param gcMaximumAge since it was used last, after which it is removed anyway
 * @param verification who has to show that an image which is there may be had
 * @param credentialProviderConfig names plugins that know credentials; by flag only, as is the directory
 * @param credentialProviderBinDir where their programs are
 */
public record ImageSettings(
        Optional<Integer> parallelPulls,
        Optional<Integer> registryQps,
        Optional<Integer> registryBurst,
        Optional<Integer> gcHighPercent,
        Optional<Integer> gcLowPercent,
        Optional<Duration> gcMinimumAge,
        Optional<Duration> gcMaximumAge,
        Optional<PullVerification> verification,
        Optional<Path> credentialProviderConfig,
        Optional<Path> credentialProviderBinDir) {

    public static final ImageSettings NONE = new ImageSettings(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    /** Only so many pulls at once: what a registry and a disk take side by side before it only gets slower. */
    private static final int PARALLEL_PULLS = 8;

    public ImageSettings {
        Objects.requireNonNull(parallelPulls, "parallelPulls");
        Objects.requireNonNull(registryQps, "registryQps");
        Objects.requireNonNull(registryBurst, "registryBurst");
        Objects.requireNonNull(gcHighPercent, "gcHighPercent");
        Objects.requireNonNull(gcLowPercent, "gcLowPercent");
        Objects.requireNonNull(gcMinimumAge, "gcMinimumAge");
        Objects.requireNonNull(gcMaximumAge, "gcMaximumAge");
        Objects.requireNonNull(verification, "verification");
        Objects.requireNonNull(credentialProviderConfig, "credentialProviderConfig");
        Objects.requireNonNull(credentialProviderBinDir, "credentialProviderBinDir");
    }

    /** This, and the other for what this does not say. */
    public ImageSettings or(ImageSettings other) {
        return new ImageSettings(
                parallelPulls.or(other::parallelPulls),
                registryQps.or(other::registryQps),
                registryBurst.or(other::registryBurst),
                gcHighPercent.or(other::gcHighPercent),
                gcLowPercent.or(other::gcLowPercent),
                gcMinimumAge.or(other::gcMinimumAge),
                gcMaximumAge.or(other::gcMaximumAge),
                verification.or(other::verification),
                credentialProviderConfig.or(other::credentialProviderConfig),
                credentialProviderBinDir.or(other::credentialProviderBinDir));
    }

    public int maxParallelPulls() {
        return parallelPulls.orElse(PARALLEL_PULLS);
    }

    public int pullsPerSecond() {
        return registryQps.orElse(5);
    }

    public int pullBurst() {
        return registryBurst.orElse(10);
    }

    public int highThreshold() {
        return gcHighPercent.orElse(85);
    }

    public int lowThreshold() {
        return gcLowPercent.orElse(80);
    }

    public Duration minimumAge() {
        return gcMinimumAge.orElse(Duration.ofMinutes(2));
    }

    /** Zero: however long an image is not used, it stays while there is space. */
    public Duration maximumAge() {
        return gcMaximumAge.orElse(Duration.ZERO);
    }

    /** What is wrong with it, in words of the kubelet's fields and flags. */
    public List<String> wrong() {
        return List.of(
                        check(maxParallelPulls() >= 1, "maxParallelImagePulls must be at least 1"),
                        check(pullsPerSecond() >= 0, "registryPullQPS must not be negative"),
                        check(pullBurst() >= 0, "registryBurst must not be negative"),
                        check(percent(highThreshold()), "imageGCHighThresholdPercent must be from 0 to 100"),
                        check(percent(lowThreshold()), "imageGCLowThresholdPercent must be from 0 to 100"),
                        check(
                                lowThreshold() < highThreshold(),
                                "imageGCLowThresholdPercent (" + lowThreshold()
                                        + ") must be less than imageGCHighThresholdPercent (" + highThreshold() + ")"),
                        check(
                                maximumAge().isZero() || maximumAge().compareTo(minimumAge()) > 0,
                                "imageMaximumGCAge must be more than imageMinimumGCAge"),
                        check(
                                credentialProviderConfig.isPresent() == credentialProviderBinDir.isPresent(),
                                "--image-credential-provider-config and --image-credential-provider-bin-dir need each"
                                        + " other"))
                .stream()
                .flatMap(Optional::stream)
                .toList();
    }

    private static boolean percent(int value) {
        return value >= 0 && value <= 100;
    }

    private static Optional<String> check(boolean holds, String message) {
        return holds ? Optional.empty() : Optional.of(message);
    }
}
