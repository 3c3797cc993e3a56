/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.credentials;

import java.util.Optional;

/**
 * The images that a credential is for: a host, whose labels can be globs, an optional port, and an
 * optional prefix of the path.
 *
 * <p>Source: the kubelet's keyring. The port must be equal, and the host must have the same
 * number of labels: {@code *.example.org} matches {@code a.example.org/app} but neither {@code
 * example.org} nor {@code a.b.example.org}. The path is a plain prefix, so {@code example.org/team}
 * matches {@code example.org/teamwork}, too.
 *
 * @param host the host with its port, if any
 * @param path the path with its leading slash; empty if it matches images of all paths
 */
record RegistryPattern(String host, Optional<String> path) {

    /** Docker's own registry, the default of images without a host. */
    private static final String DEFAULT_HOST = "index.docker.io";

    /**
     * Parses a pattern with or without a scheme and the path of an API version; empty when it is
     * malformed.
     */
    static Optional<RegistryPattern> parse(String text) {
        int scheme = text.startsWith("https://") ? 8 : text.startsWith("http://") ? 7 : 0;
        String rest = text.substring(scheme);
        int slash = rest.indexOf('/');
        String host = slash < 0 ? rest : rest.substring(0, slash);
        String path = slash < 0 ? "" : rest.substring(slash);
        if (path.startsWith("/v1/") || path.startsWith("/v2/")) {
            path = path.substring(3);
        }
        if (host.isEmpty() || host.contains(" ") || host.contains("@")) {
            return Optional.empty();
        }
        boolean anyPath = path.isEmpty() || path.equals("/");
        return Optional.of(new RegistryPattern(host, anyPath ? Optional.empty() : Optional.of(path)));
    }

    /** The text by which the kubelet sorts. */
    String key() {
        return host + path.orElse("");
    }

    /**
     * Returns whether this matches an image.
     *
     * @param image its complete name, without tag or digest
     */
    boolean matches(String image) {
        int slash = image.indexOf('/');
        String imageHost = slash < 0 ? image : image.substring(0, slash);
        String imagePath = slash < 0 ? "" : image.substring(slash);
        if (!port(host).equals(port(imageHost)) || !imagePath.startsWith(path.orElse(""))) {
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

    /**
     * Returns whether this is Docker's own registry, whose credential is used for its images if no
     * other matches.
     */
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
