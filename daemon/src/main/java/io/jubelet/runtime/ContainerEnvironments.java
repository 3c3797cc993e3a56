/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import io.jubelet.criconfig.ConfigValues;
import io.jubelet.criconfig.DownwardApi;
import io.jubelet.criconfig.NodeProfile;
import io.jubelet.node.NodeCapacity;
import io.jubelet.node.SafeDirectory;
import io.jubelet.pod.ConfigRef;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.EnvExpansion;
import io.jubelet.pod.EnvFrom;
import io.jubelet.pod.EnvVar;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import io.jubelet.pod.ProcessSize;
import io.jubelet.podfiles.EnvFile;
import io.jubelet.podfiles.PodDirectories;
import io.jubelet.volume.VolumeSetup;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Resolves the environment variables of containers, and the facts about a pod that its volumes
 * contain. What a variable refers to (fields of the pod, resources, ConfigMaps, Secrets, lines of a
 * file) is read when the variable is resolved.
 *
 * <p>Sources: the Kubernetes pages on the downward API and on environment variables from files.
 * Safe for use by many threads.
 */
public final class ContainerEnvironments {

    private final NodeProfile node;
    private final Supplier<NodeCapacity> allocatable;
    private final Supplier<LocalConfig> config;
    private final PodDirectories directories;

    /**
     * @param allocatable what the node has for pods; may block for some small files
     * @param config the current ConfigMaps and Secrets
     */
    public ContainerEnvironments(
            NodeProfile node,
            Supplier<NodeCapacity> allocatable,
            Supplier<LocalConfig> config,
            PodDirectories directories) {
        this.node = Objects.requireNonNull(node, "node");
        this.allocatable = Objects.requireNonNull(allocatable, "allocatable");
        this.config = Objects.requireNonNull(config, "config");
        this.directories = Objects.requireNonNull(directories, "directories");
    }

    /**
     * The variables of a container in their order, by name.
     *
     * @param podIps IP addresses of the pod, the primary one first; may be empty
     * @param size to which each variable is added
     * @throws IOException if a variable that is not optional has no value, or they are larger than {@code size} allows; the
     *     message is for the user
     */
    Map<String, String> resolve(Pod pod, ContainerSpec container, List<String> podIps, ProcessSize size)
            throws IOException {
        return EnvExpansion.resolve(container.envFrom(), container.env(), new References(pod, container, podIps), size);
    }

    /**
     * Checks that the ConfigMaps and Secrets that the variables of a container refer to are there, with the keys.
     *
     * @throws IOException if one is missing that is not optional; the message is for the user
     */
    void check(Pod pod, ContainerSpec container) throws IOException {
        ConfigValues values = new ConfigValues(config.get(), pod);
        for (EnvFrom from : container.envFrom()) {
            values.values(from.ref());
        }
        for (EnvVar variable : container.env()) {
            if (variable.source() instanceof EnvVar.ConfigKey key) {
                values.value(key);
            }
        }
    }

    /**
     * A field or resource of a pod, for a file in one of its volumes.
     *
     * @throws IOException if there is no such field or resource; the message is for the user
     */
    String fact(Pod pod, EnvVar.Source source) throws IOException {
        ContainerSpec first = pod.spec().containers().getFirst(); // resources in a volume always name their container
        return new References(pod, first, List.of()).value(source).orElse("");
    }

    /** The current ConfigMaps and Secrets. */
    LocalConfig config() {
        return config.get();
    }

    /** What the variables of one container refer to. */
    private final class References implements EnvExpansion.Facts {

        private final Pod pod;
        private final DownwardApi downwardApi;
        private final ConfigValues values;

        References(Pod pod, ContainerSpec container, List<String> podIps) {
            this.pod = pod;
            this.downwardApi = new DownwardApi(pod, container, podIps, node, allocatable);
            this.values = new ConfigValues(config.get(), pod);
        }

        @Override
        public Optional<String> value(EnvVar.Source source) throws IOException {
            return switch (source) {
                case EnvVar.Literal literal -> Optional.of(literal.value());
                case EnvVar.Field field -> Optional.of(downwardApi.field(field));
                case EnvVar.Resource resource -> Optional.of(downwardApi.resource(resource));
                case EnvVar.ConfigKey key -> values.value(key);
                case EnvVar.FileKey key -> fileKey(key);
            };
        }

        @Override
        public Map<String, String> values(ConfigRef ref) throws IOException {
            return values.values(ref);
        }

        private Optional<String> read(EnvVar.FileKey wanted, String file) throws IOException {
            try (SafeDirectory volume =
                    VolumeSetup.openEmptyDir(pod, wanted.volume(), directories.podDirectory(pod.uid()))) {
                return EnvFile.read(volume, wanted.path(), file);
            } catch (NoSuchFileException _) {
                return Optional.empty();
            }
        }

        private Optional<String> fileKey(EnvVar.FileKey wanted) throws IOException {
            String file = "file \"" + wanted.path() + "\" of volume \"" + wanted.volume() + "\"";
            Optional<String> text = read(wanted, file);
            if (text.isEmpty() && !wanted.optional()) {
                throw new IOException(
                        "environment variable key \"" + wanted.key() + "\" not found: " + file + " does not exist");
            }
            Optional<String> value = text.isEmpty() ? text : EnvFile.value(text.get(), wanted.key(), file);
            if (value.isEmpty() && !wanted.optional()) {
                throw new IOException("environment variable key \"" + wanted.key() + "\" not found in " + file);
            }
            return value;
        }
    }
}
