/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * The drop-in for a node of kubeadm, with the files that {@code kubeadm init phase kubelet-start} of 1.36 writes, and with flags of
 * the administrator that repeat some of kubeadm's.
 */
class KubeadmDropInTest {

    private static final Path DROP_IN = Path.of("../systemd/jubelet.service.d/20-kubeadm.conf.example");
    private static final String KUBEADM_FLAGS = "/var/lib/kubelet/kubeadm-flags.env";
    private static final String KUBELET_CONFIG = "/var/lib/kubelet/config.yaml";
    private static final String ADMINISTRATOR = """
            # as Debian's package has it
            KUBELET_EXTRA_ARGS=--node-ip=192.0.2.11 --v 4 --port=10250 --hostname-override=node1.example
            """;

    private final Map<String, String> environment = new HashMap<>();
    private List<String> words = List.of();

    @Test
    void theFlagsOfTheAdministratorWinOverThoseOfKubeadm() throws IOException {
        readDropIn(Map.of(KUBEADM_FLAGS, resource("kubeadm-flags.env"), "/etc/default/kubelet", ADMINISTRATOR));
        FlagParser.Result result = FlagParser.parse(words);
        assertEquals(List.of(), result.problems());
        assertTrue(result.isRunnable());
        assertEquals(Optional.of(KUBELET_CONFIG), result.flags().value(Settings.CONFIG));
        LoadedConfig loaded = LoadedConfig.parse(
                result.flags(),
                resource("kubeadm-kubelet.yaml").getBytes(StandardCharsets.UTF_8),
                Path.of(KUBELET_CONFIG),
                Configs.HOSTNAME);
        assertEquals(List.of(), loaded.errors());
        assertEquals(List.of(), loaded.warnings());
        DaemonConfig config = loaded.config();
        assertEquals("node1.example", config.node().name());
        assertEquals(List.of(InetAddress.ofLiteral("192.0.2.11")), config.node().addresses());
        assertEquals(4, result.flags().verbosity());
        assertEquals(
                Path.of("/etc/kubernetes/manifests"), config.node().manifests().path());
        assertEquals("unix:///run/containerd/containerd.sock", config.runtime().endpoint());
        assertEquals(List.of("10.96.0.10"), config.runtime().dns().clusterServers());
        assertEquals(10250, config.listeners().kubelet().port());
        assertEquals(10248, config.listeners().health().port());
        assertEquals(Path.of("/var/lib/kubelet/pki"), config.listeners().certDir());
        assertEquals(
                Optional.of(Path.of("/etc/kubernetes/pki/ca.crt")),
                config.listeners().access().clientCa());
        assertEquals(
                Optional.of(Path.of("/etc/kubernetes/kubelet.conf")),
                config.cluster().kubeconfig());
        assertEquals(
                Optional.of(Path.of("/etc/kubernetes/bootstrap-kubelet.conf")),
                config.cluster().bootstrapKubeconfig());
        assertTrue(config.cluster().rotateCertificates());
    }

    /** On a node that kubeadm has not reached yet. */
    @Test
    void theDropInWorksWithoutTheFilesThatItNames() throws IOException {
        readDropIn(Map.of());
        assertEquals(List.of(), FlagParser.parse(words).problems());
    }

    /**
     * Reads the drop-in as systemd does, as far as it goes: the last ExecStart counts, and {@code $NAME} becomes as many words as
     * the variable has.
     *
     * @param files the content of the files that there are, by path
     */
    private void readDropIn(Map<String, String> files) throws IOException {
        String command = "";
        for (String line : Files.readAllLines(DROP_IN)) {
            int equals = line.indexOf('=');
            String value = line.substring(equals + 1);
            switch (equals < 0 ? "" : line.substring(0, equals)) {
                case "EnvironmentFile" ->
                    files.getOrDefault(value.substring(1), "").lines().forEach(this::assign);
                case "Environment" -> assign(value.substring(1, value.length() - 1));
                case "ExecStart" -> command = value;
                default -> assertTrue(line.startsWith("#") || line.startsWith("["), line);
            }
        }
        words = new ArrayList<>();
        for (String word : command.split(" ")) {
            String expanded = word.startsWith("$") ? environment.getOrDefault(word.substring(1), "") : word;
            words.addAll(List.of(expanded.isEmpty() ? new String[0] : expanded.split(" ")));
        }
        assertEquals("/usr/local/lib/jubelet/bin/jubelet", words.removeFirst());
        assertEquals("run", words.removeFirst());
    }

    private void assign(String line) {
        if (!line.startsWith("#")) {
            int equals = line.indexOf('=');
            String value = line.substring(equals + 1);
            boolean quoted = value.startsWith("\"");
            environment.put(line.substring(0, equals), quoted ? value.substring(1, value.length() - 1) : value);
        }
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = KubeadmDropInTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
