/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import static io.jubelet.config.Settings.ADOPT_KUBELET_PODS;
import static io.jubelet.config.Settings.API_ADMIN_GROUP;
import static io.jubelet.config.Settings.API_SOCKET;
import static io.jubelet.config.Settings.FILE_CHECK_FREQUENCY;
import static io.jubelet.config.Settings.HOSTNAME_OVERRIDE;
import static io.jubelet.config.Settings.LOCAL_CONFIG;
import static io.jubelet.config.Settings.MANIFEST_NAMES;
import static io.jubelet.config.Settings.NODE_IP;
import static io.jubelet.config.Settings.POD_MANIFEST_PATH;
import static io.jubelet.config.Settings.ROOT_DIR;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Which node this is, where its manifests are, and where the daemon keeps its files.
 *
 * @param name a DNS subdomain in lower case
 * @param addresses the primary one first; empty: those of the host
 * @param labels besides those that every node has
 * @param manifests the manifest directory
 * @param rootDir where the daemon keeps the directories of pods and its own state; absolute
 * @param apiSocket the Unix socket of the local API
 * @param apiAdminGroup the group whose members may act in pods by the local API, as root may
 * @param adoptKubeletPods whether static pods that a kubelet started are taken over
 */
public record NodeConfig(
        String name,
        List<InetAddress> addresses,
        Map<String, String> labels,
        Manifests manifests,
        Path rootDir,
        Path apiSocket,
        Optional<String> apiAdminGroup,
        boolean adoptKubeletPods) {

    /**
     * The manifest directory.
     *
     * @param path a directory, or one manifest; absolute
     * @param checkFrequency how often it is read again without an event
     * @param localConfig whether ConfigMaps and Secrets may be among the manifests, and pods may refer to them
     * @param anyName whether files of any name are manifests, as for a kubelet, and not only those with a known suffix
     */
    public record Manifests(Path path, Duration checkFrequency, boolean localConfig, boolean anyName) {}

    public NodeConfig {
        addresses = List.copyOf(addresses);
        labels = Map.copyOf(labels);
    }

    /** Where the last good content of manifests is kept. */
    public Path manifestStore() {
        return rootDir.resolve("manifests");
    }

    /**
     * @param hostname of this machine, the default of the node's name
     */
    static NodeConfig read(SettingReader settings, String hostname) {
        String name = settings.text(HOSTNAME_OVERRIDE).orElse(hostname).strip().toLowerCase(Locale.ROOT);
        if (!isDnsSubdomain(name)) {
            settings.error(
                    HOSTNAME_OVERRIDE,
                    "the node name \"" + name
                            + "\" must be letters, digits, '-' and '.', beginning and ending with a letter or digit");
        }
        return new NodeConfig(
                name,
                addresses(settings),
                NodeLabels.parse(settings),
                new Manifests(
                        settings.path(POD_MANIFEST_PATH).orElseThrow().normalize(),
                        settings.period(FILE_CHECK_FREQUENCY),
                        settings.flag(LOCAL_CONFIG),
                        anyName(settings)),
                settings.absolutePath(ROOT_DIR).orElseThrow(),
                Path.of(settings.text(API_SOCKET).orElse(Settings.DEFAULT_API_SOCKET)),
                settings.text(API_ADMIN_GROUP),
                settings.flag(ADOPT_KUBELET_PODS));
    }

    private static boolean anyName(SettingReader settings) {
        String names = settings.text(MANIFEST_NAMES).orElseThrow();
        if (!names.equals("kubelet") && !names.equals("yaml")) {
            settings.error(MANIFEST_NAMES, "must be kubelet or yaml, but is \"" + names + "\"");
        }
        return names.equals("kubelet");
    }

    private static List<InetAddress> addresses(SettingReader settings) {
        List<InetAddress> addresses = new ArrayList<>();
        for (String text : settings.texts(NODE_IP)) {
            try {
                addresses.add(InetAddress.ofLiteral(text));
            } catch (IllegalArgumentException _) {
                settings.warn(NODE_IP, "\"" + text + "\" is not an IP address, and is ignored as by the kubelet");
            }
        }
        if (addresses.size() > 2) {
            settings.error(NODE_IP, "must be at most two addresses");
        } else if (addresses.size() == 2
                && addresses.get(0).getClass() == addresses.get(1).getClass()) {
            settings.error(NODE_IP, "two addresses must be one of IPv4 and one of IPv6");
        }
        return addresses;
    }

    /** Whether a name is one by RFC 1123, as the API demands of names of nodes. */
    static boolean isDnsSubdomain(String name) {
        return name.length() <= 253 && name.matches("[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");
    }
}
