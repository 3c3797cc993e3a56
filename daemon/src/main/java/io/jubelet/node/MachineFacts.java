/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The facts about the machine in a Node object, by field of v1 NodeSystemInfo. */
public final class MachineFacts {

    private MachineFacts() {}

    /**
     * Reads the facts. A fact that cannot be read is empty, because the API requires every field.
     */
    public static Map<String, String> read() {
        return read(Path.of("/"));
    }

    static Map<String, String> read(Path root) {
        Map<String, String> facts = new HashMap<>();
        facts.put("machineID", text(root.resolve("etc/machine-id")));
        facts.put("systemUUID", text(root.resolve("sys/class/dmi/id/product_uuid")));
        facts.put("bootID", text(root.resolve("proc/sys/kernel/random/boot_id")));
        facts.put("kernelVersion", text(root.resolve("proc/sys/kernel/osrelease")));
        facts.put("osImage", osImage(text(root.resolve("etc/os-release"))));
        facts.put("operatingSystem", "linux");
        facts.put("architecture", architecture());
        facts.put("kubeProxyVersion", "");
        return facts;
    }

    /** The architecture as Go and container images name it. */
    public static String architecture() {
        String machine = System.getProperty("os.arch");
        return switch (machine) {
            case "x86_64" -> "amd64";
            case "aarch64" -> "arm64";
            default -> machine;
        };
    }

    private static String osImage(String release) {
        for (String line : release.split("\n")) {
            if (line.startsWith("PRETTY_NAME=")) {
                return line.substring("PRETTY_NAME=".length()).replace("\"", "");
            }
        }
        return "Linux";
    }

    private static String text(Path path) {
        try {
            return Files.readString(path).strip();
        } catch (IOException _) {
            return "";
        }
    }
}
