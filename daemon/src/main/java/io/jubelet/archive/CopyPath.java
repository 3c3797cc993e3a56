/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.archive;

import java.util.Objects;
import java.util.Optional;

/**
 * One end of a copy.
 *
 * @param pod as the user names it; empty for a path of this machine
 * @param path as the user writes it
 */
public record CopyPath(Optional<String> pod, String path) {

    public CopyPath {
        Objects.requireNonNull(pod, "pod");
        Objects.requireNonNull(path, "path");
    }

    /**
     * Reads {@code PATH} or {@code POD:PATH}. A path of this machine with a colon begins with {@code /} or {@code .}.
     *
     * @throws IllegalArgumentException if the pod or the path is empty; the message is for the user
     */
    public static CopyPath parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0 || text.startsWith("/") || text.startsWith(".")) {
            if (text.isEmpty()) {
                throw new IllegalArgumentException("a path is empty");
            }
            return new CopyPath(Optional.empty(), text);
        }
        if (colon == 0 || colon == text.length() - 1) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" names no " + (colon == 0 ? "pod before" : "path behind") + " the colon");
        }
        return new CopyPath(Optional.of(text.substring(0, colon)), text.substring(colon + 1));
    }

    /** The path without slashes at its end. */
    private String stripped() {
        int end = path.length();
        while (end > 1 && path.charAt(end - 1) == '/') {
            end--;
        }
        return path.substring(0, end);
    }

    /** The last segment; {@code .} if that is no name. */
    public String base() {
        String whole = stripped();
        String last = whole.substring(whole.lastIndexOf('/') + 1);
        return last.isEmpty() || last.equals("..") ? "." : last;
    }

    /** The directory of {@link #base}, such that the option of a command can be followed by it. */
    public String directory() {
        String whole = stripped();
        int slash = whole.lastIndexOf('/');
        String last = whole.substring(slash + 1);
        String directory = last.isEmpty() || last.equals("..") || last.equals(".")
                ? whole
                : slash < 0 ? "." : slash == 0 ? "/" : whole.substring(0, slash);
        return directory.startsWith("-") ? "./" + directory : directory;
    }

    /** The path of an entry of this directory. */
    public CopyPath resolve(String name) {
        return new CopyPath(pod, stripped() + "/" + name);
    }
}
