package io.jubelet.config;

import io.jubelet.document.FieldReader;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Which pods have to show credentials for an image that is there: the kubelet's imagePullCredentialsVerificationPolicy.
 *
 * @param policy when
 * @param allowed with {@link Policy#NeverVerifyAllowlistedImages}: names without tag and digest, or beginnings of names that
 *     end in {@code /*}
 */
public record PullVerification(Policy policy, List<String> allowed) {

    /** That of a kubelet which is told nothing. */
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
     * Whether a pod has to.
     *
     * @param repository complete name of the image, without tag and digest
     * @param ours whether it is known that we pulled it
     */
    public boolean required(String repository, boolean ours) {
        return switch (policy) {
            case NeverVerify -> false;
            case NeverVerifyPreloadedImages -> ours;
            case NeverVerifyAllowlistedImages -> allowed.stream().noneMatch(pattern -> fits(pattern, repository));
            case AlwaysVerify -> true;
        };
    }

    private static boolean fits(String pattern, String repository) {
        return pattern.endsWith("/*")
                ? repository.startsWith(pattern.substring(0, pattern.length() - 1))
                : repository.equals(pattern);
    }

    /** Reads the fields of a KubeletConfiguration; what is wrong is noted. */
    static Optional<PullVerification> parse(FieldReader fields) {
        boolean given = fields.has("imagePullCredentialsVerificationPolicy");
        Policy policy = fields.choice("imagePullCredentialsVerificationPolicy", Policy.values(), DEFAULT.policy());
        List<String> allowed = fields.texts("preloadedImagesVerificationAllowlist");
        if (policy != Policy.NeverVerifyAllowlistedImages && !allowed.isEmpty()) {
            fields.error(
                    "preloadedImagesVerificationAllowlist",
                    "is for the policy NeverVerifyAllowlistedImages alone; leave it out, or set"
                            + " imagePullCredentialsVerificationPolicy to that");
        }
        for (String pattern : allowed) {
            String name = pattern.endsWith("/*") ? pattern.substring(0, pattern.length() - 2) : pattern;
            boolean tagged = name.contains("@") || name.indexOf(':', name.lastIndexOf('/') + 1) >= 0;
            if (name.isEmpty()
                    || name.contains("*")
                    || !name.strip().equals(name)
                    || (tagged && name.equals(pattern))) {
                fields.error(
                        "preloadedImagesVerificationAllowlist",
                        "must name images without tag and digest, or end in /*, such as registry.example/team/*, and has \""
                                + pattern + "\"");
            }
        }
        return given && policy != null ? Optional.of(new PullVerification(policy, allowed)) : Optional.empty();
    }
}
