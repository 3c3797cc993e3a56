package io.jubelet.credentials;

import java.util.Optional;

/**
 * Which images a credential is for: a host, whose labels may be globs, perhaps a port, perhaps the beginning of a path.
 *
 * <p>Source: the kubelet's keyring. A port has to be the same, and there are as many labels in the host of the image; a
 * credential for {@code *.example.org} is for {@code a.example.org/app} and not for {@code example.org} or
 * {@code a.b.example.org}. Paths are compared letter by letter, so {@code example.org/team} is for
 * {@code example.org/teamwork}, too.
 *
 * @param host with its port
 * @param path with the slash before it, or empty
 */
record RegistryPattern(String host, String path) {

    /** Docker's own registry, which is meant when an image names none. */
    private static final String DEFAULT_HOST = "index.docker.io";

    /** As written in a file: with or without scheme, with or without the path of an API version. */
    static Optional<RegistryPattern> parse(String text) {
        int scheme = text.startsWith("https://") ? 8 : text.startsWith("http://") ? 7 : 0;
        String rest = text.substring(scheme);
        int slash = rest.indexOf('/');
        String host = slash < 0 ? rest : rest.substring(0, slash);
        String path = slash < 0 ? "" : rest.substring(slash);
        if (path.startsWith("/v1/") || path.startsWith("/v2/")) {
            path = path.substring(3);
        }
        return host.isEmpty() || host.contains(" ") || host.contains("@")
                ? Optional.empty()
                : Optional.of(new RegistryPattern(host, path.equals("/") ? "" : path));
    }

    /** What tells two patterns apart; the kubelet sorts by it. */
    String key() {
        return host + path;
    }

    /** Whether this is for an image, whose name is complete but for its tag or digest. */
    boolean matches(String image) {
        int slash = image.indexOf('/');
        String imageHost = slash < 0 ? image : image.substring(0, slash);
        String imagePath = slash < 0 ? "" : image.substring(slash);
        if (!port(host).equals(port(imageHost)) || !imagePath.startsWith(path)) {
            return false;
        }
        String[] labels = name(host).split("\\.", -1);
        String[] imageLabels = name(imageHost).split("\\.", -1);
        if (labels.length != imageLabels.length) {
            return false;
        }
        for (int i = 0; i < labels.length; i++) {
            if (!Glob.matches(labels[i], imageLabels[i])) {
                return false;
            }
        }
        return true;
    }

    /** Whether this is for Docker's own registry, which counts for an image of it when nothing else does. */
    boolean isDefault() {
        return key().equals(DEFAULT_HOST);
    }

    private static String port(String host) {
        int colon = host.lastIndexOf(':');
        return colon < 0 || host.indexOf(']') > colon ? "" : host.substring(colon + 1);
    }

    private static String name(String host) {
        int colon = host.lastIndexOf(':');
        return colon < 0 || host.indexOf(']') > colon ? host : host.substring(0, colon);
    }
}
