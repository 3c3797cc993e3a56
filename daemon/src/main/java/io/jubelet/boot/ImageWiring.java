/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.boot;

import io.jubelet.concurrent.Loop;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.concurrent.Threads;
import io.jubelet.config.DaemonConfig;
import io.jubelet.config.ImageConfig;
import io.jubelet.confinement.ImageUserCache;
import io.jubelet.credentials.CredentialProvider;
import io.jubelet.credentials.CredentialProviderConfigFile;
import io.jubelet.credentials.CredentialSources;
import io.jubelet.credentials.DockerConfigFiles;
import io.jubelet.events.EventRecorder;
import io.jubelet.images.ImageCollection;
import io.jubelet.images.ImageGarbageCollector;
import io.jubelet.images.ImagePuller;
import io.jubelet.images.PullRateLimiter;
import io.jubelet.images.PullRecords;
import io.jubelet.images.RegistryPuller;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.PodName;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The parts that pull and remove images. */
final class ImageWiring {

    private ImageWiring() {}

    static ImagePuller puller(
            DaemonConfig config,
            ImageUserCache images,
            PullRecords records,
            Supplier<LocalConfig> localConfig,
            EventRecorder events,
            Consumer<PodName> wake,
            NodeClock clock)
            throws IOException {
        ImageConfig.Pulls pulls = config.runtime().images().pulls();
        return new ImagePuller(
                images,
                new RegistryPuller(
                        images,
                        credentials(config, clock::steady),
                        pulls.parallel(),
                        new PullRateLimiter(pulls.perSecond(), pulls.burst()),
                        clock::steady),
                records,
                localConfig,
                events,
                Threads::startVirtual,
                wake,
                clock);
    }

    static PullRecords records(DaemonConfig config) {
        return new PullRecords(
                config.node().rootDir().resolve("image_manager"),
                config.runtime().images().verification()::required);
    }

    private static CredentialSources credentials(DaemonConfig config, InstantSource clock) throws IOException {
        List<Path> roots = List.of(config.node().rootDir(), Path.of("/var/lib/kubelet"));
        String home = System.getenv("HOME");
        Path homeDir = Path.of(home == null || home.isEmpty() ? System.getProperty("user.home") : home);
        return new CredentialSources(
                DockerConfigFiles.in(roots, Path.of("").toAbsolutePath(), homeDir),
                Plugins.of(config.runtime().images(), clock));
    }

    /** A class of its own, so that it is loaded only if there are credential providers. */
    private static final class Plugins {
        static List<CredentialProvider> of(ImageConfig images, InstantSource clock) throws IOException {
            return images.credentialProviders().isEmpty()
                    ? List.of()
                    : CredentialProviderConfigFile.read(
                            images.credentialProviders().get().config(),
                            images.credentialProviders().get().binDir(),
                            clock);
        }
    }

    /** Starts the garbage collection of images; empty when the configuration turns it off. */
    static Optional<Loop> collecting(
            DaemonConfig config,
            Runtimes runtimes,
            PullRecords records,
            Supplier<Set<String>> inUse,
            EventRecorder events,
            NodeClock clock) {
        ImageConfig.Collection settings = config.runtime().images().collection();
        ImageGarbageCollector.Policy policy = new ImageGarbageCollector.Policy(
                settings.highPercent(), settings.lowPercent(), settings.minimumAge(), settings.maximumAge());
        if (!policy.active()) {
            return Optional.empty();
        }
        return Optional.of(new ImageCollection(
                        () -> new ImageGarbageCollector(
                                runtimes.images(),
                                runtimes.runtime(),
                                runtimes.containerd(),
                                inUse,
                                policy,
                                ImageCollection::diskSpace,
                                (reason, message) ->
                                        events.warning(config.node().name(), reason, message),
                                clock::steady),
                        runtimes.images(),
                        records,
                        clock)
                .start());
    }
}
