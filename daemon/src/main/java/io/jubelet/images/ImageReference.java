package io.jubelet.images;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads image references as users write them.
 *
 * <p>Source: the reference grammar of the OCI distribution project, with the kubelet's rule for a missing tag. Pure.
 */
final class ImageReference {

    private static final String COMPONENT = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
    private static final String HOST_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
    private static final String DOMAIN =
            "(?:" + HOST_LABEL + "(?:\\." + HOST_LABEL + ")*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?";
    private static final String NAME = "(?:" + DOMAIN + "/)?" + COMPONENT + "(?:/" + COMPONENT + ")*";
    private static final String TAG = "[\\w][\\w.-]{0,127}";
    private static final String DIGEST = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,128}";
    private static final Pattern REFERENCE =
            Pattern.compile("(?<name>" + NAME + ")(?::(?<tag>" + TAG + "))?(?:@(?<digest>" + DIGEST + "))?");
    private static final Pattern BARE_ID = Pattern.compile("[a-f0-9]{64}");
    private static final int MAX_LENGTH = 255 + 128 + 160;

    private ImageReference() {}

    /** The reference with {@code :latest} added when it has neither tag nor digest; empty when it is none. */
    static Optional<String> normalized(String image) {
        if (image.length() > MAX_LENGTH || BARE_ID.matcher(image).matches()) {
            return Optional.empty();
        }
        var match = REFERENCE.matcher(image);
        if (!match.matches()) {
            return Optional.empty();
        }
        boolean complete = match.group("tag") != null || match.group("digest") != null;
        return Optional.of(complete ? image : image + ":latest");
    }
}
