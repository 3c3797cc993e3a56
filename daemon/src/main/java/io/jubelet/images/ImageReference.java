/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.images;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Parses image references.
 *
 * <p>Source: the reference grammar of the OCI distribution project, and the kubelet's rule for a
 * missing tag. Pure.
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

    /**
     * Returns the complete reference as the runtime stores it: with the digest or else the tag;
     * empty when it is malformed.
     */
    static Optional<String> complete(String image) {
        return normalized(image).map(reference -> {
            int at = reference.indexOf('@');
            return repository(reference)
                    + (at < 0 ? reference.substring(reference.lastIndexOf(':')) : reference.substring(at));
        });
    }

    /**
     * Returns the complete name without tag and digest: {@code docker.io/library/busybox} for
     * {@code busybox:1}.
     *
     * @param image a well-formed reference
     */
    static String repository(String image) {
        int at = image.indexOf('@');
        String name = at < 0 ? image : image.substring(0, at);
        int slash = name.indexOf('/');
        int colon = name.lastIndexOf(':');
        if (colon > name.lastIndexOf('/')) {
            name = name.substring(0, colon);
        }
        String host = slash < 0 ? "" : name.substring(0, slash);
        boolean named = host.contains(".") || host.contains(":") || host.equals("localhost");
        if (named && !host.equals("docker.io") && !host.equals("index.docker.io")) {
            return name;
        }
        String path = named ? name.substring(slash + 1) : name;
        return "docker.io/" + (path.contains("/") ? path : "library/" + path);
    }

    /**
     * Returns the reference with {@code :latest} added when it has neither tag nor digest; empty
     * when it is malformed.
     */
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
