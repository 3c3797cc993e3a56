/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
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
 * A credential provider plugin: an external program that returns credentials for images, and a
 * cache of its responses.
 *
 * <p>Source: the kubelet's credential provider plugins. A response is valid for one image, for
 * its registry, or for all images, as the plugin says. If the plugin fails, the pull continues
 * without its credentials. Safe for use by many threads; the plugin runs once at a time.
 */
public final class CredentialProvider {

    private static final Logger LOG = LoggerFactory.getLogger(CredentialProvider.class);

    /**
     * The oldest response is dropped beyond this, because each can be requested again. With {@link
     * CredentialProviderResponse#LIMITS} it bounds the memory of a plugin.
     */
    private static final int MAX_CACHE_ENTRIES = 128;

    private static final String GLOBAL = "";

    /**
     * The configuration of a plugin.
     *
     * @param name the name of the program, also used in messages
     * @param program the absolute path of the program
     * @param images the images for which the plugin is run
     * @param cacheDuration how long a response is cached that names no duration
     * @param apiVersion the version of request and response
     * @param environment variables added to the daemon's own
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

        /** Omits the environment, which can hold secrets. */
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
    /** By image, by registry, or by {@link #GLOBAL}. Guarded by the lock. */
    private final LinkedHashMap<String, CacheEntry> cache = new LinkedHashMap<>();

    CredentialProvider(Config config, CredentialProviderProcess process, InstantSource clock) {
        this.config = Objects.requireNonNull(config, "config");
        this.process = Objects.requireNonNull(process, "process");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    Config config() {
        return config;
    }

    /**
     * Returns the plugin's credentials for an image; blocks while the plugin runs.
     *
     * @param image its complete name, without tag or digest
     */
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
            LOG.warn("credential provider {} returned no credentials for {}: {}", config.name(), image, e.getMessage());
            return List.of();
        }
    }

    private static String registry(String image) {
        int slash = image.indexOf('/');
        return slash < 0 ? image : image.substring(0, slash);
    }
}
