/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a pod sandbox.
 *
 * @param hostname the hostname in the sandbox; empty for host network
 * @param logDirectory the directory for the log files of the containers; empty for no logs
 * @param dnsConfig null if not set
 * @param labels the labels by which lists can be filtered
 * @param annotations arbitrary metadata, which the runtime stores and returns unchanged
 * @param linux null on other operating systems
 * @param windows null on other operating systems
 */
public record PodSandboxConfig(
        PodSandboxMetadata metadata,
        String hostname,
        String logDirectory,
        @Nullable DNSConfig dnsConfig,
        List<PortMapping> portMappings,
        Map<String, String> labels,
        Map<String, String> annotations,
        @Nullable LinuxPodSandboxConfig linux,
        @Nullable WindowsPodSandboxConfig windows) {
    public PodSandboxConfig {
        Objects.requireNonNull(metadata, "metadata");
        Objects.requireNonNull(hostname, "hostname");
        Objects.requireNonNull(logDirectory, "logDirectory");
        portMappings = List.copyOf(portMappings);
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
    }

    /** Returns a builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns a builder with the values of this record. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.metadata = metadata;
        builder.hostname = hostname;
        builder.logDirectory = logDirectory;
        builder.dnsConfig = dnsConfig;
        builder.portMappings = portMappings;
        builder.labels = labels;
        builder.annotations = annotations;
        builder.linux = linux;
        builder.windows = windows;
        return builder;
    }

    /** The DNS configuration of the sandbox. */
    public record DNSConfig(List<String> servers, List<String> searches, List<String> options) {
        public DNSConfig {
            servers = List.copyOf(servers);
            searches = List.copyOf(searches);
            options = List.copyOf(options);
        }
    }

    /**
     * Forwards a port of the host to a port of the sandbox.
     *
     * @param hostPort 0 for no port of the host
     * @param hostIp the address to listen on; empty for all addresses
     */
    public record PortMapping(Protocol protocol, int containerPort, int hostPort, String hostIp) {
        public PortMapping {
            Objects.requireNonNull(protocol, "protocol");
            Objects.requireNonNull(hostIp, "hostIp");
        }
    }

    /** Builds a {@link PodSandboxConfig}. A component that is not set is zero, empty or null. */
    public static final class Builder {
        private @Nullable PodSandboxMetadata metadata;
        private String hostname = "";
        private String logDirectory = "";
        private @Nullable DNSConfig dnsConfig;
        private List<PortMapping> portMappings = List.of();
        private Map<String, String> labels = Map.of();
        private Map<String, String> annotations = Map.of();
        private @Nullable LinuxPodSandboxConfig linux;
        private @Nullable WindowsPodSandboxConfig windows;

        private Builder() {}

        public Builder metadata(PodSandboxMetadata value) {
            this.metadata = value;
            return this;
        }

        public Builder hostname(String value) {
            this.hostname = value;
            return this;
        }

        public Builder logDirectory(String value) {
            this.logDirectory = value;
            return this;
        }

        public Builder dnsConfig(@Nullable DNSConfig value) {
            this.dnsConfig = value;
            return this;
        }

        public Builder portMappings(List<PortMapping> value) {
            this.portMappings = value;
            return this;
        }

        public Builder labels(Map<String, String> value) {
            this.labels = value;
            return this;
        }

        public Builder annotations(Map<String, String> value) {
            this.annotations = value;
            return this;
        }

        public Builder linux(@Nullable LinuxPodSandboxConfig value) {
            this.linux = value;
            return this;
        }

        public Builder windows(@Nullable WindowsPodSandboxConfig value) {
            this.windows = value;
            return this;
        }

        public PodSandboxConfig build() {
            return new PodSandboxConfig(
                    Objects.requireNonNull(metadata, "metadata"),
                    hostname,
                    logDirectory,
                    dnsConfig,
                    portMappings,
                    labels,
                    annotations,
                    linux,
                    windows);
        }
    }
}
