/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import io.jubelet.cri.AuthConfig;
import io.jubelet.cri.CriException;
import io.jubelet.cri.Image;
import io.jubelet.cri.ImageSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The images of the registries and of the runtime. A reference can be short: {@code busybox} is
 * {@code docker.io/library/busybox:latest}. Thread-safe.
 */
public final class SimulatedImages {
    private static final long SIZE = 4_000_000;

    private record RegistryImage(
            Duration pullTime, @Nullable Supplier<? extends RuntimeException> failure) {}

    private final Map<String, RegistryImage> registry = new HashMap<>();
    private final Map<String, Image> store = new LinkedHashMap<>();
    /** The user and password, joined with a colon, of images that require credentials. */
    private final Map<String, String> credentials = new HashMap<>();

    private boolean everythingPublished;

    SimulatedImages() {}

    /** Adds an image to the runtime. */
    public synchronized void add(String reference) {
        String name = normalized(reference);
        store.put(name, image(name));
    }

    /** Adds an image to a registry; a pull takes no time. */
    public void publish(String reference) {
        publish(reference, Duration.ZERO);
    }

    /** Adds an image to a registry; a pull takes the given simulated time. */
    public synchronized void publish(String reference, Duration pullTime) {
        registry.put(normalized(reference), new RegistryImage(pullTime, null));
    }

    /** Makes the registries have every image, except those whose pulls fail. */
    public synchronized void publishEverything() {
        everythingPublished = true;
    }

    /** Makes pulls of an image fail until it is published. */
    public synchronized void failPull(String reference, Supplier<? extends RuntimeException> failure) {
        registry.put(normalized(reference), new RegistryImage(Duration.ZERO, failure));
    }

    /** Restricts pulls of an image to one user. */
    public synchronized void requireCredentials(String reference, String user, String password) {
        credentials.put(normalized(reference), user + ":" + password);
    }

    /** Removes an image from its registry; the runtime keeps it. */
    public synchronized void unpublish(String reference) {
        registry.remove(normalized(reference));
    }

    synchronized Duration pullTime(ImageSpec spec) {
        RegistryImage remote = registry.get(normalized(spec.image()));
        return remote == null ? Duration.ZERO : remote.pullTime();
    }

    synchronized String pull(ImageSpec spec, @Nullable AuthConfig auth) {
        String name = normalized(spec.image());
        String key = credentials.get(name);
        if (key != null && (auth == null || !key.equals(auth.username() + ":" + auth.password()))) {
            throw new CriException.Failed(
                    "PullImage",
                    "failed to pull and unpack image \"" + name + "\": failed to resolve reference \"" + name
                            + "\": pull access denied, repository does not exist or may require authorization");
        }
        RegistryImage remote = registry.get(name);
        if (remote == null && !everythingPublished) {
            throw new CriException.NotFound(
                    "PullImage",
                    "failed to pull and unpack image \"" + name + "\": failed to resolve reference \"" + name + "\": "
                            + name + ": not found");
        }
        if (remote != null && remote.failure() != null) {
            throw remote.failure().get();
        }
        Image image = image(name);
        store.put(name, image);
        return image.id();
    }

    synchronized void remove(ImageSpec spec) {
        Image image = find(spec);
        if (image != null) {
            store.values().removeIf(each -> each.id().equals(image.id()));
        }
    }

    synchronized List<Image> all() {
        return new ArrayList<>(store.values());
    }

    /** Returns an image of the runtime, or null if the runtime does not have it. */
    synchronized @Nullable Image find(ImageSpec spec) {
        Image named = store.get(normalized(spec.image()));
        if (named != null) {
            return named;
        }
        for (Image image : store.values()) {
            if (image.id().equals(spec.image()) || image.repoDigests().contains(spec.image())) {
                return image;
            }
        }
        return null;
    }

    private static Image image(String name) {
        String digest = "sha256:" + SimulatedIds.of(name.hashCode());
        String repository = name.contains("@") ? name.substring(0, name.indexOf('@')) : untagged(name);
        List<String> tags = name.contains("@") ? List.of() : List.of(name);
        return new Image(digest, tags, List.of(repository + "@" + digest), SIZE, null, "", null, false);
    }

    private static String untagged(String name) {
        return name.substring(0, name.lastIndexOf(':'));
    }

    private static String normalized(String reference) {
        if (reference.startsWith("sha256:")) {
            return reference;
        }
        String name = reference;
        String first = name.contains("/") ? name.substring(0, name.indexOf('/')) : "";
        if (first.isEmpty()) {
            name = "docker.io/library/" + name;
        } else if (!first.contains(".") && !first.contains(":") && !first.equals("localhost")) {
            name = "docker.io/" + name;
        }
        boolean tagged = name.contains("@") || name.lastIndexOf(':') > name.lastIndexOf('/');
        return tagged ? name : name + ":latest";
    }
}
