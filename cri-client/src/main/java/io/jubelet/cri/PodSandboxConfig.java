package io.jubelet.cri;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Everything the runtime needs to make a pod sandbox.
 *
 * @param hostname name inside the sandbox; empty for host network
 * @param logDirectory where the log files of the containers go; empty for none
 * @param dnsConfig null when absent
 * @param labels what lists can filter on
 * @param annotations free text, stored and given back unchanged
 * @param linux null on other systems
 * @param windows null on other systems
 */
public record PodSandboxConfig(
        PodSandboxMetadata metadata,
        String hostname,
        String logDirectory,
        DNSConfig dnsConfig,
        List<PortMapping> portMappings,
        Map<String, String> labels,
        Map<String, String> annotations,
        LinuxPodSandboxConfig linux,
        WindowsPodSandboxConfig windows) {
    public PodSandboxConfig {
        Objects.requireNonNull(metadata, "metadata");
        Objects.requireNonNull(hostname, "hostname");
        Objects.requireNonNull(logDirectory, "logDirectory");
        portMappings = List.copyOf(portMappings);
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
    }

    /** A builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder with everything set as here. */
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

    /** Name resolution inside the sandbox. */
    public record DNSConfig(List<String> servers, List<String> searches, List<String> options) {
        public DNSConfig {
            servers = List.copyOf(servers);
            searches = List.copyOf(searches);
            options = List.copyOf(options);
        }
    }

    /**
     * A port of the host led to a port of the sandbox.
     *
     * @param hostIp the address to listen on; empty for all
     */
    public record PortMapping(Protocol protocol, int containerPort, int hostPort, String hostIp) {
        public PortMapping {
            Objects.requireNonNull(protocol, "protocol");
            Objects.requireNonNull(hostIp, "hostIp");
        }
    }

    /** Builds a {@link PodSandboxConfig}: one setter per component; what is not set is zero, empty or null. */
    public static final class Builder {
        private PodSandboxMetadata metadata;
        private String hostname = "";
        private String logDirectory = "";
        private DNSConfig dnsConfig;
        private List<PortMapping> portMappings = List.of();
        private Map<String, String> labels = Map.of();
        private Map<String, String> annotations = Map.of();
        private LinuxPodSandboxConfig linux;
        private WindowsPodSandboxConfig windows;

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

        public Builder dnsConfig(DNSConfig value) {
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

        public Builder linux(LinuxPodSandboxConfig value) {
            this.linux = value;
            return this;
        }

        public Builder windows(WindowsPodSandboxConfig value) {
            this.windows = value;
            return this;
        }

        public PodSandboxConfig build() {
            return new PodSandboxConfig(
                    metadata, hostname, logDirectory, dnsConfig, portMappings, labels, annotations, linux, windows);
        }
    }
}
