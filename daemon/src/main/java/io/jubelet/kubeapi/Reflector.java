package io.jubelet.kubeapi;

import io.jubelet.concurrent.Loop;
import io.jubelet.concurrent.Threads;
import io.jubelet.concurrent.Wakeup;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

/**
 * What the API server has of one collection, kept up by listing it once and watching it from there; listed anew when the watch
 * cannot go on, and after each outage.
 *
 * @param <T> what is kept of an object
 */
public final class Reflector<T> implements AutoCloseable {

    private static final Duration OUTAGE = Duration.ofMinutes(1); // or until the outage ends
    private static final Duration FIRST_RETRY = Duration.ofMillis(200);
    private static final Duration MAX_RETRY = Duration.ofSeconds(5);
    private static final Duration IMMEDIATELY = Duration.ZERO;
    /** A watch that ends sooner is not begun again at once, whoever ends it. */
    private static final Duration MIN_WATCH_TIME = Duration.ofSeconds(1);

    private final KubeApi api;
    private final String name;
    private final String path;
    private final String selector;
    private final Function<ApiObject, T> mapper;
    private final Runnable onChange;
    private final Loop loop;
    private volatile Optional<Snapshot<T>> snapshot = Optional.empty();
    private volatile InputStream watching;
    /** Where to go on; empty: by a list. Touched by the loop alone. */
    private String version = "";

    /**
     * The collection at one moment.
     *
     * @param objects by UID
     * @param version of the collection, as the API server counts it
     */
    public record Snapshot<T>(Map<String, T> objects, String version) {
        public Snapshot {
            objects = Map.copyOf(objects);
            Objects.requireNonNull(version, "version");
        }
    }

    /**
     * @param name of the thread
     * @param path of the collection
     * @param selector {@code fieldSelector=...} and other questions of the list, encoded for a URI
     * @param mapper what of an object is kept
     * @param onChange told after each change on the thread of the watch; must not block
     */
    public Reflector(
            KubeApi api, String name, String path, String selector, Function<ApiObject, T> mapper, Runnable onChange) {
        this.api = Objects.requireNonNull(api, "api");
        this.name = Objects.requireNonNull(name, "name");
        this.path = Objects.requireNonNull(path, "path");
        this.selector = Objects.requireNonNull(selector, "selector");
        this.mapper = Objects.requireNonNull(mapper, "mapper");
        this.onChange = Objects.requireNonNull(onChange, "onChange");
        this.loop = Loop.unstarted("watch/" + name, FIRST_RETRY, MAX_RETRY, this::turn);
    }

    /** Begins to list and watch. */
    public void start() {
        api.onReachabilityChange(this::reachability);
        loop.begin();
    }

    /** The objects by UID; empty when they are not known, at first and after an outage. */
    public Optional<Map<String, T>> objects() {
        return snapshot.map(Snapshot::objects);
    }

    /** The same with the version to which it is known. */
    public Optional<Snapshot<T>> snapshot() {
        return snapshot;
    }

    private void reachability() {
        if (!api.reachable()) {
            stopWatching();
        }
        loop.release();
    }

    private void stopWatching() {
        InputStream stream = watching;
        if (stream != null) {
            try {
                stream.close();
            } catch (IOException _) {
                // It is at its end either way.
            }
        }
    }

    private Duration turn() throws InterruptedException {
        if (!api.reachable()) {
            clear();
            return OUTAGE;
        }
        long began = System.nanoTime();
        try {
            if (version.isEmpty()) {
                list();
            }
            watch();
        } catch (KubeApiException.Unreachable | KubeApiException.NoCredentials _) {
            clear();
            return api.reachable() ? MIN_WATCH_TIME : OUTAGE;
        } catch (KubeApiException.ErrorStatus e) {
            version = "";
            if (e.code() != 410) {
                throw e;
            }
        }
        return System.nanoTime() - began < MIN_WATCH_TIME.toNanos() ? MIN_WATCH_TIME : IMMEDIATELY;
    }

    private void clear() {
        version = "";
        if (snapshot.isPresent()) {
            snapshot = Optional.empty();
            onChange.run();
        }
    }

    private void list() throws InterruptedException {
        ApiObject list = api.get(path + "?" + selector);
        Map<String, T> listed = new HashMap<>();
        for (ApiObject item : list.objects("items")) {
            listed.put(item.text("metadata", "uid"), mapper.apply(item));
        }
        version = list.text("metadata", "resourceVersion");
        snapshot = Optional.of(new Snapshot<>(listed, version));
        onChange.run();
    }

    /** The API server ends a watch after the time it was told; one that went silent without an end is found then, too. */
    private void watch() throws InterruptedException {
        int seconds = ThreadLocalRandom.current().nextInt(60, 120);
        String query = "?" + selector + "&watch=true&allowWatchBookmarks=true&timeoutSeconds=" + seconds
                + "&resourceVersion=" + version;
        Wakeup ended = new Wakeup();
        try (InputStream stream = api.stream(path + query);
                BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            watching = stream;
            Threads.startVirtual("watch-limit/" + name, () -> limit(ended, Duration.ofSeconds(seconds + 5L)));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank()) {
                    handle(ApiObject.parse(line));
                }
            }
        } catch (IOException _) {
            // Only this connection may have gone; the next request tells. Or it was an interrupt, which the loop will
            // meet.
            version = "";
        } finally {
            watching = null;
            ended.signal();
        }
    }

    private void limit(Wakeup ended, Duration atMost) {
        try {
            if (!ended.awaitFor(atMost)) {
                stopWatching();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void handle(ApiObject event) {
        ApiObject object = event.object("object")
                .orElseThrow(
                        () -> new KubeApiException.Unreachable("a watch brings something without an object", null));
        String type = event.text("type");
        if (type.equals("ERROR")) {
            throw new KubeApiException.ErrorStatus(
                    Integer.parseInt("0" + object.text("code")),
                    object.text("reason"),
                    object.text("message"),
                    Optional.empty());
        }
        version = object.text("metadata", "resourceVersion");
        Map<String, T> now = new HashMap<>(objects().orElse(Map.of()));
        if (type.equals("BOOKMARK")) {
            snapshot = Optional.of(new Snapshot<>(now, version));
            return;
        }
        String uid = object.text("metadata", "uid");
        if (type.equals("DELETED")) {
            now.remove(uid);
        } else {
            now.put(uid, mapper.apply(object));
        }
        snapshot = Optional.of(new Snapshot<>(now, version));
        onChange.run();
    }

    @Override
    public void close() {
        loop.close();
        stopWatching();
    }
}
