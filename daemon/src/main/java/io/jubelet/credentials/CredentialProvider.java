package io.jubelet.credentials;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A program that knows credentials for some registries, and what it has said, for as long as it counts.
 *
 * <p>Source: the kubelet's credential provider plugins. An answer counts for one image, for all of its registry, or for every
 * image, as the program says. A program that fails is as one that knows nothing: the pull goes on without. Any thread; it runs
 * once at a time.
 */
public final class CredentialProvider {

    private static final Logger LOG = LoggerFactory.getLogger(CredentialProvider.class);

    /** So many answers are kept; each can be had again. */
    private static final int MAX_CACHE_ENTRIES = 256;

    private static final String GLOBAL = "";

    /**
     * What the configuration says of it.
     *
     * @param name of the program, and of the plugin for people
     * @param program absolute
     * @param images for which it is asked
     * @param cacheDuration how long an answer counts that does not say it
     * @param apiVersion of question and answer
     * @param environment added to that of the daemon
     */
    record Config(
            String name,
            Path program,
            List<RegistryPattern> images,
            Duration cacheDuration,
            String apiVersion,
            List<String> arguments,
            Map<String, String> environment) {
        Config {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(program, "program");
            images = List.copyOf(images);
            Objects.requireNonNull(cacheDuration, "cacheDuration");
            Objects.requireNonNull(apiVersion, "apiVersion");
            arguments = List.copyOf(arguments);
            environment = Map.copyOf(environment);
        }

        /** Not its environment, where secrets may be. */
        @Override
        public String toString() {
            return "credential provider " + name;
        }
    }

    private record CacheEntry(Keyring keyring, Instant until) {}

    private final Config config;
    private final CredentialProviderProcess process;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    /** By image, by registry, or by the empty text. Guarded by the lock. */
    private final LinkedHashMap<String, CacheEntry> cache = new LinkedHashMap<>();

    CredentialProvider(Config config, CredentialProviderProcess process, InstantSource clock) {
        this.config = Objects.requireNonNull(config, "config");
        this.process = Objects.requireNonNull(process, "process");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    Config config() {
        return config;
    }

    /** What it knows of an image, whose name is complete. */
    List<Credential> lookup(String image) throws InterruptedException {
        if (config.images().stream().noneMatch(pattern -> pattern.matches(image))) {
            return List.of();
        }
        lock.lockInterruptibly();
        try {
            Instant now = clock.instant();
            cache.values().removeIf(entry -> !now.isBefore(entry.until()));
            for (String key : List.of(image, registry(image), GLOBAL)) {
                CacheEntry entry = cache.get(key);
                if (entry != null) {
                    return entry.keyring().lookup(image);
                }
            }
            return fetch(image);
        } finally {
            lock.unlock();
        }
    }

    private List<Credential> fetch(String image) throws InterruptedException {
        try {
            CredentialProviderResponse response = CredentialProviderResponse.parse(process.run(config, image), config);
            Duration cacheDuration = response.cacheDuration().orElse(config.cacheDuration());
            if (cacheDuration.isPositive()) {
                String key = switch (response.scope()) {
                    case IMAGE -> image;
                    case REGISTRY -> registry(image);
                    case GLOBAL -> GLOBAL;
                };
                cache.put(
                        key, new CacheEntry(response.keyring(), clock.instant().plus(cacheDuration)));
                if (cache.size() > MAX_CACHE_ENTRIES) {
                    cache.pollFirstEntry();
                }
            }
            return response.keyring().lookup(image);
        } catch (CredentialProviderProcess.ProviderFailedException e) {
            LOG.warn("credential provider {} gave no answer for {}: {}", config.name(), image, e.getMessage());
            return List.of();
        }
    }

    private static String registry(String image) {
        int slash = image.indexOf('/');
        return slash < 0 ? image : image.substring(0, slash);
    }
}
