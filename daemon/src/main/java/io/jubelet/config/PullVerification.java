/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import static io.jubelet.config.Settings.IMAGE_PULL_CREDENTIALS_VERIFICATION_POLICY;
import static io.jubelet.config.Settings.PRELOADED_IMAGES_VERIFICATION_ALLOWLIST;

import java.util.List;
import java.util.Objects;

/**
 * Which pods need credentials for an image that is present: the kubelet's imagePullCredentialsVerificationPolicy.
 *
 * @param policy when
 * @param allowed with {@link Policy#NeverVerifyAllowlistedImages}: names without tag and digest, or beginnings of names that
 *     end in {@code /*}
 */
public record PullVerification(Policy policy, List<String> allowed) {

    /** The default of the kubelet. */
    public static final PullVerification DEFAULT = new PullVerification(Policy.NeverVerifyPreloadedImages, List.of());

    /** The constants are spelt as in the configuration. */
    public enum Policy {
        NeverVerify,
        NeverVerifyPreloadedImages,
        NeverVerifyAllowlistedImages,
        AlwaysVerify
    }

    public PullVerification {
        Objects.requireNonNull(policy, "policy");
        allowed = List.copyOf(allowed);
    }

    /**
     * Whether a pod needs credentials.
     *
     * @param repository complete name of the image, without tag and digest
     * @param pulledByUs whether Jubelet is known to have pulled the image
     */
    public boolean required(String repository, boolean pulledByUs) {
        return switch (policy) {
            case NeverVerify -> false;
            case NeverVerifyPreloadedImages -> pulledByUs;
            case NeverVerifyAllowlistedImages -> allowed.stream().noneMatch(pattern -> fits(pattern, repository));
            case AlwaysVerify -> true;
        };
    }

    private static boolean fits(String pattern, String repository) {
        return pattern.endsWith("/*")
                ? repository.startsWith(pattern.substring(0, pattern.length() - 1))
                : repository.equals(pattern);
    }

    static PullVerification read(SettingReader settings) {
        Policy policy = settings.choice(IMAGE_PULL_CREDENTIALS_VERIFICATION_POLICY, Policy.values(), DEFAULT.policy());
        List<String> allowed = settings.texts(PRELOADED_IMAGES_VERIFICATION_ALLOWLIST);
        if (policy != Policy.NeverVerifyAllowlistedImages && !allowed.isEmpty()) {
            settings.error(
                    PRELOADED_IMAGES_VERIFICATION_ALLOWLIST,
                    "is for the policy NeverVerifyAllowlistedImages alone; leave it out, or set"
                            + " imagePullCredentialsVerificationPolicy to that");
        }
        for (String pattern : allowed) {
            if (!isPattern(pattern)) {
                settings.error(
                        PRELOADED_IMAGES_VERIFICATION_ALLOWLIST,
                        "must name images without tag and digest, or end in /*, such as registry.example/team/*, and has \""
                                + pattern + "\"");
            }
        }
        return new PullVerification(policy, allowed);
    }

    private static boolean isPattern(String text) {
        boolean prefix = text.endsWith("/*");
        String name = prefix ? text.substring(0, text.length() - 2) : text;
        boolean tagged = name.contains("@") || name.indexOf(':', name.lastIndexOf('/') + 1) >= 0;
        return !name.isEmpty() && !name.contains("*") && name.strip().equals(name) && (prefix || !tagged);
    }
}
