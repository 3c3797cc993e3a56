/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import static io.jubelet.config.Settings.IMAGE_CREDENTIAL_PROVIDER_BIN_DIR;
import static io.jubelet.config.Settings.IMAGE_CREDENTIAL_PROVIDER_CONFIG;
import static io.jubelet.config.Settings.IMAGE_GC_HIGH_THRESHOLD;
import static io.jubelet.config.Settings.IMAGE_GC_LOW_THRESHOLD;
import static io.jubelet.config.Settings.IMAGE_MAXIMUM_GC_AGE;
import static io.jubelet.config.Settings.MAX_PARALLEL_IMAGE_PULLS;
import static io.jubelet.config.Settings.MINIMUM_IMAGE_TTL_DURATION;
import static io.jubelet.config.Settings.REGISTRY_BURST;
import static io.jubelet.config.Settings.REGISTRY_QPS;
import static io.jubelet.config.Settings.SERIALIZE_IMAGE_PULLS;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How images are pulled and removed.
 *
 * @param pulls the limits of pulls
 * @param collection which images are removed
 * @param verification which pods need credentials for an image that is present
 * @param credentialProviders programs that know credentials; empty: there are none
 */
public record ImageConfig(
        Pulls pulls,
        Collection collection,
        PullVerification verification,
        Optional<CredentialProviders> credentialProviders) {

    /**
     * The limits of pulls.
     *
     * @param parallel how many run at once; at least 1
     * @param perSecond how many begin in a second in the long run; 0: no limit
     * @param burst how many may begin at once before that counts
     */
    public record Pulls(int parallel, int perSecond, int burst) {}

    /**
     * Which images are removed.
     *
     * @param highPercent of the disk in use, above which images are removed; 100: never
     * @param lowPercent of the disk in use, down to which images are removed
     * @param minimumAge since an image was first seen, before which it is not removed for space
     * @param maximumAge since an image was last used, after which it is removed in any case; zero: never
     */
    public record Collection(int highPercent, int lowPercent, Duration minimumAge, Duration maximumAge) {}

    /**
     * Programs that know credentials for registries.
     *
     * @param config a CredentialProviderConfig
     * @param binDir the directory of the programs
     */
    public record CredentialProviders(Path config, Path binDir) {}

    static ImageConfig read(SettingReader settings) {
        return new ImageConfig(
                new Pulls(
                        parallelPulls(settings),
                        settings.integer(REGISTRY_QPS, 0, Integer.MAX_VALUE),
                        settings.integerOrDefault(REGISTRY_BURST)),
                collection(settings),
                PullVerification.read(settings),
                credentialProviders(settings));
    }

    private static int parallelPulls(SettingReader settings) {
        int parallel = settings.integer(MAX_PARALLEL_IMAGE_PULLS, 1, Integer.MAX_VALUE);
        if (!settings.flag(SERIALIZE_IMAGE_PULLS)) {
            return parallel;
        }
        if (settings.has(MAX_PARALLEL_IMAGE_PULLS) && parallel > 1) {
            settings.error(MAX_PARALLEL_IMAGE_PULLS, "must be 1 when serializeImagePulls is true");
        }
        return settings.inEffect(MAX_PARALLEL_IMAGE_PULLS, 1);
    }

    private static Collection collection(SettingReader settings) {
        int high = settings.integer(IMAGE_GC_HIGH_THRESHOLD, 0, 100);
        int low = settings.integer(IMAGE_GC_LOW_THRESHOLD, 0, 100);
        if (low >= high) {
            settings.error(
                    IMAGE_GC_LOW_THRESHOLD,
                    "must be less than imageGCHighThresholdPercent, which is " + high + ", but is " + low);
        }
        Duration minimum = settings.durationOrZero(MINIMUM_IMAGE_TTL_DURATION);
        Duration maximum = settings.durationOrZero(IMAGE_MAXIMUM_GC_AGE);
        if (!maximum.isZero() && maximum.compareTo(minimum) <= 0) {
            settings.error(IMAGE_MAXIMUM_GC_AGE, "must be more than imageMinimumGCAge");
        }
        return new Collection(high, low, minimum, maximum);
    }

    private static Optional<CredentialProviders> credentialProviders(SettingReader settings) {
        Optional<Path> config = settings.text(IMAGE_CREDENTIAL_PROVIDER_CONFIG).map(Path::of);
        Optional<Path> binDir = settings.text(IMAGE_CREDENTIAL_PROVIDER_BIN_DIR).map(Path::of);
        if (config.isPresent() && binDir.isPresent()) {
            return Optional.of(new CredentialProviders(config.get(), binDir.get()));
        }
        if (config.isPresent()) {
            settings.error(IMAGE_CREDENTIAL_PROVIDER_CONFIG, "needs " + IMAGE_CREDENTIAL_PROVIDER_BIN_DIR);
        } else if (binDir.isPresent()) {
            settings.error(IMAGE_CREDENTIAL_PROVIDER_BIN_DIR, "needs " + IMAGE_CREDENTIAL_PROVIDER_CONFIG);
        }
        return Optional.empty();
    }
}
