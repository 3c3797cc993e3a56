/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.credentials;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Credentials with the images that they are for. Immutable.
 *
 * <p>Source: the kubelet's keyring, which sorts by the pattern's text in descending order, so
 * that a more specific path comes first.
 */
final class Keyring {

    static final Keyring EMPTY = new Keyring(List.of());

    /** A credential and the images that it is for. */
    record Entry(RegistryPattern pattern, Credential credential) {}

    private final List<Entry> entries;

    Keyring(List<Entry> entries) {
        List<Entry> sorted = new ArrayList<>(entries);
        sorted.sort(Comparator.comparing((Entry entry) -> entry.pattern().key()).reversed());
        this.entries = List.copyOf(sorted);
    }

    List<Entry> entries() {
        return entries;
    }

    /**
     * Returns the credentials for an image in the order in which to try them.
     *
     * @param image its complete name, without tag or digest: {@code docker.io/library/busybox}
     */
    List<Credential> lookup(String image) {
        List<Credential> fitting = entries.stream()
                .filter(entry -> entry.pattern().matches(image))
                .map(Entry::credential)
                .toList();
        if (!fitting.isEmpty() || !(image.startsWith("docker.io/") || image.startsWith("index.docker.io/"))) {
            return fitting;
        }
        return entries.stream()
                .filter(entry -> entry.pattern().isDefault())
                .map(Entry::credential)
                .toList();
    }
}
