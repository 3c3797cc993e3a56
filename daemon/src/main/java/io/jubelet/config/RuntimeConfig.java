/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import static io.jubelet.config.Settings.CLUSTER_DNS;
import static io.jubelet.config.Settings.CLUSTER_DOMAIN;
import static io.jubelet.config.Settings.CONTAINER_LOG_MAX_FILES;
import static io.jubelet.config.Settings.CONTAINER_LOG_MAX_SIZE;
import static io.jubelet.config.Settings.CONTAINER_LOG_MONITOR_INTERVAL;
import static io.jubelet.config.Settings.CONTAINER_RUNTIME_ENDPOINT;
import static io.jubelet.config.Settings.IMAGE_SERVICE_ENDPOINT;
import static io.jubelet.config.Settings.MAXIMUM_DEAD_CONTAINERS;
import static io.jubelet.config.Settings.MAXIMUM_DEAD_CONTAINERS_PER_CONTAINER;
import static io.jubelet.config.Settings.MAX_CONTAINER_RESTART_PERIOD;
import static io.jubelet.config.Settings.MINIMUM_CONTAINER_TTL_DURATION;
import static io.jubelet.config.Settings.POD_LOGS_DIR;
import static io.jubelet.config.Settings.RESOLV_CONF;
import static io.jubelet.config.Settings.ROOT_DIR;
import static io.jubelet.config.Settings.RUNTIME_REQUEST_TIMEOUT;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The container runtime, and how containers are run.
 *
 * @param endpoint {@code unix://} and an absolute path, or {@link #SIMULATED}
 * @param imageEndpoint of the image service, like {@code endpoint}
 * @param requestTimeout deadline of a call to the runtime
 * @param logs the log files of containers
 * @param maxRestartPeriod upper bound of the crash-loop back-off
 * @param deadContainers how many containers are kept that have ended
 * @param dns how pods resolve names
 * @param images how images are pulled and removed
 */
public record RuntimeConfig(
        String endpoint,
        String imageEndpoint,
        Duration requestTimeout,
        Logs logs,
        Duration maxRestartPeriod,
        DeadContainers deadContainers,
        Dns dns,
        ImageConfig images) {

    /** The endpoint of the simulated runtime. */
    public static final String SIMULATED = "simulated:";

    /**
     * The log files of containers.
     *
     * @param directory absolute
     * @param maxSize size in bytes at which a log is rotated; the largest number: never
     * @param maxFiles how many files a container keeps, the one in use included; at least 2
     * @param monitorInterval how often sizes are checked
     */
    public record Logs(Path directory, long maxSize, int maxFiles, Duration monitorInterval) {}

    /**
     * How many containers are kept that have ended.
     *
     * @param minimumAge before which none is removed
     * @param perContainer instances of each container besides the newest; negative: all
     * @param total instances on the node; negative: no limit
     */
    public record DeadContainers(Duration minimumAge, int perContainer, int total) {}

    /**
     * How pods resolve names.
     *
     * @param clusterServers addresses of the name servers of the cluster; may be empty
     * @param clusterDomain the domain of the cluster; empty: none
     * @param resolvConf the file that pods inherit from; empty: none
     */
    public record Dns(List<String> clusterServers, Optional<String> clusterDomain, Optional<Path> resolvConf) {
        public Dns {
            clusterServers = List.copyOf(clusterServers);
        }
    }

    private static final Duration MILLISECOND = Duration.ofMillis(1);
    private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);
    private static final Duration SHORTEST_RESTART_PERIOD = Duration.ofSeconds(1);
    private static final Duration LONGEST_RESTART_PERIOD = Duration.ofSeconds(300);
    private static final String UNIX = "unix:///";

    /** Whether the runtime is simulated. */
    public boolean isSimulated() {
        return endpoint.startsWith(SIMULATED);
    }

    static RuntimeConfig read(SettingReader settings) {
        String endpoint = endpoint(settings, CONTAINER_RUNTIME_ENDPOINT);
        return new RuntimeConfig(
                endpoint,
                settings.text(IMAGE_SERVICE_ENDPOINT).isPresent()
                        ? endpoint(settings, IMAGE_SERVICE_ENDPOINT)
                        : endpoint,
                settings.period(RUNTIME_REQUEST_TIMEOUT),
                new Logs(
                        logDirectory(settings, endpoint),
                        settings.size(CONTAINER_LOG_MAX_SIZE),
                        settings.integer(CONTAINER_LOG_MAX_FILES, 2, Integer.MAX_VALUE),
                        settings.duration(CONTAINER_LOG_MONITOR_INTERVAL, MILLISECOND, FOREVER)),
                settings.duration(MAX_CONTAINER_RESTART_PERIOD, SHORTEST_RESTART_PERIOD, LONGEST_RESTART_PERIOD),
                new DeadContainers(
                        settings.durationOrZero(MINIMUM_CONTAINER_TTL_DURATION),
                        settings.integer(MAXIMUM_DEAD_CONTAINERS_PER_CONTAINER, Integer.MIN_VALUE, Integer.MAX_VALUE),
                        settings.integer(MAXIMUM_DEAD_CONTAINERS, Integer.MIN_VALUE, Integer.MAX_VALUE)),
                dns(settings),
                ImageConfig.read(settings));
    }

    private static String endpoint(SettingReader settings, Setting setting) {
        String endpoint = settings.text(setting).orElse("");
        if (!endpoint.startsWith(SIMULATED) && !(endpoint.startsWith(UNIX) && endpoint.length() > UNIX.length())) {
            settings.error(setting, "must be unix:// and an absolute path, but is \"" + endpoint + "\"");
        }
        return endpoint;
    }

    /** A user who tries the simulation out might not be root, and then cannot write to /var/log. */
    private static Path logDirectory(SettingReader settings, String endpoint) {
        Optional<Path> given = settings.absolutePath(POD_LOGS_DIR);
        if (given.isPresent()) {
            return given.get();
        }
        return settings.inEffect(
                POD_LOGS_DIR,
                endpoint.equals(SIMULATED)
                        ? Path.of(settings.text(ROOT_DIR).orElseThrow(), "logs")
                        : Path.of("/var/log/pods"));
    }

    private static Dns dns(SettingReader settings) {
        List<String> servers = settings.texts(CLUSTER_DNS);
        for (String server : servers) {
            try {
                InetAddress.ofLiteral(server);
            } catch (IllegalArgumentException _) {
                settings.error(CLUSTER_DNS, "\"" + server + "\" is not an IP address");
            }
        }
        Optional<String> domain = settings.text(CLUSTER_DOMAIN);
        if (domain.isPresent() && !NodeConfig.isDnsSubdomain(domain.get())) {
            settings.error(CLUSTER_DOMAIN, "must be a DNS name such as cluster.local, but is \"" + domain.get() + "\"");
        }
        String resolvConf = settings.textOrEmpty(RESOLV_CONF);
        return new Dns(servers, domain, resolvConf.isEmpty() ? Optional.empty() : Optional.of(Path.of(resolvConf)));
    }
}
