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

/**
 * The registries of the world and the images which the runtime has. A reference may be short: {@code busybox} is
 * {@code docker.io/library/busybox:latest}. May be used by any thread.
 */
public final class SimulatedImages {
    private static final long SIZE = 4_000_000;

    private record RegistryImage(Duration pullTime, Supplier<? extends RuntimeException> failure) {}

    private final Map<String, RegistryImage> registry = new HashMap<>();
    private final Map<String, Image> store = new LinkedHashMap<>();
    /** User and password of images that not everybody may pull. */
    private final Map<String, String> credentials = new HashMap<>();

    private boolean everythingPublished;

    SimulatedImages() {}

    /** The runtime has this image already. */
    public synchronized void add(String reference) {
        String name = normalized(reference);
        store.put(name, image(name));
    }

    /** A registry has this image; pulling it takes no time. */
    public void publish(String reference) {
        publish(reference, Duration.ZERO);
    }

    /** A registry has this image; pulling it takes this long in simulated time. */
    public synchronized void publish(String reference, Duration pullTime) {
        registry.put(normalized(reference), new RegistryImage(pullTime, null));
    }

    /** From now on a registry has every image but those that are made to fail. */
    public synchronized void publishEverything() {
        everythingPublished = true;
    }

    /** Pulling this image fails, until it is published. */
    public synchronized void failPull(String reference, Supplier<? extends RuntimeException> failure) {
        registry.put(normalized(reference), new RegistryImage(Duration.ZERO, failure));
    }

    /** From now on only this user may pull this image. */
    public synchronized void requireCredentials(String reference, String user, String password) {
        credentials.put(normalized(reference), user + ":" + password);
    }

    /** The registry does not have this image any more; what was pulled stays. */
    public synchronized void unpublish(String reference) {
        registry.remove(normalized(reference));
    }

    synchronized Duration pullTime(ImageSpec spec) {
        RegistryImage remote = registry.get(normalized(spec.image()));
        return remote == null ? Duration.ZERO : remote.pullTime();
    }

    synchronized String pull(ImageSpec spec, AuthConfig auth) {
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

    /** Null when the runtime does not have it. */
    synchronized Image find(ImageSpec spec) {
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
